import { experiment } from "./experiment.ts";

experiment({
  name: "socket-proxy-killed",
  title: "the socket proxy's process is killed",
  why: "X-28: Traefik knows services through it alone; routes that it knows must go on",
  tags: ["layer1", "crash"],
  tier: "platform",
  service: "socket-proxy",
  needs: ["traefik", "socket-proxy", "core", "web"],
  faults: [{ fault: { kind: "process/kill", role: "socket-proxy", signal: "SIGKILL" } }],
  victims: [{ client: "socket-proxy", from: "inside:traefik" }],
  bystanders: [
    { client: "api", from: "public" },
    { client: "web", from: "public" },
    { client: "entry", from: "lan" },
  ],
  mayEnd: ["socket-proxy"],
  objective: "service-restart",
});
