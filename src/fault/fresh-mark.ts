import { randomBytes } from "node:crypto";

/** A name for one fault's rules, helpers and files, so that several on one victim do not meet: "sr-1a2b3c4d". */
export function freshMark(): string {
  return `sr-${randomBytes(4).toString("hex")}`;
}
