import type { Objective } from "../history/events.ts";

const runbook = "OPERATIONS_RUNBOOK.md (facts sheet, section 10.1)";

/** Numbers that Sprocket's owners promised, with where they did. */
export const objectives: readonly Objective[] = [
  { id: "api-p95", subject: "core API through the entry point", unit: "ms", limit: 500, source: runbook },
  { id: "api-p99", subject: "core API through the entry point", unit: "ms", limit: 1000, source: runbook },
  { id: "error-rate", subject: "core API through the entry point", unit: "ratio", limit: 0.01, source: runbook },
  { id: "api-p95-10x", subject: "core API at ten times the normal rate", unit: "ms", limit: 500, source: runbook },
  { id: "api-p99-10x", subject: "core API at ten times the normal rate", unit: "ms", limit: 1000, source: runbook },
  { id: "error-rate-10x", subject: "core API at ten times the normal rate", unit: "ratio", limit: 0.01, source: runbook },
  {
    id: "vault-recovery",
    subject: "Vault unsealed by itself after a crash",
    unit: "s",
    limit: 60,
    source: "facts sheet, section 5.2: time budget of a restart",
  },
  { id: "service-restart", subject: "a service answers again after a crash", unit: "s", limit: 300, source: runbook },
];

const disaster = "OPERATIONS_RUNBOOK.md (facts sheet, section 10.1, scenarios)";

/** What the owners promised for when something breaks: only experiments and drills can measure it, so a gate does not list it. */
export const disasterObjectives: readonly Objective[] = [
  // Uptime as the share of a month in which answers may be bad.
  { id: "uptime-web", subject: "web page", unit: "ratio", limit: 0.001, source: runbook },
  { id: "uptime-api", subject: "core API", unit: "ratio", limit: 0.001, source: runbook },
  { id: "uptime-redis", subject: "Redis", unit: "ratio", limit: 0.001, source: runbook },
  { id: "uptime-postgres", subject: "managed PostgreSQL", unit: "ratio", limit: 0.0001, source: runbook },
  { id: "uptime-discord-bot", subject: "Discord bot", unit: "ratio", limit: 0.005, source: runbook },
  { id: "layer-recovery", subject: "a layer is deployed again", unit: "s", limit: 1800, source: disaster },
  { id: "vault-restore", subject: "Vault is recovered by an operator", unit: "s", limit: 1800, source: disaster },
  { id: "database-restore", subject: "a database is restored", unit: "s", limit: 7200, source: disaster },
  { id: "full-rebuild", subject: "everything is rebuilt", unit: "s", limit: 21_600, source: disaster },
  { id: "service-loss", subject: "acknowledged writes lost at a service's restart", unit: "s", limit: 0, source: disaster },
  { id: "layer-loss", subject: "acknowledged writes lost when a layer is deployed again", unit: "s", limit: 0, source: disaster },
  { id: "vault-loss", subject: "acknowledged writes lost when Vault is recovered", unit: "s", limit: 0, source: disaster },
  { id: "database-loss", subject: "writes lost when a database is restored", unit: "s", limit: 86_400, source: disaster },
  { id: "rebuild-loss", subject: "writes lost when everything is rebuilt", unit: "s", limit: 86_400, source: disaster },
];
