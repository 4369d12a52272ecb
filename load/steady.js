// Sprocket's own traffic: 350 requests a minute (OPERATIONS_RUNBOOK.md, "normal" sample).
import { askTypename } from "./api.js";
import { api, handleSummary, optionsFor, steadily } from "./common.js";

export const options = optionsFor({ steady: steadily({ rate: 350, duration: "60s" }) }, { "": api });
export { handleSummary };
export default () => askTypename();
