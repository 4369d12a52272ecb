import type { Candidate } from "../types.ts";

/** Host names in URLs of a candidate's configurations, environment and arguments that are neither its own, nor a service's, nor a party's; each once, in lower case. */
export function outsideHosts(candidate: Candidate): string[] {
  const texts = [
    ...candidate.configs.map((config) => withoutComments(config.content)),
    ...candidate.services.flatMap((service) => [
      ...Object.values(service.env),
      ...(service.command ?? []),
      ...(service.args ?? []),
    ]),
  ];
  const parties = Object.values(candidate.parties).map((party) => party?.host.toLowerCase() ?? "");
  const own = [candidate.domain.toLowerCase(), ...parties].filter(Boolean);
  const hosts = texts.flatMap((text) =>
    [...text.matchAll(/\b[a-z][a-z+]*:\/\/(?:[^\s/@"'`<>]*@)?((?:[a-z0-9-]+\.)+[a-z]{2,})\b/gi)].map((match) =>
      (match[1] as string).toLowerCase(),
    ),
  );
  return [...new Set(hosts)].filter((host) => !own.some((name) => host === name || host.endsWith(`.${name}`))).sort();
}

/** A comment is read by nobody but people. */
function withoutComments(content: string): string {
  return content
    .split("\n")
    .filter((line) => !/^\s*(#|;|\/\/)/.test(line))
    .join("\n");
}
