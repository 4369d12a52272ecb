import type { CandidateConfig, CandidateService } from "../types.ts";
import { credentialsByForm, credentialsByName, isLiteralCredential, namesCredential } from "./credentials.ts";
import { found, list, placeOf, type StaticRule } from "./rule.ts";
import { secretsIn } from "./text.ts";

/**
 * Environment, arguments, labels and configs are shown by `docker inspect` to everybody who may look, and arguments by the process list; only secrets are not.
 * Names are said, values never.
 */
export const secretInClear: StaticRule = {
  id: "static/secret-in-clear",
  title: "Secret in environment, arguments or a config in clear",
  cure: "Hand it over as a Swarm secret, by a file; change a value that stood in the definition.",
  find(candidate) {
    return [
      ...candidate.services.flatMap((service) => {
        const kinds = inService(service);
        return kinds.length === 0
          ? []
          : [
              found(
                secretInClear,
                placeOf("service", service),
                `${service.name} is given secrets in clear: ${kinds.join("; ")}.`,
              ),
            ];
      }),
      ...candidate.configs.flatMap((config) => {
        const kinds = inConfig(config);
        return kinds.length === 0
          ? []
          : [
              found(
                secretInClear,
                placeOf("config", config),
                `Config ${config.name} holds secrets in clear: ${kinds.join("; ")}.`,
              ),
            ];
      }),
    ];
  },
};

function inService(service: CandidateService): string[] {
  const handed: string[] = [];
  const literal: string[] = [];
  const look = (where: string, name: string, text: string) => {
    const secrets = secretsIn(text);
    if (secrets.length > 0) handed.push(`${where} (${list(secrets, 3)})`);
    if (namesCredential(name) && isLiteralCredential(name, text)) literal.push(where);
    else for (const { what } of credentialsByForm(text)) literal.push(`${where} (${what})`);
  };
  for (const [name, text] of Object.entries(service.env)) look(`environment variable ${name}`, name, text);
  for (const [kind, parts] of [
    ["command", service.command ?? []],
    ["argument", service.args ?? []],
  ] as const)
    parts.forEach((text, index) => {
      const flag = /^--?([\w.-]{1,80})=/.exec(text);
      // `--password VALUE` and `--password=VALUE` alike.
      const before = /^--?([\w.-]{1,80})$/.exec(parts[index - 1] ?? "");
      const name = flag?.[1] ?? before?.[1] ?? "";
      look(
        `${kind} ${index + 1}${name ? ` (of ${name})` : ""}`,
        /^requirepass$/i.test(name) ? "password" : name,
        flag ? text.slice(flag[0].length) : text,
      );
    });
  for (const [name, text] of Object.entries(service.labels)) look(`label ${name}`, "", text);
  return [...(handed.length > 0 ? [`the value of a secret in ${list(handed, 12)}`] : []), ...written(literal)];
}

function inConfig({ content }: CandidateConfig): string[] {
  const secrets = secretsIn(content);
  const literal = [...credentialsByName(content), ...credentialsByForm(content).map(({ what }) => what)];
  return [...(secrets.length > 0 ? [`the value of ${list(secrets, 12)}`] : []), ...written(literal)];
}

function written(literal: readonly string[]): string[] {
  return literal.length > 0 ? [`a value written out in the definition in ${list([...new Set(literal)], 12)}`] : [];
}
