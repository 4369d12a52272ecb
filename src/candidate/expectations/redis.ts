import type { Candidate, CandidateService } from "../types.ts";
import { type Expectation, expectation, type Seen } from "./expectation.ts";
import { configsIn, ofDocumented, ofRole, placeOf, repositoryOf, tagOf } from "./read.ts";

const architecture = "docs-output/ARCHITECTURE.md";
const program = "global/services/redis/Redis.ts";

/** The config that the server is started with, where its arguments name one that is mounted. */
function loaded(candidate: Candidate, service: CandidateService): { content: string } | undefined {
  const words = [...(service.command ?? []), ...(service.args ?? [])];
  return configsIn(candidate, service).find(({ target }) => words.includes(target));
}

/** A setting in force: an argument, else the loaded config's line, else undefined for the server's default. */
function setting(candidate: Candidate, service: CandidateService, name: string): string | undefined {
  const words = [...(service.command ?? []), ...(service.args ?? [])];
  const at = words.indexOf(`--${name}`);
  if (at >= 0) return words[at + 1] ?? "";
  return new RegExp(`^[ \\t]*${name}[ \\t]+(.*)$`, "m").exec(loaded(candidate, service)?.content ?? "")?.[1]?.trim();
}

/** Each Redis that the documents' one may be. */
function each<Value>(candidate: Candidate, read: (service: CandidateService) => { value: Value; met: string }): Seen<Value>[] {
  return ofDocumented(candidate, "Redis").map((service) => ({ place: placeOf("service", service), ...read(service) }));
}

export const redisExpectations: readonly Expectation[] = [
  expectation<number>({
    id: "redis-count",
    subject: "how many Redis there are",
    row: 5,
    read: (candidate) => {
      const all = ofRole(candidate, "redis", "layer2-redis", "legacy-redis").map((service) => service.name);
      return all.length === 0
        ? []
        : [{ place: "candidate", value: all.length, met: `${all.length} are defined: ${all.join(", ")}` }];
    },
    documented: { says: "one shared Redis", source: architecture, keeps: (count) => count === 1 },
    actual: {
      says: "three: layer 2's, the platform's, the legacy platform's",
      source: "layer_2/src/index.ts",
      keeps: (count) => count === 3,
    },
    cure: "Merge them, or describe each in the documents; layer 2's is used by nothing.",
  }),
  expectation<string>({
    id: "redis-image",
    subject: "Redis' image",
    read: (candidate) => each(candidate, ({ image }) => ({ value: image, met: `the image is ${image}` })),
    documented: {
      says: "the image redis:6-alpine",
      source: architecture,
      keeps: (image) => repositoryOf(image) === "redis" && tagOf(image) === "6-alpine",
    },
    actual: { says: "redislabs/rejson:2.0.7", source: program, keeps: (image) => image === "redislabs/rejson:2.0.7" },
    cure: "Name the deployed image in the documents: the applications need its JSON commands.",
  }),
  expectation<boolean>({
    id: "redis-config-file",
    subject: "Redis' configuration file",
    row: 6,
    read: (candidate) =>
      each(candidate, (service) => ({
        value: loaded(candidate, service) !== undefined,
        met:
          service.configs.length > 0
            ? `the server is started without its mounted ${service.configs[0]?.target}`
            : "none is mounted",
      })),
    documented: { says: "Redis configured by redis.conf", source: architecture, keeps: (read) => read },
    actual: { says: "a mounted file that the server is not told of", source: program, keeps: (read) => !read },
    cure: "Pass the file's path as the server's first argument, once it no longer binds 127.0.0.1 alone.",
  }),
  expectation<boolean>({
    id: "redis-aof",
    subject: "Redis' append-only file",
    row: 6,
    read: (candidate) =>
      each(candidate, (service) => ({
        value: setting(candidate, service, "appendonly") === "yes",
        met: "appendonly is not set, so a crash loses what no snapshot has",
      })),
    documented: { says: "RDB and AOF persistence", source: architecture, keeps: (on) => on },
    actual: { says: "no append-only file", source: program, keeps: (on) => !on },
    cure: "Add the arguments --appendonly yes.",
  }),
  expectation<string | undefined>({
    id: "redis-rdb",
    subject: "Redis' snapshots",
    row: 6,
    read: (candidate) =>
      each(candidate, (service) => {
        const save = setting(candidate, service, "save");
        return { value: save, met: `save is set to ${JSON.stringify(save ?? "")}, so no snapshot is written` };
      }),
    documented: { says: "RDB and AOF persistence", source: architecture, keeps: snapshots },
    actual: { says: "the server's default snapshots", source: program, keeps: snapshots },
    cure: "Leave save to its default or name intervals.",
  }),
  expectation<string[]>({
    id: "redis-limit",
    subject: "how far Redis may grow",
    row: 22,
    read: (candidate) =>
      each(candidate, (service) => {
        const volumes = candidate.volumes.filter((volume) => service.mounts.some((mount) => mount.source === volume.name));
        const limits = [
          ...volumes
            .filter((volume) => "size" in volume.driverOpts || /\bsize=/.test(volume.driverOpts.o ?? ""))
            .map(() => "volume"),
          ...(Number.parseInt(setting(candidate, service, "maxmemory") ?? "0", 10) > 0 ? ["maxmemory"] : []),
          ...(service.limits?.memoryBytes ? ["memory"] : []),
        ];
        return { value: limits, met: "neither its volume, maxmemory nor its memory has a limit" };
      }),
    documented: {
      says: "a limit of 2 GB for Redis",
      source: "docs-output/OPERATIONS_RUNBOOK.md",
      keeps: (limits) => limits.length > 0,
    },
    actual: { says: "no limit", source: program, keeps: (limits) => limits.length === 0 },
    cure: "Set maxmemory and a memory limit, or take the promise back.",
  }),
];

function snapshots(save: string | undefined): boolean {
  return save === undefined || !/^["']{0,2}$/.test(save);
}
