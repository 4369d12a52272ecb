// Sprocket's own traffic for an hour: what leaks, fills up or slows down shows in the second half.
import exec from "k6/execution";
import { askTypename } from "./api.js";
import { api, handleSummary, optionsFor, steadily } from "./common.js";

export const options = optionsFor(
  { soak: steadily({ rate: 350, duration: "1h" }) },
  { "": api, "half:first": api, "half:second": api },
);
export { handleSummary };
export default () => askTypename({ half: exec.scenario.progress < 0.5 ? "first" : "second" });
