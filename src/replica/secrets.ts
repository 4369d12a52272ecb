import { randomBytes } from "node:crypto";
import type { CandidateSecret } from "../candidate/types.ts";

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Values of a candidate's secrets, generated for one run, and the filling of `${secret:NAME}`. */
export class Secrets {
  readonly #values: Map<string, string>;

  private constructor(values: Map<string, string>) {
    this.#values = values;
  }

  static generate(secrets: readonly CandidateSecret[]): Secrets {
    const values = new Map(secrets.map(({ name, shape }) => [name, generate(shape.length, shape.alphabet)]));
    const { fill } = new Secrets(new Map(values));
    // A secret made of others, such as a URL with a password in it, holds their values.
    for (const { name, content } of secrets) if (content !== undefined) values.set(name, fill(content));
    return new Secrets(values);
  }

  static from(values: Record<string, string>): Secrets {
    return new Secrets(new Map(Object.entries(values)));
  }

  get(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`the candidate has no secret ${name}`);
    return value;
  }

  fill = (text: string): string => text.replace(/\$\{secret:([\w.-]+)\}/g, (_, name: string) => this.get(name));

  entries(): [string, string][] {
    return [...this.#values];
  }
}

function generate(length: number, alphabet: "alphanumeric" | "hex"): string {
  if (alphabet === "hex")
    return randomBytes(Math.ceil(length / 2))
      .toString("hex")
      .slice(0, length);
  // 62 divides 248 evenly; bytes from there up are thrown away, so that every character is equally likely.
  let text = "";
  while (text.length < length)
    for (const byte of randomBytes(length)) if (byte < 248 && text.length < length) text += alphanumeric[byte % 62];
  return text;
}
