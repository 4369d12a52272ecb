// Ten times Sprocket's own traffic.
import { askTypename } from "./api.js";
import { api, handleSummary, optionsFor, steadily } from "./common.js";

export const options = optionsFor({ ten_times: steadily({ rate: 3500, duration: "60s" }) }, { "": api });
export { handleSummary };
export default () => askTypename();
