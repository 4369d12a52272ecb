import type { ImageEntry } from "../types.ts";

/** Real parts of the metrics path, from package registries. */
export const monitoringEntries: ImageEntry[] = [
  {
    name: "influx",
    kind: "service",
    reference: "influxdb:2.1-alpine",
    aliases: ["influxdb"],
    promise: {
      user: "",
      entrypoint: ["/entrypoint.sh"],
      cmd: ["influxd"],
      env: {
        INFLUX_CONFIGS_PATH: "/etc/influxdb2/influx-configs",
        INFLUXD_INIT_PORT: "9999",
        INFLUXD_INIT_PING_ATTEMPTS: "600",
        DOCKER_INFLUXDB_INIT_CLI_CONFIG_NAME: "default",
      },
      ports: ["8086/tcp"],
      paths: ["/entrypoint.sh", "/usr/local/bin/influxd", "/etc/defaults/influxdb2/config.yml", "/docker-entrypoint-initdb.d"],
      volumes: ["/var/lib/influxdb2", "/etc/influxdb2"],
      source: "influxdata/influxdata-docker influxdb/2.1/alpine/Dockerfile and entrypoint.sh (master)",
    },
    recipe: {
      folder: "influx",
      packages: ["ca-certificates", "curl", "gosu", "jq", "tzdata"],
      artifacts: {
        BUILT: {
          name: "influxd",
          with: "go",
          packages: ["cargo-web", "gcc", "libc6-dev", "pkg-config"],
          inputs: [{ from: "fixtures/images/influx/build", to: "" }],
        },
      },
      versions: { influxd: "2.7.12" },
      coldSeconds: 1400,
    },
    substitution: {
      asked: "influxdb:2.1-alpine",
      got: "InfluxDB 2.7.12 from its Go module on Debian bookworm, set up over its HTTP API, without web pages and the influx command",
      why: "no image registry; 2.7 is the line that Sprocket's documents name",
      hides: ["influx-version", "influx-ui", "influx-cli", "alpine"],
    },
  },
  {
    name: "telegraf",
    kind: "service",
    reference: "telegraf:1.22-alpine",
    aliases: ["telegraf"],
    promise: {
      user: "",
      entrypoint: ["/entrypoint.sh"],
      cmd: ["telegraf"],
      env: {},
      ports: ["8092/udp", "8094/tcp", "8125/udp"],
      paths: ["/entrypoint.sh", "/usr/bin/telegraf", "/etc/telegraf/telegraf.conf", "/etc/telegraf/telegraf.d"],
      volumes: [],
      source: "influxdata/influxdata-docker telegraf/1.22/alpine/Dockerfile (master)",
    },
    recipe: {
      folder: "telegraf",
      packages: ["ca-certificates", "gosu", "tzdata"],
      artifacts: {
        BUILT: { name: "telegraf", with: "go", inputs: [{ from: "fixtures/images/telegraf/build", to: "" }] },
      },
      versions: { telegraf: "1.34.4" },
      coldSeconds: 110,
    },
    substitution: {
      asked: "telegraf:1.22-alpine",
      got: "Telegraf 1.34.4 from its Go module on Debian bookworm, with the plugins that Sprocket's configuration names",
      why: "no image registry",
      hides: ["telegraf-version", "telegraf-other-plugins", "alpine"],
    },
  },
];
