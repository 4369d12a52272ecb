import type { Candidate, CandidateService } from "../types.ts";

/**
 * The password of a Redis as its definition sets it, `${secret:NAME}` left as it is: of `--requirepass` (also from a secret's file), of the default user's `>password`, or of a configuration
 * that is handed to the server. Undefined: it asks for none.
 */
export function redisPassword(candidate: Candidate, service: CandidateService): string | undefined {
  const text = [...(service.command ?? []), ...(service.args ?? [])].join(" ");
  // A shell that reads the secret's file, as a stack file does to keep the value out of itself.
  const file = /--requirepass[\s=]+"?\$\(cat\s+([^\s)]+)\)"?/.exec(text)?.[1];
  const secret = service.secrets.find(({ target }) => target === file)?.source;
  if (secret !== undefined) return `\${secret:${secret}}`;
  const words = [...(service.command ?? []), ...(service.args ?? [])].flatMap((text) => text.split(/\s+/));
  const required = words.indexOf("--requirepass");
  if (required >= 0) return words[required + 1];
  const user = words.indexOf("--user");
  if (user >= 0)
    return words
      .slice(user)
      .find((word) => word.startsWith(">"))
      ?.slice(1);
  for (const { source, target } of service.configs) {
    // A file that is only mounted changes nothing.
    if (!words.includes(target)) continue;
    const content = candidate.configs.find((config) => config.name === source)?.content ?? "";
    const line = /^\s*requirepass\s+"?([^\s"]+)"?\s*$/m.exec(content);
    if (line) return line[1];
  }
  return undefined;
}
