import { describe, expect, test } from "vitest";
import "../../../suites/platform/web.ts";
import { judged, saw } from "../judged.ts";

const { http } = saw("platform/web");
const home = http("home", 302, "", { location: "/auth/login" });
const page = (state: string) => http("login", 200, `<body data-api="${state}"><h1>Sprocket login (stand-in)</h1></body>`);

describe("platform/web-login", () => {
  const id = "platform/web-login";
  test("passes when a visitor is led to the page", () => {
    expect(judged(id, [home, page("unreachable")]).verdict).toBe("pass");
  });
  test("fails on a bad gateway, another way, or another page", () => {
    expect(judged(id, [http("home", 502), http("login", 502)]).reason).toContain("status is 302 (met 502)");
    expect(judged(id, [http("home", 302, "", { location: "/" }), page("reachable")]).reason).toBe(
      "Location is /auth/login (met /)",
    );
    expect(judged(id, [home, http("login", 200, "hello")]).verdict).toBe("fail");
  });
  test("is unknown when nobody looked at one of them", () => {
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, [home]).verdict).toBe("unknown");
  });
});

describe("platform/web-reaches-api", () => {
  const id = "platform/web-reaches-api";
  test("goes by the last look", () => {
    expect(judged(id, [page("unreachable"), page("reachable")]).verdict).toBe("pass");
  });
  test("fails when the page says so, or there is none", () => {
    expect(judged(id, [page("unreachable")]).reason).toBe("data-api of the login page is reachable (met unreachable)");
    expect(judged(id, [http("login", 502)]).verdict).toBe("fail");
  });
  test("is unknown when nobody looked", () => {
    expect(judged(id, []).verdict).toBe("unknown");
  });
});
