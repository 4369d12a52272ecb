import type { Candidate, CandidateService } from "../types.ts";

/** The mark by which a definition hands a secret over: `${secret:NAME}`. */
export const secretMark = /\$\{secret:([^}\s]{1,200})\}/g;

/** Names of the secrets that a text carries. */
export function secretsIn(text: string): string[] {
  return [...new Set([...text.matchAll(secretMark)].map((met) => met[1] as string))];
}

/** One text of a candidate: where it was met, in words, and the text. */
export interface Spot {
  where: string;
  text: string;
}

/** Every text of a service that its owner writes freely. */
export function textsOf(service: CandidateService): Spot[] {
  const spots: Spot[] = [{ where: "image", text: service.image }];
  for (const [name, text] of Object.entries(service.env)) spots.push({ where: `environment variable ${name}`, text });
  for (const [index, text] of (service.command ?? []).entries()) spots.push({ where: `command, part ${index + 1}`, text });
  for (const [index, text] of (service.args ?? []).entries()) spots.push({ where: `argument ${index + 1}`, text });
  for (const [name, text] of Object.entries(service.labels)) spots.push({ where: `label ${name}`, text });
  if (service.hostname) spots.push({ where: "host name", text: service.hostname });
  for (const mount of service.mounts) spots.push({ where: `mount of ${mount.target}`, text: mount.source });
  return spots;
}

/** Services that mount a config. */
export function readersOf(candidate: Candidate, config: string): CandidateService[] {
  return candidate.services.filter((service) => service.configs.some((file) => file.source === config));
}

/** Longest text that rules look through; what is longer is cut, so that no definition holds a rule up. */
export const longest = 1_000_000;

/** What is shown instead of a value that may be a credential. */
export const hidden = "…";

/** Takes the user part out of addresses, which may hold a password. */
export function withoutUserinfo(text: string): string {
  return text.replace(/:\/\/[^\s/@"']{1,500}@/g, `://${hidden}@`);
}

/** A file's path without what `.` and `//` add, and without a slash at its end. */
export function plainPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `${path.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}

/** Whether a path is strictly below another. */
export function below(path: string, folder: string): boolean {
  return path !== folder && (folder === "/" || path.startsWith(`${folder}/`));
}
