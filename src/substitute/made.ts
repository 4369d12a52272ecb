import type { Candidate, CandidateSecret, CandidateService } from "../candidate/types.ts";
import type { Substitution } from "../history/events.ts";

/** A config that services name and nothing of the candidate creates: the run's authority, or a text that stands for it. */
export type MadeConfig = { name: string; content: { from: "authority" } | { text: string } };

/** What services name and nothing of the candidate creates, and the replica makes. */
export interface Made {
  configs: MadeConfig[];
  secrets: CandidateSecret[];
  networks: string[];
  substitutions: Substitution[];
}

/** Networks that every engine has. */
export const enginesOwn = ["host", "bridge", "none"];

/** Finds what the services that will run name and nothing creates. */
export function madeFor(candidate: Candidate, services: readonly CandidateService[]): Made {
  const substitutions: Substitution[] = [];
  const users = (uses: (service: CandidateService) => boolean) =>
    services
      .filter(uses)
      .map((service) => service.name)
      .join(",");

  const known = new Set(candidate.configs.map((config) => config.name));
  const configs = new Map<string, MadeConfig>();
  for (const { source, target } of services.flatMap((service) => service.configs)) {
    if (known.has(source) || configs.has(source)) continue;
    const content = contentFor(source, target);
    configs.set(source, { name: source, content });
    substitutions.push({
      subject: `services:${users((service) => service.configs.some((file) => file.source === source))}`,
      kind: "host-resource",
      asked: `config ${source} at ${target}, which nothing of the candidate creates`,
      got: "from" in content ? "the certificate of the run's own authority" : "a config of that name without content",
      why: "Its content is not in the definition: it was made by hand",
      hides: ["config-unknown"],
    });
  }

  const secretsKnown = new Set(candidate.secrets.map((secret) => secret.name));
  const secrets = new Map<string, CandidateSecret>();
  const named = services.flatMap((service) => service.secrets.map((file) => file.source));
  const inText = JSON.stringify([services, candidate.configs]).matchAll(/\$\{secret:([\w.-]+)\}/g);
  for (const name of [...named, ...[...inText].map((match) => match[1] as string)]) {
    if (secretsKnown.has(name) || secrets.has(name)) continue;
    secrets.set(name, { name, shape: { length: 32, alphabet: "alphanumeric" } });
  }
  if (secrets.size > 0)
    substitutions.push({
      subject: `secrets:${[...secrets.keys()].join(",")}`,
      kind: "secret",
      asked: "secrets that nothing of the candidate creates",
      got: "values generated for this run",
      why: "They were made by hand, and their values are not in the definition",
      hides: ["secret-values"],
    });

  const networks = [
    ...new Set(
      services
        .flatMap((service) => service.networks)
        .filter((name) => !enginesOwn.includes(name) && !candidate.networks.some((network) => network.name === name)),
    ),
  ];
  for (const network of networks)
    substitutions.push({
      subject: `services:${users((service) => service.networks.includes(network))}`,
      kind: "host-resource",
      asked: `network ${network}, which nothing of the candidate creates`,
      got: "an overlay network of that name",
      why: "It was made by hand",
      hides: ["network-unknown"],
    });
  return { configs: [...configs.values()], secrets: [...secrets.values()], networks, substitutions };
}

/** What stands in the place of an unknown config: a certificate's is the run's authority, which signs what the real one does: the managed database. */
function contentFor(source: string, target: string): MadeConfig["content"] {
  const named = `${source} ${target}`;
  if (/\.(crt|pem|cer)\b/i.test(target) || /(^|[^a-z])ca([^a-z]|$)|certificate/i.test(named)) return { from: "authority" };
  // Swarm refuses a config without a byte in it.
  return { text: /\.json$/i.test(target) ? "{}\n" : "\n" };
}
