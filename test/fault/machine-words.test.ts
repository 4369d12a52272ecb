import { expect, test } from "vitest";
import { type Fault, kindOf } from "../../src/fault/kinds.ts";

const said: [Fault, string][] = [
  [{ kind: "process/stop", role: "redis" }, "every process of redis is stopped (SIGSTOP)"],
  [{ kind: "process/restart", role: "core" }, "Swarm is told to restart core (a forced update of the same spec)"],
  [{ kind: "process/crash-loop", role: "core" }, "each task of core is killed as soon as it runs"],
  [{ kind: "process/exit-at-start", role: "core", exitCode: 3 }, "each new task of core ends with exit code 3 at once"],
  [{ kind: "process/out-of-memory", role: "core" }, "core gets less memory than it uses, so that the kernel kills it"],
  [{ kind: "storage/disk-full", percent: 90 }, "the node's data disk is filled to 90 %"],
  [{ kind: "storage/read-only", role: "redis" }, "the data mount of redis can be read only"],
  [{ kind: "storage/volume-gone", role: "redis", mount: "/data" }, "everything in the data mount /data of redis is gone"],
  [
    { kind: "storage/file-truncated", role: "vault", path: "/vault/unseal-tokens/unseal_tokens.txt", keepBytes: 40 },
    "/vault/unseal-tokens/unseal_tokens.txt of vault is cut to 40 bytes",
  ],
  [
    { kind: "storage/file-owner", role: "rabbitmq", path: "/var/lib/rabbitmq/mnesia", uid: 1000, gid: 1000, mode: 0o700 },
    "/var/lib/rabbitmq/mnesia of rabbitmq belongs to 1000:1000, mode 700",
  ],
  [
    { kind: "resource/cpu-hog", processes: 4, cores: 1.5 },
    "4 busy processes on the node, with the time of 1.5 processors at most",
  ],
  [{ kind: "resource/cpu-hog", processes: 4, cores: 1, role: "core" }, "4 busy processes on the account of core"],
  [{ kind: "resource/memory-squeeze", role: "redis", percent: 110 }, "redis may have 110 % of the memory that it uses"],
  [
    { kind: "resource/descriptors", role: "redis", spare: 2 },
    "redis gets no more than 2 file descriptors beside those that it has",
  ],
  [
    { kind: "resource/connection-storm", role: "rabbitmq", port: 5672, perSecond: 500, openMs: 1000, from: "redis" },
    "500 new connections a second from redis to port 5672 of rabbitmq, each open for 1000 ms",
  ],
  [{ kind: "resource/connections-used-up", party: "postgres" }, "all sessions that postgres allows its account are taken"],
];

test.each(said)("%o", (fault, words) => {
  expect(kindOf(fault).words(fault)).toBe(words);
});
