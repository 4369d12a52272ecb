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
