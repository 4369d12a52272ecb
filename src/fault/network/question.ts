import type { Role } from "../../candidate/types.ts";

/** What is spoken on an edge, as far as a look needs to know. */
export type Protocol = "redis" | "amqp" | "postgres" | "http" | "tls";

/** Where services listen for others of the candidate, apart from what Traefik's labels say. Source: facts sheet, sections 1.2 to 1.4 and 7. */
export const listening: Partial<Record<Role, { port: number; protocol: Protocol }>> = {
  redis: { port: 6379, protocol: "redis" },
  "layer2-redis": { port: 6379, protocol: "redis" },
  "legacy-redis": { port: 6379, protocol: "redis" },
  rabbitmq: { port: 5672, protocol: "amqp" },
  "socket-proxy": { port: 2375, protocol: "http" },
  vault: { port: 8200, protocol: "http" },
  influx: { port: 8086, protocol: "http" },
  loki: { port: 3100, protocol: "http" },
  traefik: { port: 443, protocol: "tls" },
};

/** Text in which every character is one byte, so that its length is what goes over the wire. */
const sevenBit = (...codes: number[]) => String.fromCharCode(...codes);
/** Of a long question; its two length bytes are below 128 each, so that it is text of one byte a character. */
const longBytes = 0x1f7f;

/**
 * A question without a password that the server answers and then ends the connection itself, so that one look sees the way there, the way back and the end. Most are
 * wrong on purpose: nothing changes by them.
 *
 * @param long puts some 8 kB into it, all of which the server reads before it answers
 */
export function closingQuestion(protocol: Protocol, long = false): string {
  const padding = (rest: number) => (long ? "x".repeat(longBytes - rest) : "");
  switch (protocol) {
    case "redis":
      return `ECHO x${padding(0)}\r\nQUIT\r\n`;
    case "http":
      return `GET / HTTP/1.0\r\nHost: sprocket-resilience\r\nX-Padding: x${padding(0)}\r\n\r\n`;
    case "postgres": {
      // A start-up of protocol 1.0, which every server refuses.
      const length = long ? longBytes : 16;
      return `${sevenBit(0, 0, length >> 8, length & 0xff, 0, 1, 0, 0)}${"x".repeat(length - 8)}`;
    }
    case "tls": {
      // A whole record that holds no ClientHello.
      const length = long ? longBytes : 16;
      return `${sevenBit(0x16, 3, 1, length >> 8, length & 0xff)}${sevenBit(0x7f).repeat(length)}`;
    }
    case "amqp":
      // A header of no version: the broker answers with the one it speaks. A long one it would not read to its end.
      return `AMQP${sevenBit(9, 9, 9, 9)}`;
  }
}

/** A question after which much goes over the wire, at least `bytes` in all, before the answer is whole. */
export function longQuestion(protocol: Protocol): { send: string; bytes: number } {
  // The broker's own words come first: its properties, half a kilobyte of them.
  if (protocol === "amqp") return { send: `AMQP${sevenBit(0, 0, 9, 1)}`, bytes: 400 };
  const send = closingQuestion(protocol, true);
  return { send, bytes: send.length };
}
