import type { Candidate } from "../types.ts";
import { type Expectation, expectation, type Seen } from "./expectation.ts";
import { configsIn, deep, hostsOf, httpRoutes, ingressOf, list, ofRole, parsed, placeOf, seconds, tagOf } from "./read.ts";

const architecture = "docs-output/ARCHITECTURE.md";
const influxFile = "global/services/influx/Influx.ts";
const gatusFile = "layer_2/src/config/gatus/config.yml";
const day = 86_400;

/** A variable of Influx's first start. */
function influx(candidate: Candidate, variable: string, says: string): Seen<string | undefined>[] {
  return ofRole(candidate, "influx").map((service) => {
    const value = service.env[variable];
    return {
      place: placeOf("service", service),
      value,
      met: value === undefined ? `${variable} is not set` : `${says} ${value}`,
    };
  });
}

interface Endpoint {
  url: string;
  interval: number;
}

/** What Gatus watches. */
function gatus(candidate: Candidate): { place: string; endpoints: Endpoint[] }[] {
  return ofRole(candidate, "gatus").flatMap((service) =>
    configsIn(candidate, service).flatMap((config) => {
      const endpoints = deep(parsed(config.content), "endpoints");
      if (!Array.isArray(endpoints)) return [];
      return [
        {
          place: placeOf("config", config),
          endpoints: endpoints.map((one) => ({
            url: String(deep(one, "url")),
            // Gatus' own default.
            interval: seconds(deep(one, "interval")) ?? 60,
          })),
        },
      ];
    }),
  );
}

/** Every name that an HTTP router of another service waits for. */
function publicHosts(candidate: Candidate): string[] {
  const others = candidate.services.filter((service) => service.role !== "gatus");
  return [...new Set(others.flatMap(httpRoutes).flatMap((route) => hostsOf(route.rule)))].sort();
}

/** Inputs that read the machine and Docker. */
const systemInputs = ["cpu", "mem", "disk", "net", "docker"];

