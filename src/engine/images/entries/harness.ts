import type { ArtifactBuild, ImageEntry } from "../types.ts";
import { toxiproxy } from "./parties.ts";

/** Our agent, the same binary in nodes and outside vantages. */
const agent: ArtifactBuild = {
  name: "agent",
  with: "go",
  inputs: [
    { from: "fixtures/images/agent-image/build", to: "" },
    { from: "fixtures/images/agent", to: "agent", optional: true },
  ],
};

/** Node.js, as the stand-ins have it. */
const node: ArtifactBuild = { name: "node", with: "npm", inputs: [{ from: "fixtures/images/node/build", to: "" }] };

const evaluator: ArtifactBuild = {
  name: "evaluator",
  with: "npm",
  inputs: [
    { from: "fixtures/evaluator/package.json", to: "package.json" },
    { from: "fixtures/evaluator/package-lock.json", to: "package-lock.json" },
    { from: "fixtures/evaluator/src", to: "src" },
  ],
};

/** Images of the harness itself: no registry has them. */
export const harnessEntries: ImageEntry[] = [
  {
    name: "node-image",
    kind: "harness",
    aliases: ["sprocket-resilience/node-image"],
    promise: {
      user: "",
      entrypoint: [],
      cmd: ["dockerd"],
      env: {},
      ports: [],
      paths: [
        "/usr/sbin/dockerd",
        "/usr/bin/docker",
        "/usr/bin/containerd",
        "/usr/sbin/iptables",
        "/usr/sbin/ip",
        "/usr/sbin/nft",
        "/usr/sbin/tc",
        "/usr/bin/ps",
        "/usr/bin/nsenter",
        "/usr/bin/flock",
        "/usr/bin/prlimit",
        "/usr/bin/setpriv",
        "/usr/bin/unshare",
        "/usr/local/bin/sprocket-agent",
        "/usr/local/bin/toxiproxy",
      ],
      volumes: [],
      source: "ours: no registry has it",
    },
    recipe: {
      folder: "node-image",
      packages: ["ca-certificates", "docker.io", "iproute2", "iptables", "libfaketime", "nftables", "procps", "util-linux"],
      artifacts: { AGENT: agent, TOXIPROXY: toxiproxy },
      versions: { docker: "20.10 (Debian bookworm)" },
      coldSeconds: 60,
    },
  },
  {
    name: "agent",
    kind: "harness",
    aliases: ["sprocket-resilience/agent"],
    promise: {
      user: "",
      entrypoint: [],
      cmd: ["/usr/local/bin/sprocket-agent"],
      env: {},
      ports: [],
      paths: ["/usr/local/bin/sprocket-agent", "/usr/sbin/iptables", "/usr/sbin/ip", "/usr/sbin/nft", "/usr/sbin/tc"],
      volumes: [],
      source: "ours: no registry has it",
    },
    recipe: {
      folder: "agent-image",
      packages: ["ca-certificates", "iproute2", "iptables", "nftables"],
      artifacts: { AGENT: agent },
      versions: {},
      coldSeconds: 30,
    },
  },
  {
    name: "known-target",
    kind: "harness",
    aliases: ["sprocket-resilience/known-target"],
    promise: {
      user: "",
      entrypoint: [],
      cmd: ["/usr/local/bin/known-target"],
      env: {},
      ports: [],
      paths: ["/usr/local/bin/known-target"],
      volumes: [],
      source: "ours: no registry has it",
    },
    recipe: {
      folder: "known-target",
      packages: [],
      artifacts: {
        BUILT: { name: "known-target", with: "go", inputs: [{ from: "fixtures/images/known-target/build", to: "" }] },
      },
      versions: {},
      coldSeconds: 20,
    },
  },
  {
    name: "evaluator",
    kind: "harness",
    aliases: ["sprocket-resilience/evaluator"],
    promise: {
      user: "65534:65534",
      entrypoint: [],
      cmd: ["node", "/opt/evaluator/src/supervise.ts"],
      env: {},
      ports: [],
      paths: [
        "/usr/local/bin/node",
        "/opt/evaluator/src/supervise.ts",
        "/opt/evaluator/src/work.ts",
        "/opt/evaluator/node_modules/tsx",
      ],
      volumes: [],
      source: "ours: no registry has it",
    },
    recipe: {
      folder: "evaluator",
      packages: [],
      artifacts: { NODE: node, EVALUATOR: evaluator },
      versions: { node: "24.21.0" },
      coldSeconds: 30,
    },
  },
  {
    name: "registry",
    kind: "harness",
    reference: "registry:2",
    aliases: ["registry"],
    promise: {
      user: "",
      entrypoint: ["/entrypoint.sh"],
      cmd: ["/etc/docker/registry/config.yml"],
      env: {},
      ports: ["5000/tcp"],
      paths: ["/entrypoint.sh", "/etc/docker/registry/config.yml", "/var/lib/registry"],
      volumes: ["/var/lib/registry"],
      source: "distribution/distribution-library-image Dockerfile (2.8)",
    },
    recipe: {
      folder: "registry",
      packages: ["apache2-utils", "ca-certificates", "docker-registry"],
      versions: { registry: "2.8 (Debian bookworm)" },
      coldSeconds: 15,
    },
  },
];
