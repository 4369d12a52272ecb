import { check } from "../../src/check/check.ts";
import { all, condition, contains } from "../../src/check/expect.ts";
import { header, httpOf } from "../../src/check/http.ts";
import { statusIs } from "../../src/check/status.ts";
import { observation } from "../../src/probe/observation.ts";

const login = observation("platform/web", {
  tier: "platform",
  needs: ["traefik", "web"],
  effect: "observe",
  collect: async ({ target, from, poll }) => {
    await from.public.http("home", { url: target.url("web", "/") });
    // The page asks the API by its public name; the way there is a moment longer than the page's own.
    await poll({ withinMs: 10_000, everyMs: 250 }, async () => {
      const page = await from.public.http("login", { url: target.url("web", "/auth/login") });
      return page.response?.bodyText?.includes('data-api="reachable"') || page.response?.status !== 200 ? true : undefined;
    });
  },
});

check("platform/web-login", login, { title: "web sends a visitor to its login page, and shows it", service: "web" }, (seen) => {
  const home = seen.sample("home");
  const page = seen.samples("login").at(-1);
  const { response } = httpOf(home);
  const location = response && header(response, "location");
  return all([
    statusIs(home, 302),
    condition("Location", location, "is /auth/login", location === "/auth/login"),
    ...(page ? [statusIs(page, 200), contains("the login page", httpOf(page).response?.bodyText, "Sprocket login")] : []),
  ]);
});

check(
  "platform/web-reaches-api",
  login,
  { title: "web's own server reaches the API by its public name", service: "web", needs: ["core"] },
  (seen) => {
    const page = seen.samples("login").at(-1);
    const body = page && httpOf(page).response?.bodyText;
    const state = /data-api="(\w+)"/.exec(body ?? "")?.[1];
    return condition("data-api of the login page", state, "is reachable", state === "reachable");
  },
);
