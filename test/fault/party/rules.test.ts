import { describe, expect, it } from "vitest";
import { kindOf } from "../../../src/fault/kinds.ts";
import { redirection } from "../../../src/fault/party/interpose.ts";
import { refusal } from "../../../src/fault/party/refuses.ts";
import { firstAnswerMs, holding } from "../../../src/fault/party/slow.ts";
import type { Sample } from "../../../src/history/sample.ts";
import type { Replica } from "../../../src/replica/up.ts";

describe("rules in a party's network namespace", () => {
  it("refuse both protocols on every port, and leave loopback alone", () => {
    const rules = refusal("sr-1", [443, 14000]);
    expect(rules).toContain("table inet sr-1 {");
    expect(rules).toContain("tcp dport { 443, 14000 } reject with tcp reset;");
    expect(rules).toContain("udp dport { 443, 14000 } reject with icmpx type port-unreachable;");
    expect(rules.indexOf('iifname "lo" accept')).toBeLessThan(rules.indexOf("reject"));
  });

  it("lead new connections to who stands there, and reset those from before", () => {
    const rules = redirection("sr-1", [{ port: 443, own: 20_001 }]);
    expect(rules).toContain('iifname != "lo" tcp dport 443 redirect to :20001;');
    expect(rules).toContain('iifname != "lo" tcp dport 443 reject with tcp reset;');
  });

  it("hold back what leaves the ports, in a chain of the fault's own, and let it pass when nobody reads the queue", () => {
    const lines = holding("sr-1", 77, [53]).split("\n");
    expect(lines).toContain("iptables -w -N sr-1");
    const held = lines.filter((line) => line.endsWith("-j NFQUEUE --queue-num 77 --queue-bypass"));
    expect(held.map((line) => line.replace(/^iptables -w -A sr-1 ! -o lo | -j .*$/g, ""))).toEqual([
      "-p tcp --tcp-flags RST NONE -m multiport --sports 53",
      "-p udp -m multiport --sports 53",
      "-p tcp --tcp-flags RST NONE -m conntrack --ctorigdstport 53 --ctdir REPLY",
    ]);
    // Last, so that it takes hold at once and whole.
    expect(lines.at(-1)).toBe("iptables -w -I OUTPUT -j sr-1");
  });
});

describe("until the first packet came back", () => {
  const sample = (fields: object) => ({ due: 0, sent: 1_000_000, done: 9_000_000, phases: {}, ...fields }) as unknown as Sample;

  it("is connecting over TCP", () => {
    expect(firstAnswerMs(sample({ probe: "postgres", phases: { connect: 3_000_000, write: 9 } }))).toBe(3);
  });
  it("is the answer itself of DNS", () => {
    expect(firstAnswerMs(sample({ probe: "dns", response: {} }))).toBe(8);
  });
  it("is nothing where nothing came", () => {
    expect(firstAnswerMs(sample({ probe: "dns", error: { kind: "timeout", message: "" } }))).toBeUndefined();
    expect(firstAnswerMs(sample({ probe: "s3", error: { kind: "connect-timeout", message: "" } }))).toBeUndefined();
  });
});

describe("what cannot be done", () => {
  const nobody = { parties: new Map() } as unknown as Replica;
  const prepare = (fault: Parameters<typeof kindOf>[0]) => kindOf(fault).prepare(nobody, fault);

  it("says why", async () => {
    await expect(prepare({ kind: "party/gone", party: "acme", how: "off" } as never)).rejects.toThrow(/holds its root in memory/);
    await expect(prepare({ kind: "party/gone", party: "s3", how: "off" } as never)).rejects.toThrow(/no party s3/);
    await expect(prepare({ kind: "party/answers", party: "s3", status: 503, percent: 0 } as never)).rejects.toThrow(/no share/);
  });
});
