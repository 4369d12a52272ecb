import { expect, it } from "vitest";
import { closingQuestion, longQuestion, type Protocol } from "../../../src/fault/network/question.ts";

const protocols: Protocol[] = ["redis", "amqp", "postgres", "http", "tls"];

it.each(protocols)("%s: every character of a question is one byte on the wire", (protocol) => {
  for (const text of [closingQuestion(protocol), longQuestion(protocol).send]) expect(Buffer.byteLength(text)).toBe(text.length);
});

it("the lengths inside a question are those of its parts", () => {
  for (const long of [false, true]) {
    const postgres = Buffer.from(closingQuestion("postgres", long));
    expect(postgres.readUInt32BE(0)).toBe(postgres.length);
    const record = Buffer.from(closingQuestion("tls", long));
    expect(record.readUInt16BE(3)).toBe(record.length - 5);
  }
});

it("a long question is long, except where the answer is", () => {
  for (const protocol of protocols) {
    const { send, bytes } = longQuestion(protocol);
    if (protocol === "amqp") expect(send.length).toBeLessThan(bytes);
    else expect(send.length).toBe(bytes);
    expect(bytes).toBeGreaterThanOrEqual(400);
  }
});
