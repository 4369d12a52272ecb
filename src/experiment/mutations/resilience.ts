import { redisPassword } from "../../candidate/contract/redis.ts";
import type { Candidate, Role } from "../../candidate/types.ts";
import { Authority } from "../../engine/authority.ts";
import { putFiles } from "../../engine/docker-files.ts";
import { run } from "../../engine/exec.ts";
import type { Replica } from "../../replica/up.ts";
import { changed, type Mutation } from "./mutation.ts";

const notRestarted = (role: Role) => (candidate: Candidate) =>
  changed(candidate, role, (service) => {
    service.restart = { condition: "none" };
  });

function party(replica: Replica, name: string): string {
  const id = replica.parties.get(name);
  if (!id) throw new Error(`this replica has no party ${name} to mutate`);
  return id;
}

/** Has a process of the node empty Redis every second, for four minutes. */
async function emptyRedis(replica: Replica): Promise<void> {
  const { candidate } = replica.service("redis");
  const password = replica.secrets.fill(redisPassword(replica.plan.candidate, candidate) ?? "");
  const empty =
    'for round in $(seq 240); do sleep 1; docker exec -e REDISCLI_AUTH="$1" "$(docker ps -q -f name="$0")" redis-cli FLUSHALL; done';
  const script = `exec >/dev/null 2>&1 </dev/null; ${empty}`;
  const { code } = await replica.node.exec(["setsid", "-f", "sh", "-c", script, candidate.name, password]);
  if (code !== 0) throw new Error("nobody could be set to emptying Redis");
}

/** Red twins of experiments: each does no harm until the experiment hurts. */
export const resilienceMutations: readonly Mutation[] = [
  {
    name: "vault-key-file-missing-when-killed",
    what: "the file with the unseal keys is gone from the node when Vault is killed in the experiment",
    reddens: "resilience/vault-killed-recovers",
    async running(replica) {
      const mount = replica.service("vault").candidate.mounts.find(({ target }) => target === "/vault/unseal-tokens");
      if (!mount) throw new Error("this Vault has no folder for its keys");
      await replica.nodeAgent.file({
        action: "move",
        path: `${mount.source}/unseal_tokens.txt`,
        to: `${mount.source}/unseal_tokens.txt.away`,
      });
    },
  },
  {
    name: "traefik-not-restarted",
    what: "Traefik has the restart condition none",
    reddens: "resilience/traefik-killed-recovers",
    candidate: notRestarted("traefik"),
  },
  {
    name: "socket-proxy-not-restarted",
    what: "the socket proxy has the restart condition none",
    reddens: "resilience/socket-proxy-killed-recovers",
    candidate: notRestarted("socket-proxy"),
  },
  {
    name: "redis-not-restarted-when-killed",
    what: "Redis has the restart condition none when the experiment kills it",
    reddens: "resilience/redis-killed-recovers",
    candidate: notRestarted("redis"),
  },
  {
    name: "redis-emptied-around-a-freeze",
    what: "somebody empties Redis every second, before it is frozen and after",
    reddens: "resilience/redis-paused-keeps",
    running: emptyRedis,
  },
  {
    name: "redis-emptied",
    what: "somebody empties Redis every second, for four minutes, whatever was acknowledged",
    reddens: "resilience/redis-killed-keeps",
    running: emptyRedis,
  },
  {
    name: "broker-without-volume-when-killed",
    what: "the broker has no volume when the experiment kills it, so a new task begins empty",
    reddens: "resilience/broker-killed-keeps",
    candidate: (candidate) =>
      changed(candidate, "rabbitmq", (service) => {
        service.mounts = [];
      }),
  },
  {
    name: "broker-health-check-minds-alarms",
    what: "the broker's health check takes an alarm for an illness, so a full disk gets it killed",
    reddens: "resilience/broker-disk-full-spares-others",
    candidate: (candidate) =>
      changed(candidate, "rabbitmq", (service) => {
        if (!service.healthcheck) throw new Error("this broker has no health check to mutate");
        const second = 1_000_000_000;
        service.healthcheck = {
          ...service.healthcheck,
          test: ["CMD", "rabbitmq-diagnostics", "-q", "check_local_alarms"],
          intervalNs: 3 * second,
          retries: 2,
        };
      }),
  },
  {
    name: "core-health-check-too-strict",
    what: "the core API has a health check that gives it up when a question to PostgreSQL takes more than 200 ms",
    reddens: "resilience/postgres-slow-spares-others",
    candidate: (candidate) =>
      changed(candidate, "core", (service) => {
        const second = 1_000_000_000;
        const ask =
          "fetch('http://127.0.0.1:3001/graphql',{method:'POST',headers:{'content-type':'application/json'}," +
          'body:\'{"query":"{databaseTime}"}\',signal:AbortSignal.timeout(200)}).then(r=>process.exit(r.ok?0:1),()=>process.exit(1))';
        service.healthcheck = {
          test: ["CMD", "node", "-e", ask],
          intervalNs: 3 * second,
          timeoutNs: 3 * second,
          retries: 2,
          startPeriodNs: 10 * second,
        };
      }),
  },
  {
    name: "postgres-comes-back-elsewhere",
    what: "the managed PostgreSQL listens on another port once it was off",
    reddens: "resilience/postgres-gone-recovers",
    async running(replica) {
      const script = 'sed -i "s/^port = .*/port = 25061/" "$PGDATA/postgresql.conf"';
      const { code, stderr } = await run(replica.docker, party(replica, "postgres"), ["sh", "-c", script]);
      if (code !== 0) throw new Error(`PostgreSQL's port could not be changed: ${stderr}`);
    },
  },
  {
    name: "s3-comes-back-untrusted",
    what: "the object storage shows a certificate of a strange authority once it was off",
    reddens: "resilience/s3-gone-recovers",
    async running(replica) {
      const storage = replica.plan.candidate.parties.s3;
      if (!storage) throw new Error("the candidate has no object storage to mutate");
      const leaf = await (await Authority.create("a stranger")).issue([storage.host, `*.${storage.host}`]);
      await putFiles(replica.docker.getContainer(party(replica, "s3")), [
        { path: "/tls/server.crt", content: leaf.certificate },
        { path: "/tls/server.key", content: leaf.key },
      ]);
    },
  },
  {
    name: "redis-not-restarted-while-postgres-is-gone",
    what: "Redis has the restart condition none when it is killed while PostgreSQL is off",
    reddens: "resilience/redis-killed-while-postgres-is-gone-recovers",
    candidate: notRestarted("redis"),
  },
  {
    name: "core-not-restarted",
    what: "the core API has the restart condition none",
    reddens: "resilience/core-killed-recovers",
    candidate: notRestarted("core"),
  },
];
