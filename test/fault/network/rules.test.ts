import { describe, expect, it } from "vitest";
import { drop, lose, proxyPorts, redirect, resetOthers, silenceDns } from "../../../src/fault/network/rules.ts";

const lines = (text: string) => text.split("\n");

it("a chain is the fault's own, hooked in only when it is whole, and all in one transaction", () => {
  expect(lines(drop(7, ["10.0.1.2"]))).toEqual([
    "*filter",
    ":SRF7 - [0:0]",
    "-A SRF7 -d 10.0.1.2 -j DROP",
    "-A SRF7 -s 10.0.1.2 -j DROP",
    "-I INPUT 1 -j SRF7",
    "-I OUTPUT 1 -j SRF7",
    "COMMIT",
  ]);
});

it("with a port only that port's connections are dropped, both ways", () => {
  expect(lines(drop(7, ["10.0.1.2"], 6379)).slice(2, 4)).toEqual([
    "-A SRF7 -d 10.0.1.2 -p tcp --dport 6379 -j DROP",
    "-A SRF7 -s 10.0.1.2 -p tcp --sport 6379 -j DROP",
  ]);
});

describe("a proxy", () => {
  const far = { port: 6379, addresses: ["10.0.1.2", "10.0.1.9"] };

  it("gets what goes to any address of the edge, and never what it or an earlier one sends itself", () => {
    expect(lines(redirect(12, far)).slice(0, 6)).toEqual([
      "*nat",
      ":SRF12 - [0:0]",
      "-A SRF12 -m owner --uid-owner 61000-61012 -j RETURN",
      "-A SRF12 -p tcp -d 10.0.1.2 --dport 6379 -j REDIRECT --to-ports 28024",
      "-A SRF12 -p tcp -d 10.0.1.9 --dport 6379 -j REDIRECT --to-ports 28024",
      "-I OUTPUT 1 -j SRF12",
    ]);
  });

  it("spares connections through itself and through later ones, and resets all others, earlier proxies' too", () => {
    const rules = lines(resetOthers(12, far)).filter((line) => line.includes("REJECT"));
    expect(rules).toHaveLength(2);
    expect(rules[0]).toBe(
      "-A SRF12 -p tcp ! --dport 28024:32767 -m conntrack --ctorigdstport 6379 --ctdir ORIGINAL --ctorigdst 10.0.1.2 -j REJECT --reject-with tcp-reset",
    );
    expect(proxyPorts(11).listen).toBeLessThan(28024);
    expect(proxyPorts(13).listen).toBeGreaterThan(28024);
  });
});

describe("loss", () => {
  it("is by chance, of everything but what a task says to itself", () => {
    expect(lines(lose(3, 12.5, [])).slice(2, 4)).toEqual([
      "-A SRF3 -m addrtype --src-type LOCAL --dst-type LOCAL -j RETURN",
      "-A SRF3 -m statistic --mode random --probability 0.125000 -j DROP",
    ]);
  });

  it("with one other is of what goes to it and comes from it", () => {
    const rules = lines(lose(3, 100, ["10.0.1.2"])).filter((line) => line.includes("statistic"));
    expect(rules.map((rule) => rule.split(" ").slice(2, 4).join(" "))).toEqual(["-d 10.0.1.2", "-s 10.0.1.2"]);
    expect(rules[0]).toContain("--probability 1.000000");
  });
});

it("name servers are silenced or refuse, over both protocols", () => {
  const verdicts = (how: "dropped" | "refused") =>
    lines(silenceDns(1, how))
      .filter((line) => line.includes("127.0.0.11"))
      .map((line) => line.split("-j ")[1]);
  expect(verdicts("dropped")).toEqual(["DROP", "DROP"]);
  expect(verdicts("refused")).toEqual(["REJECT --reject-with icmp-port-unreachable", "REJECT --reject-with tcp-reset"]);
});
