import type { ArtifactBuild, ImageEntry } from "../types.ts";

/** tailscaled, its command line and derper are one Go module, and share most of what they are compiled from. */
const tailscale: ArtifactBuild = {
  name: "tailscale",
  with: "go",
  inputs: [{ from: "fixtures/images/tailscale/build", to: "" }],
};

/** Parts of a tailnet: had only for runs that look from it. */
export const tailnetEntries: ImageEntry[] = [
  {
    name: "headscale",
    kind: "party",
    reference: "headscale/headscale:0.26.1",
    aliases: ["headscale/headscale", "ghcr.io/juanfont/headscale"],
    promise: {
      user: "0",
      entrypoint: ["/ko-app/headscale"],
      cmd: [],
      env: {},
      ports: [],
      paths: ["/ko-app/headscale"],
      volumes: [],
      source: "juanfont/headscale .goreleaser.yml, kos (v0.26.1)",
    },
    recipe: {
      folder: "headscale",
      packages: [],
      artifacts: { BUILT: { name: "headscale", with: "go", inputs: [{ from: "fixtures/images/headscale/build", to: "" }] } },
      versions: { headscale: "0.26.1" },
      coldSeconds: 326,
    },
  },
  {
    name: "tailscale",
    kind: "party",
    reference: "tailscale/tailscale:v1.96.4",
    aliases: ["tailscale/tailscale", "ghcr.io/tailscale/tailscale"],
    promise: {
      user: "",
      entrypoint: [],
      cmd: ["/usr/local/bin/containerboot"],
      env: {},
      ports: [],
      paths: [
        "/usr/local/bin/containerboot",
        "/usr/local/bin/tailscaled",
        "/usr/local/bin/tailscale",
        "/usr/sbin/iptables",
        "/sbin/ip",
        "/bin/sh",
      ],
      volumes: [],
      source: "tailscale/tailscale build_docker.sh, target client (v1.96.4)",
    },
    recipe: {
      folder: "tailscale",
      packages: ["ca-certificates", "iproute2", "iptables"],
      artifacts: { BUILT: tailscale },
      versions: { tailscale: "1.96.4" },
      coldSeconds: 286,
    },
    substitution: {
      asked: "tailscale/tailscale:v1.96.4",
      got: "tailscaled 1.96.4 and its command line, Go module",
      why: "no image registry answers; features that no machine of a replica uses are left out, and containerboot only starts tailscaled",
      hides: [],
    },
  },
  {
    name: "derper",
    kind: "party",
    aliases: ["sprocket-resilience/derper"],
    promise: {
      user: "",
      entrypoint: ["/usr/local/bin/derper"],
      cmd: [],
      env: {},
      ports: ["443/tcp", "3478/udp"],
      paths: ["/usr/local/bin/derper"],
      volumes: [],
      source: "ours: no registry has it",
    },
    // Begun last, since it waits for the module that `tailscale` builds.
    recipe: { folder: "derper", packages: [], artifacts: { BUILT: tailscale }, versions: { derper: "1.96.4" }, coldSeconds: 1 },
  },
];
