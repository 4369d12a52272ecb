import { describe, expect, test } from "vitest";
import "../../../suites/layer2/postgres.ts";
import type { EventBody } from "../../../src/history/events.ts";
import type { TlsSeen } from "../../../src/history/sample.ts";
import { denied, judged, refused, saw } from "../judged.ts";

const host = "db.managed.example";
const asked = { host, databases: ["sprocket_main", "grafana"], maxConnections: 100 };
const access = saw("layer2/postgres");
const noEncryption = denied('no pg_hba.conf entry for host "10.0.0.2", no encryption', "28000");
const tls = (name = host): TlsSeen => ({
  version: "1.3",
  serverName: host,
  chain: [{ subject: name, issuer: "ca", sans: [name], notBefore: "", notAfter: "", sha256: "" }],
});

describe("layer2/postgres-refuses-without-tls", () => {
  const id = "layer2/postgres-refuses-without-tls";
  test("passes when the server says no", () => {
    expect(judged(id, [access.postgresFailed("plain", noEncryption)])).toMatchObject({ verdict: "pass" });
  });
  test("fails when a session without TLS is served, or nobody is there", () => {
    expect(judged(id, [access.postgres("plain", [["1"]])])).toMatchObject({
      verdict: "fail",
      reason: "a session without TLS is served",
    });
    expect(judged(id, [access.postgresFailed("plain", refused)]).verdict).toBe("fail");
  });
  test("is unknown when nobody asked", () => {
    expect(judged(id, []).verdict).toBe("unknown");
  });
});

describe("layer2/postgres-serves-over-tls", () => {
  const id = "layer2/postgres-serves-over-tls";
  const fact = access.fact("asked", asked);
  const over = (label: string, name?: string) => access.postgres(label, [["1"]], { tls: tls(name) });
  test("passes with a certificate of its own name", () => {
    expect(judged(id, [fact, over("require"), over("verified")])).toMatchObject({ verdict: "pass" });
  });
  test("fails without TLS, with a chain that is not trusted, and with another's certificate", () => {
    const plain = { kind: "tls", message: "server refused TLS connection" } as const;
    expect(judged(id, [fact, access.postgresFailed("require", plain), access.postgresFailed("verified", plain)])).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("sslmode=require is not served: tls: server refused TLS"),
    });
    const untrusted = { kind: "tls", message: "unknown authority" } as const;
    expect(judged(id, [fact, over("require"), access.postgresFailed("verified", untrusted)]).verdict).toBe("fail");
    expect(judged(id, [fact, over("require", "other.example"), over("verified")]).reason).toContain(`contain ${host}`);
  });
  test("is unknown when nobody asked", () => {
    expect(judged(id, [fact]).verdict).toBe("unknown");
  });
});

describe("layer2/postgres-databases", () => {
  const id = "layer2/postgres-databases";
  const fact = access.fact("asked", asked);
  const database = (name: string) => access.postgres(`database/${name}`, [[name]]);
  test("passes when each is opened", () => {
    expect(judged(id, [fact, database("sprocket_main"), database("grafana")]).verdict).toBe("pass");
  });
  test("fails when one is not there, and names it", () => {
    const missing = access.postgresFailed("database/grafana", {
      kind: "protocol",
      code: "3D000",
      message: 'database "grafana" does not exist',
    });
    expect(judged(id, [fact, database("sprocket_main"), missing])).toMatchObject({
      verdict: "fail",
      reason: 'grafana: cannot be opened: protocol: 3D000: database "grafana" does not exist',
    });
  });
  test("is unknown when one was not asked for", () => {
    expect(judged(id, [fact, database("sprocket_main")]).verdict).toBe("unknown");
    expect(judged(id, []).verdict).toBe("unknown");
  });
});

describe("layer2/postgres-cap", () => {
  const id = "layer2/postgres-cap";
  const cap = saw("layer2/postgres-cap");
  const use = (label: string, used: number, superuser = true) =>
    cap.postgres(label, [["100", "3", superuser ? "t" : "f", String(used)]]);
  const fill = (opened: number, sqlstate?: string, tookMs = 8): EventBody =>
    cap.sample("fill", {
      probe: "postgres-fill",
      due: 0,
      sent: 0,
      done: 1,
      phases: {},
      response: {
        opened,
        ...(sqlstate
          ? { refused: { sqlstate, message: "too many clients", kind: "protocol" as const, took: tookMs * 1e6 } }
          : {}),
      },
    });
  const seen = (fill: EventBody, superuser = true) => [
    cap.fact("asked", asked),
    use("before", 4, superuser),
    fill,
    use("after", 60, superuser),
    use("after", 4, superuser),
  ];
  test("passes when exactly the cap is served, less what is reserved for superusers", () => {
    expect(judged(id, seen(fill(96, "53300")))).toMatchObject({ verdict: "pass" });
    expect(judged(id, seen(fill(93, "53300"), false))).toMatchObject({ verdict: "pass" });
  });
  test("fails one beside the cap", () => {
    expect(judged(id, seen(fill(95, "53300"))).reason).toContain("sessions at once are 100 (met 95 opened beside 4 in use");
    expect(judged(id, seen(fill(96, "53300"), false)).verdict).toBe("fail");
  });
  test("fails when nobody is refused, the refusal is another one, or it takes long", () => {
    expect(judged(id, seen(fill(200))).verdict).toBe("fail");
    expect(judged(id, seen(fill(96, "57P03"))).reason).toContain("refusal is SQLSTATE 53300 (met 57P03");
    expect(judged(id, seen(fill(96, "53300", 6000))).reason).toContain("is under 5000 ms (met 6000 ms)");
  });
  test("fails when nobody is served afterwards", () => {
    const events = [...seen(fill(96, "53300")), cap.postgresFailed("after", refused)];
    expect(judged(id, events).reason).toContain("serves nobody after the sessions were closed");
  });
  test("is unknown when it was not filled, or nobody asked before", () => {
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, seen(fill(96, "53300")).toSpliced(1, 1)).verdict).toBe("unknown");
  });
});
