import type { ArtifactBuild, ImageEntry, ImagePromise } from "../types.ts";

const node: ArtifactBuild = { name: "node", with: "npm", inputs: [{ from: "fixtures/images/node/build", to: "" }] };

const apps: ArtifactBuild = {
  name: "apps",
  with: "npm",
  inputs: [
    { from: "fixtures/apps/package.json", to: "package.json" },
    { from: "fixtures/apps/package-lock.json", to: "package-lock.json" },
    { from: "fixtures/apps/src", to: "src" },
  ],
};

/** Namespace of Sprocket's private application images. */
const namespace = "asaxplayinghorse";

function standIn(app: string, repository: string): ImageEntry {
  const asked = `${namespace}/${repository}`;
  return {
    name: `app-${app}`,
    kind: "stand-in",
    aliases: [asked],
    promise: {
      user: "",
      entrypoint: [],
      cmd: ["node", `/app/${app}/dist/main.js`],
      env: {},
      ports: [],
      paths: [`/app/${app}/dist/main.js`, `/app/src/${app}.ts`, "/app/node_modules", "/usr/local/bin/node"],
      volumes: [],
      source: "ours: the private image's contract is in docs/stand-ins.md",
    },
    recipe: {
      folder: "app",
      packages: ["ca-certificates"],
      artifacts: { NODE: node, APPS: apps },
      args: { APP: app },
      versions: { node: "24.21.0" },
      coldSeconds: 45,
    },
    substitution: {
      asked,
      got: `stand-in "${app}" of ours on Node.js 24`,
      why: "the image is private",
      hides: [`${app}-internals`],
    },
  };
}

/** A public part that no package registry has: pulled where a registry answers, else the stand-in of the same name. */
function part(
  name: string,
  options: { reference: string; hides: string[]; promise: Omit<ImagePromise, "user"> & { user?: string } },
): ImageEntry {
  const repository = options.reference.slice(0, options.reference.lastIndexOf(":"));
  return {
    name,
    kind: "stand-in",
    reference: options.reference,
    aliases: [repository],
    promise: { user: "", ...options.promise },
    recipe: {
      folder: name,
      packages: ["ca-certificates"],
      artifacts: { NODE: node, APPS: apps },
      versions: { node: "24.21.0" },
      coldSeconds: 45,
    },
    substitution: {
      asked: options.reference,
      got: `stand-in "${name}" of ours on Node.js 24`,
      why: "no image registry, and nothing that is built from a package registry here",
      hides: options.hides,
    },
  };
}

