import { experiment } from "./experiment.ts";

experiment({
  name: "s3-gone",
  title: "the object storage is off for 20 s",
  why: "X-07, I-11: Vault keeps its storage there and submissions their replays; what needs neither must go on",
  tags: ["party"],
  tier: "platform",
  service: "s3",
  needs: ["traefik", "vault", "core", "web", "redis", "party:s3", "route:vault"],
  faults: [{ fault: { kind: "party/gone", party: "s3", how: "off" }, holdMs: 20_000 }],
  victims: [
    { client: "storage", from: "public", everyMs: 100 },
    { client: "s3", from: "inside:redis", everyMs: 50 },
  ],
  bystanders: [
    { client: "api", from: "public" },
    { client: "web", from: "public" },
  ],
  mayEnd: [],
  objective: "service-restart",
  ledger: {
    store: "s3",
    everyMs: 100,
    mayLose: 0,
    source: "objects that the storage has taken (facts sheet, section 7.4)",
    objective: "service-loss",
  },
});
