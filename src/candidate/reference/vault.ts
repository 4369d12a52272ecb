import { renderFixture } from "../assets.ts";
import type { CandidateService, HostResource } from "../types.ts";
import { actualLogDriver } from "./actual.ts";

/** Directory on the node where the Vault of the last revision that had one finds its script and keeps its keys. */
const vaultFolder = "/opt/sprocket-infra/global/services/vault";

/** Vault as the last revision that had it (facts sheet, sections 1.2 and 5.1). */
export function vault(domain: string): CandidateService {
  return {
    name: "vault",
    role: "vault",
    tier: "layer1",
    stack: "layer_1",
    image: "vault:1.10.0",
    command: ["/auto-initialize.sh"],
    env: {},
    networks: ["vault-network", "traefik-ingress"],
    mounts: [
      { type: "bind", source: `${vaultFolder}/scripts/auto-initialize.sh`, target: "/auto-initialize.sh", readOnly: true },
      { type: "bind", source: `${vaultFolder}/unseal-tokens`, target: "/vault/unseal-tokens", readOnly: false },
    ],
    configs: [{ source: "vault-config", target: "/vault.hcl" }],
    secrets: [],
    labels: {
      "traefik.enable": "true",
      "traefik.http.routers.vault.rule": `Host(\`vault.${domain}\`)`,
      "traefik.http.services.vault.loadbalancer.server.port": "8200",
    },
    endpointMode: "vip",
    ports: [],
    placement: { constraints: [] },
    logDriver: actualLogDriver("fluentd"),
    global: false,
    needs: ["party:s3"],
  };
}

/** What Vault's binds ask of the node. */
export const vaultHost: HostResource[] = [
  { type: "directory", path: `${vaultFolder}/unseal-tokens`, why: "Vault's keys" },
  {
    type: "file",
    path: `${vaultFolder}/scripts/auto-initialize.sh`,
    content: renderFixture("config/vault/auto-initialize.sh", {}),
    mode: 0o755,
    why: "Vault's start script, bound from the checkout on the node",
  },
];
