import { describe, expect, it } from "vitest";
import { counted } from "../../../src/engine/sockets/counted.ts";

type Row = [from: string, to: string, protocol: string, port: number | undefined, packets: number];

const canary: Row = ["0.0.0.0", "203.0.113.254", "udp", 9, 1];
const names = ["own", "own_other", "own_six", "passing", "passing_other", "passing_six"];

/** As `nft -j` and `ip -j` print it. */
function printed(sets: Record<string, Row[]>, routes: object[] = [], have = names): string {
  const nftables = [
    { metainfo: { version: "1.0.6" } },
    { table: { family: "inet", name: "sprocket_watch" } },
    ...have.map((name) => ({
      set: {
        name,
        ...(sets[name]?.length
          ? {
              elem: sets[name].map(([from, to, protocol, port, packets]) => ({
                elem: {
                  val: { concat: port === undefined ? [from, to, protocol] : [from, to, protocol, port] },
                  counter: { packets, bytes: packets * 60 },
                },
              })),
            }
          : {}),
      },
    })),
    { chain: { name: "output" } },
  ];
  return `${JSON.stringify({ nftables })}\n${JSON.stringify(routes)}\n`;
}

describe("what the kernel counted", () => {
  it("is put together by destination, and tells whence", () => {
    const seen = counted(
      printed({
        own: [canary, ["10.1.1.5", "10.1.1.2", "tcp", 443, 3]],
        own_six: [["::1", "2001:db8::1", "tcp", undefined, 1]],
        passing: [
          ["172.18.0.7", "192.0.2.1", "tcp", 443, 2],
          ["172.18.0.4", "192.0.2.1", "tcp", 443, 5],
          ["172.18.0.4", "192.0.2.1", "udp", 53, 1],
        ],
        passing_other: [["172.18.0.4", "10.1.1.9", "icmp", undefined, 1]],
      }),
    );
    expect(seen).toEqual({
      own: [
        { address: "10.1.1.2", protocol: "tcp", port: 443, packets: 3, from: ["10.1.1.5"] },
        { address: "2001:db8::1", protocol: "tcp", packets: 1, from: ["::1"] },
      ],
      passing: [
        { address: "10.1.1.9", protocol: "icmp", packets: 1, from: ["172.18.0.4"] },
        { address: "192.0.2.1", protocol: "tcp", port: 443, packets: 7, from: ["172.18.0.4", "172.18.0.7"] },
        { address: "192.0.2.1", protocol: "udp", port: 53, packets: 1, from: ["172.18.0.4"] },
      ],
      wayOut: false,
    });
    expect(counted(printed({ own: [canary] }, [{ dst: "default", gateway: "10.1.1.1" }])).wayOut).toBe(true);
  });

  it("is nothing without the proof that it counts, without a set, or where a set was full", () => {
    expect(() => counted(printed({}))).toThrow("trial packet is missing");
    expect(() => counted(printed({ own: [canary] }, [], names.slice(0, 3)))).toThrow("no set passing");
    const full = Array.from(
      { length: 65_535 },
      (_, index): Row => ["10.0.0.1", `10.1.${index >> 8}.${index & 255}`, "tcp", 1, 1],
    );
    expect(() => counted(printed({ own: [canary], passing: full }))).toThrow("passing is full");
    expect(() => counted("")).toThrow();
  });
});
