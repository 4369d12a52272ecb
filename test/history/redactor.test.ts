import { describe, expect, test } from "vitest";
import { Redactor, redactDeep } from "../../src/history/redactor.ts";

const pem =
  "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAu1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gun\nabcdefghijklmnopqrstuvwxyz012345\n-----END RSA PRIVATE KEY-----\n";

describe("a secret that was announced", () => {
  const redactor = new Redactor();
  const awkward = 'p"a\\ss\nw0rd/ü';
  redactor.add("redis/password", "sesame-open");
  redactor.add("awkward", awkward);

  test("is replaced by its name", () => {
    expect(redactor.redact("AUTH sesame-open failed")).toBe("AUTH [redacted:redis/password] failed");
  });
  test.each([
    ["once", JSON.stringify({ line: awkward })],
    ["twice", JSON.stringify(JSON.stringify({ line: awkward }))],
  ])("is met when JSON has escaped it %s", (_times, text) => {
    expect(redactor.redact(text)).not.toMatch(/ss\\+nw0rd|w0rd/);
    expect(redactor.redact(text)).toContain("[redacted:awkward]");
  });
  test("is met in a URL and in base64", () => {
    expect(redactor.redact(`/?p=${encodeURIComponent(awkward)}`)).toBe("/?p=[redacted:awkward]");
    expect(redactor.redact(Buffer.from("sesame-open").toString("base64"))).toBe("[redacted:redis/password]");
  });
  test("is taken out whole when it contains another", () => {
    const both = new Redactor();
    both.add("short", "abcd");
    both.add("long", "abcd-and-more");
    expect(both.redact("abcd-and-more abcd")).toBe("[redacted:long] [redacted:short]");
  });
  test("is met from the moment it is announced, also in a text that was seen before", () => {
    const late = new Redactor();
    expect(late.redact("a later-secret")).toBe("a later-secret");
    late.add("late", "later-secret");
    expect(late.redact("a later-secret")).toBe("a [redacted:late]");
  });
  test("is not taken when it cannot be told from ordinary text", () => {
    expect(new Redactor().add("empty", "")).toBe(false);
    expect(new Redactor().add("short", "abc")).toBe(false);
  });
  test("of several lines is met line by line, and as a list of log lines", () => {
    const key = new Redactor();
    key.add("tls", pem);
    expect(key.redact("loaded abcdefghijklmnopqrstuvwxyz012345")).toBe("loaded [redacted:tls]");
    expect(JSON.stringify(redactDeep({ log: pem.split("\n") }, key.redact))).not.toContain("MIIEpA");
  });
});

describe("a secret that nobody announced", () => {
  const { redact } = new Redactor();
  test.each([
    ["a Vault token", "token hvs.CAESIJ0123456789abcdef given", "token [redacted:vault-token] given"],
    ["an old Vault token", "s.Abcdefghijklmnopqrstuvwx", "[redacted:vault-token]"],
    ["an unseal key", "Unseal Key 1: q1w2e3r4t5+/", "Unseal Key 1: [redacted:vault-key]"],
    ["a share in hex", "ab".repeat(33), "[redacted:vault-key]"],
    ["a share in base64", `key ${"Ab1+".repeat(11)}`, "key [redacted:vault-key]"],
    ["a password in a URL", "amqp://user:pa$$w0rd@rabbit:5672/", "amqp://user:[redacted:url-password]@rabbit:5672/"],
    ["one with a slash in it", "postgres://u:pa/ss@db:25060/x", "postgres://u:[redacted:url-password]@db:25060/x"],
    ["a password without a user", "redis://:hunter2@redis", "redis://:[redacted:url-password]@redis"],
    ["a private key", `before\n${pem}after`, "before\n[redacted:private-key]\nafter"],
    ["a private key that was cut off", pem.slice(0, 60), "[redacted:private-key]"],
    ["a private key inside JSON", JSON.stringify({ key: pem }), '{"key":"[redacted:private-key]\\n"}'],
    ["a header", "authorization: Basic dXNlcjpwYXNz", "authorization: Basic [redacted:authorization]"],
    ["a header's value", "Bearer abcdef123456", "Bearer [redacted:authorization]"],
    ["a password setting", "PGPASSWORD=hunter22 psql", "PGPASSWORD=[redacted:password] psql"],
    ["a password in JSON", '{"password":"hunter22","x":1}', '{"password":"[redacted:password]","x":1}'],
  ])("%s", (_what, text, clean) => {
    expect(redact(text)).toBe(clean);
  });

  test.each([
    "https://registry:5000/traefik@sha256:0123",
    `sha256:${"0123456789abcdef".repeat(4)}`,
    "http://web:3001/graphql",
    'Basic realm="traefik"',
    "POSTGRES_PASSWORD_FILE=/run/secrets/db",
    "services.internal.example",
    "wrong password",
  ])("leaves %s alone", (text) => {
    expect(redact(text)).toBe(text);
  });

  test("is not redacted twice", () => {
    const once = redact("amqp://u:secret-1@h password=abcd1234 Unseal Key 1: abc authorization: Bearer xyz12345");
    expect(redact(once)).toBe(once);
  });

  test("is met across the lines of a log", () => {
    const clean = redactDeep({ log: ["start", ...pem.trimEnd().split("\n"), "end"] }, redact);
    expect(clean.log).toEqual(["start", "[redacted:private-key]", "end"]);
  });

  test("is met by the name of its field", () => {
    const clean = redactDeep({ root_token: "anything", unseal_keys_b64: ["a1", "b2"], password: "", keys: ["queue:1"] }, redact);
    expect(clean).toEqual({
      root_token: "[redacted:root_token]",
      unseal_keys_b64: ["[redacted:unseal_keys_b64]", "[redacted:unseal_keys_b64]"],
      password: "",
      keys: ["queue:1"],
    });
  });
});

test("redacting keeps what is no text, and changes nothing in place", () => {
  const value = { n: 1, none: null, list: [true, "s.Abcdefghijklmnopqrstuvwx"], gone: undefined };
  expect(redactDeep(value, new Redactor().redact)).toEqual({ n: 1, none: null, list: [true, "[redacted:vault-token]"] });
  expect(value.list[1]).toBe("s.Abcdefghijklmnopqrstuvwx");
});
