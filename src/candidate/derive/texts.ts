import type { CandidateConfig, DefinedService } from "../types.ts";

/** All that a service is told: its environment, its words and the contents of its configs, one string each. */
export function textsOf(service: DefinedService, configs: readonly CandidateConfig[]): string[] {
  const contents = service.configs.flatMap(({ source }) => configs.find((config) => config.name === source)?.content ?? []);
  return [
    ...Object.entries(service.env).map(([name, value]) => `${name}=${value}`),
    ...words([...(service.command ?? []), ...(service.args ?? [])]),
    ...contents,
  ];
}

/** Words of a command line; a flag is put together with the value behind it, so that "--host", "redis" reads like "--host=redis". */
function words(all: readonly string[]): string[] {
  return all.map((word, index) => {
    const next = all[index + 1];
    return word.startsWith("-") && !word.includes("=") && next !== undefined && !next.startsWith("-") ? `${word}=${next}` : word;
  });
}
