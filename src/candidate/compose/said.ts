/** Keys of a service that `docker stack deploy` ignores or that no candidate can say, each with why it makes no difference here or what it would have done. */
const ignored: Record<string, string> = {
  build: "A stack is deployed from images; `docker stack deploy` ignores it",
  depends_on: "Swarm starts all services at once; `docker stack deploy` ignores it",
  container_name: "Swarm names its containers itself; `docker stack deploy` ignores it",
  labels: "They stand on containers, where Traefik in Swarm mode does not look: labels of a service are `deploy.labels`",
  links: "Services of a network reach each other by name; `docker stack deploy` ignores it",
  external_links: "`docker stack deploy` ignores it",
  expose: "Services of a network reach every port; `docker stack deploy` ignores it",
  profiles: "`docker stack deploy` starts every service whatever its profiles",
  privileged: "Swarm has no privileged services; `docker stack deploy` ignores it",
  network_mode: "Swarm's services are on overlay networks; `docker stack deploy` ignores it",
  pull_policy: "`docker stack deploy` ignores it",
  scale: "`deploy.replicas` says how many tasks a service has; `docker stack deploy` ignores it",
  platform: "`docker stack deploy` ignores it",
  cpus: "Limits of a service are `deploy.resources`; Swarm has no other",
  mem_limit: "Limits of a service are `deploy.resources`; Swarm has no other",
  mem_reservation: "Reservations of a service are `deploy.resources`; Swarm has no other",
};

/** Keys that the importer reads; what is neither here nor refused is a difference. */
export const readKeys = new Set([
  "image",
  "entrypoint",
  "command",
  "environment",
  "user",
  "hostname",
  "working_dir",
  "extra_hosts",
  "networks",
  "volumes",
  "tmpfs",
  "configs",
  "secrets",
  "healthcheck",
  "ports",
  "logging",
  "stop_grace_period",
  "restart",
  "deploy",
  "x-sprocket-resilience",
]);

/** Keys without which nobody knows what the service is, each with the cure. */
export const refusedKeys: Record<string, string> = {
  extends: "Write out what the service inherits: `docker compose config` does.",
  volumes_from: "Name the volumes under `volumes:`; Swarm has no volumes of another service.",
  label_file: "Write its labels under `deploy.labels`; files of labels are not read.",
};

/** Why a key that is not read makes a difference. */
export function whyLost(key: string): string {
  return Object.hasOwn(ignored, key) ? (ignored[key] as string) : "A candidate has no place for it, so the replica does without";
}
