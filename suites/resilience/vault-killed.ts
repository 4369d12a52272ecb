import { experiment } from "./experiment.ts";

experiment({
  name: "vault-killed",
  title: "Vault's process is killed",
  why: "X-01, I-02: Vault sealed itself at every restart; it has to unseal by itself, and whoever has its secrets already must not notice",
  tags: ["layer1", "crash"],
  tier: "platform",
  service: "vault",
  needs: ["traefik", "vault", "core", "web", "route:vault", "party:s3"],
  faults: [{ fault: { kind: "process/kill", role: "vault", signal: "SIGKILL" } }],
  victims: [{ client: "vault", from: "public" }],
  bystanders: [
    { client: "api", from: "public" },
    { client: "web", from: "public" },
  ],
  mayEnd: ["vault"],
  objective: "vault-recovery",
  ledger: {
    store: "vault",
    everyMs: 100,
    mayLose: 0,
    source: "secrets that S3 has taken before Vault answers (facts sheet, section 5.1)",
    objective: "service-loss",
  },
});
