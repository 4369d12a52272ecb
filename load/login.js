// A visitor who logs in: the home page, the login page it sends to, the API as that page's code asks it; and, where GATEKEEPER_URL says where it is (https://fa.…), forward-auth, which sends a
// stranger to the provider with a state of its own. The provider itself is no part of Sprocket.
import http from "k6/http";
import { ask } from "./api.js";
import { api, flow, handleSummary, optionsFor, page, setting, steadily } from "./common.js";
import { get, isLoginPage, sendsToLogin } from "./pages.js";

const gatekeeper = setting("GATEKEEPER_URL", "").replace(/\/+$/, "");
const rule = setting("GATEKEEPER_RULE", "SprocketAdmin");

export const options = optionsFor(
  // Three or four requests each.
  { login: steadily({ rate: 100, duration: "60s" }) },
  { "": page, "step:home": page, "step:page": page, "step:api": api, ...(gatekeeper ? { "step:gatekeeper": page } : {}) },
);
export { handleSummary };

export default () =>
  flow((verify) => {
    if (!verify(get("/", { step: "home" }), sendsToLogin)) return;
    if (!verify(get("/auth/login", { step: "page" }), isLoginPage)) return;
    verify(ask("{ __typename }", { step: "api" }), { "the API answers the page": ({ data }) => data?.__typename === "Query" });
    if (!gatekeeper) return;
    const asked = http.get(`${gatekeeper}/login?rule=${rule}`, { redirects: 0, tags: { step: "gatekeeper" }, timeout: "5s" });
    verify(asked, {
      "forward-auth sends a stranger to the provider": ({ status, headers }) =>
        status === 302 && /[?&]state=/.test(headers.Location ?? "") && /[?&]redirect_uri=/.test(headers.Location ?? ""),
    });
  });
