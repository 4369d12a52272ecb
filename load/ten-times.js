// Ten times Sprocket's own traffic.
import { ask, handleSummary, optionsFor } from "./graphql.js";

export const options = optionsFor({ RATE: "3500", TIME_UNIT: "1m", DURATION: "60s" });
export { handleSummary };
export default ask;
