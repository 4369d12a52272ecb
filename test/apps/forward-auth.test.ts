import { createHmac } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientSecret, StandInProcess } from "./stand-in.ts";

let gate: StandInProcess;
beforeAll(async () => {
  gate = await (await StandInProcess.prepare("forward-auth")).ready();
});
afterAll(() => gate?.dispose());

/** A role of rule SprocketAdmin, and one of no other rule than EloTeam, in the template. */
const admin = "100000000000000001";
const elo = "100000000000000023";

function cookie(roles: string[], { key = clientSecret, until = Date.now() / 1_000 + 600 } = {}): string {
  const body = Buffer.from(JSON.stringify({ user: "200000000000000001", roles, until })).toString("base64url");
  return `other=1; sprocket_fa=${body}.${createHmac("sha256", key).update(body).digest("base64url")}`;
}

async function login(rule: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(gate.url(`/login${rule === "" ? "" : `?rule=${rule}`}`), { headers, redirect: "manual" });
}

test("a stranger is sent to Discord with our client id, callback and state", async () => {
  const answer = await login("SprocketAdmin");
  expect(answer.status).toBe(302);
  const target = new URL(answer.headers.get("location") ?? "");
  expect(target.origin + target.pathname).toBe("https://discord.test/oauth2/authorize");
  expect(target.searchParams.get("client_id")).toBe("900000000000000001");
  expect(target.searchParams.get("redirect_uri")).toBe("https://fa.sprocket.test/login");
  expect(target.searchParams.get("state")).toMatch(/^[\w-]+\.[\w-]+$/);
});

test.each(["SprocketAdmin", "SprocketStaff", "SprocketDeveloper", "AlphaTesters", "EloTeam"])("rule %s exists", async (rule) => {
  expect((await login(rule)).status).toBe(302);
});

test("a user with a role of the rule passes, one without does not", async () => {
  expect((await login("SprocketAdmin", { cookie: cookie([admin]) })).status).toBe(200);
  expect((await login("SprocketAdmin", { cookie: cookie([elo]) })).status).toBe(403);
  expect((await login("EloTeam", { cookie: cookie([elo]) })).status).toBe(200);
});

test("a session that is forged, changed or over counts as none", async () => {
  const changed = cookie([elo]).replace(/sprocket_fa=[^.]+/, cookie([admin]).match(/sprocket_fa=[^.]+/)?.[0] ?? "");
  for (const session of [
    cookie([admin], { key: "another" }),
    cookie([admin], { until: 1 }),
    changed,
    "sprocket_fa=x.y",
    "sprocket_fa=",
  ]) {
    expect((await login("SprocketAdmin", { cookie: session })).status, session).toBe(302);
  }
});

test("an unknown rule is refused, with and without a session", async () => {
  for (const rule of ["Nobody", "", "constructor"]) {
    expect((await login(rule)).status).toBe(403);
    expect((await login(rule, { cookie: cookie([admin]) })).status).toBe(403);
  }
});

test("it does not start without the client secret", async () => {
  const broken = await StandInProcess.prepare("forward-auth", { environment: { CLIENT_SECRET: "" } });
  broken.start();
  expect(await broken.exitCode()).toBe(1);
  await broken.dispose();
});