/** Stand-ins: of Sprocket's private application images, and of public parts. */
export const standInEntries: ImageEntry[] = [
  standIn("web", "web"),
  standIn("core", "core"),
  standIn("matchmaking", "matchmaking-service"),
  standIn("submission", "submission-service"),
  standIn("notification", "notification-service"),
  standIn("forward-auth", "discord-forward-auth"),
  standIn("discord-bot", "discord-bot"),
  standIn("image-generation", "image-generation-service"),
  standIn("image-generation-frontend", "image-generation-frontend"),
  standIn("analytics", "server-analytics-service"),
  standIn("replay-parse", "replay-parse-service"),
  standIn("elo", "elo-service"),
  standIn("legacy-worker", "worker"),
  standIn("legacy-bot", "bot"),
  part("grafana", {
    // Sprocket's `main` is a branch that moves; so does this.
    reference: "grafana/grafana:main",
    hides: ["grafana-internals", "grafana-plugins", "grafana-dashboards"],
    promise: {
      user: "472",
      entrypoint: ["/run.sh"],
      cmd: [],
      env: {
        GF_PATHS_CONFIG: "/etc/grafana/grafana.ini",
        GF_PATHS_DATA: "/var/lib/grafana",
        GF_PATHS_HOME: "/usr/share/grafana",
        GF_PATHS_LOGS: "/var/log/grafana",
        GF_PATHS_PLUGINS: "/var/lib/grafana/plugins",
        GF_PATHS_PROVISIONING: "/etc/grafana/provisioning",
      },
      ports: ["3000/tcp"],
      paths: ["/run.sh", "/etc/grafana/provisioning/datasources", "/var/lib/grafana/plugins", "/usr/share/grafana"],
      volumes: [],
      source: "grafana/grafana Dockerfile (main)",
    },
  }),
  part("gatus", {
    reference: "twinproduction/gatus:v5.1.0",
    hides: ["gatus-internals", "gatus-icmp", "gatus-alerting", "gatus-storage"],
    promise: {
      entrypoint: ["/gatus"],
      cmd: [],
      env: { PORT: "8080" },
      ports: ["8080/tcp"],
      paths: ["/gatus", "/etc/ssl/certs/ca-certificates.crt"],
      volumes: [],
      source: "TwiN/gatus Dockerfile (v5.1.0)",
    },
  }),
  part("dgraph", {
    reference: "dgraph/dgraph:v21.12.0",
    hides: ["dgraph-internals", "dgraph-data", "dgraph-grpc"],
    promise: {
      entrypoint: [],
      cmd: ["dgraph"],
      env: { GODEBUG: "madvdontneed=1" },
      ports: ["8080/tcp", "9080/tcp"],
      paths: ["/usr/local/bin/dgraph", "/dgraph"],
      volumes: [],
      source: "dgraph-io/dgraph contrib/Dockerfile (v21.12)",
    },
  }),
  part("fluentd", {
    reference: "fluentd:latest",
    hides: ["fluentd-internals", "rubygems"],
    promise: {
      user: "fluent",
      entrypoint: ["tini", "--", "/bin/entrypoint.sh"],
      cmd: ["fluentd"],
      env: { FLUENTD_CONF: "fluent.conf" },
      ports: ["24224/tcp", "5140/tcp"],
      paths: ["/bin/entrypoint.sh", "/fluentd/etc/fluent.conf", "/fluentd/log", "/fluentd/plugins"],
      volumes: [],
      source: "fluent/fluentd-docker-image v1.16/debian/Dockerfile (master)",
    },
  }),
  part("loki", {
    reference: "grafana/loki:main-1a7b170",
    hides: ["loki-internals", "loki-logql", "loki-retention"],
    promise: {
      user: "10001",
      entrypoint: ["/usr/bin/loki"],
      cmd: ["-config.file=/etc/loki/local-config.yaml"],
      env: {},
      ports: ["3100/tcp"],
      paths: ["/usr/bin/loki", "/etc/loki/local-config.yaml", "/loki"],
      volumes: [],
      source: "grafana/loki cmd/loki/Dockerfile (main)",
    },
  }),
  part("neo4j", {
    reference: "neo4j:4.4.7-community",
    hides: ["neo4j-internals", "neo4j-data", "neo4j-bolt"],
    promise: {
      entrypoint: ["tini", "-g", "--", "/startup/docker-entrypoint.sh"],
      cmd: ["neo4j"],
      env: { NEO4J_EDITION: "community", NEO4J_HOME: "/var/lib/neo4j" },
      ports: ["7474/tcp", "7473/tcp", "7687/tcp"],
      paths: ["/startup/docker-entrypoint.sh", "/var/lib/neo4j"],
      volumes: ["/data", "/logs"],
      source: "neo4j/docker-neo4j docker-image-src/4.4/coredb/Dockerfile (master)",
    },
  }),
  part("n8n", {
    // The class names no tag; Docker's `latest` is what it would get.
    reference: "n8nio/n8n:latest",
    hides: ["n8n-internals", "n8n-workflows"],
    promise: {
      user: "node",
      entrypoint: ["tini", "--", "/docker-entrypoint.sh"],
      cmd: [],
      env: { NODE_ENV: "production" },
      ports: ["5678/tcp"],
      paths: ["/docker-entrypoint.sh", "/home/node/.n8n"],
      volumes: [],
      source: "n8n-io/n8n docker/images/n8n/Dockerfile (master)",
    },
  }),
];
