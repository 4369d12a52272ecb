import type { CandidateService } from "../types.ts";
import { actualLogDriver } from "./actual.ts";
import { databasePassword, secretText } from "./names.ts";
import type { ReferenceParties } from "./parties.ts";
import { routerLabels } from "./router-labels.ts";

/**
 * N8n as its class at HEAD would register it (facts sheet, section 1.5), which no stack has called since 2025-11-04, but for TLS to the database: the class asks for none, the managed database serves nobody without, and
 * N8n does not start then. */
export function n8n(domain: string, { postgres }: ReferenceParties): CandidateService {
  const host = `n8n.${domain}`;
  return {
    name: "n8n-service",
    role: "n8n",
    tier: "layer2",
    stack: "layer_2",
    image: "n8nio/n8n",
    env: {
      DB_TYPE: "postgresdb",
      DB_POSTGRESDB_HOST: postgres.host,
      DB_POSTGRESDB_PORT: String(postgres.port),
      DB_POSTGRESDB_DATABASE: "n8n-db",
      DB_POSTGRESDB_SCHEMA: "public",
      DB_POSTGRESDB_USER: postgres.user,
      DB_POSTGRESDB_PASSWORD: secretText(databasePassword),
      DB_POSTGRESDB_SSL_ENABLED: "true",
      DB_POSTGRESDB_SSL_REJECT_UNAUTHORIZED: "false",
      N8N_BASIC_AUTH_ACTIVE: "false",
      N8N_USER_MANAGEMENT_DISABLED: "true",
      N8N_ENFORCE_SETTINGS_FILE_PERMISSIONS: "true",
      N8N_HOST: host,
      N8N_PORT: "5678",
      // A host name where N8n wants a URL.
      WEBHOOK_URL: host,
      N8N_ENCRYPTION_KEY: secretText("n8n-encryption-key"),
    },
    networks: ["traefik-ingress", "n8n-net"],
    mounts: [],
    configs: [],
    secrets: [],
    labels: {
      ...routerLabels("n8n", { rule: `Host(\`${host}\`)`, port: 5678, forwardAuth: { domain, rule: "EloTeam" } }),
      // Webhooks come from outside, so nobody is asked who they are.
      ...routerLabels("n8n-webhooks", { rule: `Host(\`${host}\`) && PathPrefix(\`/webhook\`)`, port: 5678 }),
    },
    endpointMode: "vip",
    ports: [],
    placement: { constraints: ["node.labels.role!=ingress"] },
    logDriver: actualLogDriver("fluentd"),
    global: false,
    needs: ["party:postgres"],
  };
}
