// Sprocket's own traffic: 350 requests a minute (OPERATIONS_RUNBOOK.md, "normal" sample).
import { ask, handleSummary, optionsFor } from "./graphql.js";

export const options = optionsFor({ RATE: "350", TIME_UNIT: "1m", DURATION: "60s" });
export { handleSummary };
export default ask;
