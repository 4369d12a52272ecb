import type { CandidateService, CandidateVolume } from "../types.ts";
import { actualLogDriver } from "./actual.ts";
import { secretText } from "./names.ts";
import { routerLabels } from "./router-labels.ts";

/** The class names its parts after the ELO service that first made it (2022-06-01), before Dgraph took its place. */
const name = "prod-elo-service-neo4j";

/** Neo4j as its class at HEAD would register it (facts sheet, section 1.5), which nothing calls. The documents have it in layer 2. */
export function neo4j(domain: string): CandidateService {
  const host = `neo4j.prod.${domain}`;
  return {
    name: `${name}-service`,
    role: "neo4j",
    tier: "layer2",
    stack: "platform",
    image: "neo4j:4.4.7-community",
    env: {
      NEO4J_AUTH: `neo4j/${secretText(`${name}-password`)}`,
      NEO4J_clients_allow__telemetry: "false",
      NEO4J_dbms_default__listen__address: "0.0.0.0",
      // A host of a former environment, under a former domain.
      NEO4J_dbms_default__advertised__address: "neo4j.dev.old.sprocket.example",
    },
    networks: ["prod-net", "traefik-ingress"],
    mounts: neo4jVolumes.map((volume, index) => ({
      type: "volume",
      source: volume.name,
      target: index === 0 ? "/data" : "/plugins",
      readOnly: false,
    })),
    configs: [],
    secrets: [],
    labels: {
      ...routerLabels(name, { rule: `Host(\`${host}\`)`, port: 7474, forwardAuth: { domain, rule: "EloTeam" } }),
      ...routerLabels(`${name}-bolt`, { type: "tcp", rule: `HostSNI(\`bolt.${host}\`)`, port: 7687 }),
      ...routerLabels(`${name}-bolt-http`, { rule: `Host(\`bolt.${host}\`)`, port: 7687 }),
    },
    endpointMode: "vip",
    ports: [],
    placement: { constraints: ["node.labels.role==storage"] },
    logDriver: actualLogDriver("fluentd"),
    global: false,
    needs: [],
  };
}

export const neo4jVolumes: CandidateVolume[] = [
  { name: `${name}-data`, driver: "local", driverOpts: {} },
  { name: `${name}-plugin`, driver: "local", driverOpts: {} },
];