export const monitoringExpectations: readonly Expectation[] = [
  expectation<string>({
    id: "influx-version",
    subject: "Influx' version",
    row: 15,
    read: (candidate) =>
      ofRole(candidate, "influx").flatMap((service) => {
        const tag = tagOf(service.image);
        return tag === undefined
          ? []
          : [{ place: placeOf("service", service), value: tag, met: `the image is ${service.image}` }];
      }),
    documented: { says: "InfluxDB 2.7", source: architecture, keeps: (tag) => /^2\.7\b/.test(tag) },
    actual: { says: "influxdb:2.1-alpine", source: influxFile, keeps: (tag) => tag === "2.1-alpine" },
    cure: "Name the deployed version in the documents, or upgrade.",
  }),
  expectation<string | undefined>({
    id: "influx-bucket",
    subject: "the bucket that Influx makes",
    row: 15,
    read: (candidate) => influx(candidate, "DOCKER_INFLUXDB_INIT_BUCKET", "it makes bucket"),
    documented: {
      says: "a bucket sprocket_<environment>",
      source: architecture,
      keeps: (bucket) => /^sprocket_\w+$/.test(bucket ?? ""),
    },
    actual: { says: "one bucket, metrics", source: influxFile, keeps: (bucket) => bucket === "metrics" },
    cure: "Create the bucket that Grafana and the analytics service use, with a token of its own.",
  }),
  expectation<string | undefined>({
    id: "influx-retention",
    subject: "how long metrics are kept",
    row: 15,
    read: (candidate) => influx(candidate, "DOCKER_INFLUXDB_INIT_RETENTION", "they are kept"),
    documented: {
      says: "metrics for 30 days",
      source: architecture,
      keeps: (retention) => (seconds(retention) ?? 0) >= 30 * day,
    },
    actual: { says: "metrics for 7 days", source: influxFile, keeps: (retention) => seconds(retention) === 7 * day },
    cure: "Set the retention, mind the disk that Loki, the broker and Dgraph share, or correct the document.",
  }),
  expectation<string[]>({
    id: "influx-limit",
    subject: "how far Influx may grow",
    row: 22,
    read: (candidate) =>
      ofRole(candidate, "influx").map((service) => {
        const volumes = candidate.volumes.filter((volume) => service.mounts.some((mount) => mount.source === volume.name));
        const limited = volumes.filter((volume) => "size" in volume.driverOpts || /\bsize=/.test(volume.driverOpts.o ?? ""));
        return { place: placeOf("service", service), value: limited.map(({ name }) => name), met: "its volume has no size" };
      }),
    documented: {
      says: "a limit of 5 GB for Influx",
      source: "docs-output/OPERATIONS_RUNBOOK.md",
      keeps: (limited) => limited.length > 0,
    },
    actual: { says: "a directory of the host without a limit", source: influxFile, keeps: (limited) => limited.length === 0 },
    cure: "Give Influx a file system of its own of that size, or take the promise back.",
  }),
  expectation<number | undefined>({
    id: "loki-retention",
    subject: "how long logs are kept",
    row: 16,
    read: (candidate) =>
      ofRole(candidate, "loki").map((service) => {
        const texts = [...configsIn(candidate, service).map((config) => config.content), ...(service.args ?? [])];
        const retention = texts
          .map((text) => /retention[_-]period\s*[:=]\s*["']?([0-9smhdw]+)/.exec(text)?.[1])
          .find((found) => found !== undefined);
        const met =
          retention === undefined ? "nothing sets a retention, so logs are kept for ever" : `they are kept ${retention}`;
        return { place: placeOf("service", service), value: seconds(retention), met };
      }),
    documented: { says: "logs for 7 days", source: architecture, keeps: (retention) => retention === 7 * day },
    actual: {
      says: "no configuration, so no retention",
      source: "global/services/loki/Loki.ts",
      keeps: (retention) => retention === undefined,
    },
    cure: "Mount a configuration with limits_config.retention_period and a compactor that deletes.",
  }),
  expectation<string[]>({
    id: "loki-private",
    subject: "who reaches Loki",
    read: (candidate) => {
      const ingress = ingressOf(candidate);
      return ofRole(candidate, "loki").map((service) => {
        const networks = service.networks.filter((network) => ingress.has(network));
        return { place: placeOf("service", service), value: networks, met: `it is on ${networks.join(", ")}` };
      });
    },
    documented: { says: "Loki asked through Grafana alone", source: architecture, keeps: (networks) => networks.length === 0 },
    actual: {
      says: "Loki on the monitoring network alone",
      source: "global/services/loki/Loki.ts",
      keeps: (networks) => networks.length === 0,
    },
    cure: "Take Loki off the ingress network: it asks nobody for a password.",
  }),
  expectation<string[]>({
    id: "telegraf-inputs",
    subject: "what Telegraf collects",
    row: 14,
    read: (candidate) =>
      ofRole(candidate, "telegraf").flatMap((service) =>
        configsIn(candidate, service).map((config) => {
          const inputs = [...config.content.matchAll(/^\s*\[\[inputs\.(\w+)\]\]/gm)].map((match) => match[1] as string);
          return { place: placeOf("config", config), value: inputs, met: `its inputs are ${list(inputs)}` };
        }),
      ),
    documented: {
      says: "CPU, memory, disk, network and Docker collected by Telegraf",
      source: architecture,
      keeps: (inputs) => systemInputs.every((input) => inputs.includes(input)),
    },
    actual: {
      says: "nothing of the machine: its own state, an HTTP listener, and three inputs that cannot connect",
      source: "layer_2/src/monitoring/config/telegraf.conf",
      keeps: (inputs) => !systemInputs.some((input) => inputs.includes(input)),
    },
    cure: `Add inputs ${systemInputs.join(", ")}, with the host's /proc and Docker's API mounted or proxied.`,
  }),
  expectation<string[]>({
    id: "gatus-host",
    subject: "Gatus' address",
    row: 13,
    read: (candidate) =>
      ofRole(candidate, "gatus").flatMap((service) => {
        const hosts = httpRoutes(service).map((route) => route.host);
        return hosts.length === 0
          ? []
          : [{ place: placeOf("service", service), value: hosts, met: `it is served at ${hosts.join(", ")}` }];
      }),
    documented: {
      says: "Gatus at gatus.<host>",
      source: architecture,
      keeps: (hosts) => hosts.some((host) => host.startsWith("gatus.")),
    },
    actual: {
      says: "Gatus at status.<host>",
      source: "global/services/gatus/Gatus.ts",
      keeps: (hosts) => hosts.some((host) => host.startsWith("status.")),
    },
    cure: "Correct the documents: who follows them at night meets a 404.",
  }),
  expectation<number>({
    id: "gatus-interval",
    subject: "how often Gatus looks",
    row: 13,
    read: (candidate) =>
      gatus(candidate).flatMap(({ place, endpoints }) => {
        if (endpoints.length === 0) return [];
        const slowest = Math.max(...endpoints.map((endpoint) => endpoint.interval));
        const fastest = Math.min(...endpoints.map((endpoint) => endpoint.interval));
        return [{ place, value: slowest, met: `it looks every ${fastest} s at best and every ${slowest} s at worst` }];
      }),
    documented: { says: "a look by Gatus every 30 s", source: architecture, keeps: (slowest) => slowest <= 30 },
    actual: { says: "a look by Gatus every 60 s, for DNS every 600 s", source: gatusFile, keeps: (slowest) => slowest === 600 },
    cure: "Set the interval of each endpoint; three failures in a row raise the alarm.",
  }),
  expectation<{ hosts: string[]; unwatched: string[] }>({
    id: "gatus-targets",
    subject: "what Gatus watches",
    row: 13,
    read: (candidate) =>
      gatus(candidate).flatMap(({ place, endpoints }) => {
        const hosts = publicHosts(candidate);
        const watched = new Set(endpoints.map(({ url }) => (URL.canParse(url) ? new URL(url).hostname : url)));
        const unwatched = hosts.filter((host) => !watched.has(host.toLowerCase()));
        const met = `${unwatched.length} of ${hosts.length} public names are not watched: ${list(unwatched)}`;
        return hosts.length === 0 ? [] : [{ place, value: { hosts, unwatched }, met }];
      }),
    documented: {
      says: "every public endpoint watched by Gatus",
      source: architecture,
      keeps: ({ unwatched }) => unwatched.length === 0,
    },
    actual: {
      says: "names and nodes of a former cluster, none of today's",
      source: gatusFile,
      keeps: ({ hosts, unwatched }) => unwatched.length === hosts.length,
    },
    cure: "Replace the endpoints by the names that the routers of the definition wait for.",
  }),
  expectation<boolean>({
    id: "gatus-database",
    subject: "whether Gatus watches the database",
    row: 13,
    read: (candidate) => {
      const database = candidate.parties.postgres;
      if (!database) return [];
      return gatus(candidate).map(({ place, endpoints }) => ({
        place,
        value: endpoints.some(({ url }) => url.includes(database.host)),
        met: `no endpoint is ${database.host}`,
      }));
    },
    documented: { says: "the database's reachability watched by Gatus", source: architecture, keeps: (watched) => watched },
    actual: { says: "no look at the database", source: gatusFile, keeps: (watched) => !watched },
    cure: "Add an endpoint tcp://<host>:<port> of the managed database.",
  }),
];
