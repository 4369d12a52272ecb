// Web pages: the home page, which sends a visitor on, and the login page, each at half of Sprocket's own rate.
import { flow, handleSummary, optionsFor, page, steadily } from "./common.js";
import { get, isLoginPage, sendsToLogin } from "./pages.js";

export const options = optionsFor(
  {
    home: steadily({ rate: 350, duration: "60s", exec: "home", share: 0.5 }),
    login_page: steadily({ rate: 350, duration: "60s", exec: "login", share: 0.5 }),
  },
  { "": page, "page:home": page, "page:login": page },
);
export { handleSummary };

export const home = () => flow((verify) => verify(get("/", { page: "home" }), sendsToLogin));
export const login = () => flow((verify) => verify(get("/auth/login", { page: "login" }), isLoginPage));
