import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { brokerAccount } from "../../src/candidate/contract/broker.ts";
import { redisPassword } from "../../src/candidate/contract/redis.ts";
import type { AmqpAction } from "../../src/engine/agent-protocol.ts";
import { UndoJournal } from "../../src/engine/undo/journal.ts";
import { undo } from "../../src/engine/undo/step.ts";
import { until } from "../../src/engine/until.ts";
import type { PreparedFault } from "../../src/fault/fault.ts";
import { type Fault, kindOf } from "../../src/fault/kinds.ts";
import type { Replica } from "../../src/replica/up.ts";
import { type Start, startReplica } from "../replica/a-replica.ts";

/** A node with Redis and the broker alone, which come back soon, and a disk of its own for their data. */
export async function startMachine(): Promise<{ start: Start; machine: Machine }> {
  const start = await startReplica({
    upTo: "layer2",
    dataDisk: true,
    change(candidate) {
      candidate.services = candidate.services.filter(({ role }) => role === "redis" || role === "rabbitmq");
      for (const service of candidate.services) service.restart = { condition: "any", delayNs: 500e6 };
    },
  });
  return { start, machine: new Machine(await start.replica) };
}

/** What clients of the two meet, and the life of a fault between both. */
export class Machine {
  readonly replica: Replica;

  constructor(replica: Replica) {
    this.replica = replica;
  }

  /** Each command's reply; an error as its word. From the broker's place, on a connection of its own. */
  async redis(...commands: string[][]): Promise<unknown> {
    const { replica } = this;
    const { candidate } = replica.service("redis");
    const from = await replica.swarm.running(replica.service("rabbitmq").candidate.name);
    const password = redisPassword(replica.plan.candidate, candidate);
    const { error, response } = await replica.nodeAgent.probe<"redis">(from ? { netnsPid: from.pid } : {}, {
      kind: "redis",
      host: candidate.name,
      port: 6379,
      ...(password === undefined ? {} : { password: replica.secrets.fill(password) }),
      commands,
      timeouts: { totalMs: 1500 },
    });
    return error ? error.kind : response?.replies;
  }

  async broker(...actions: AmqpAction[]): Promise<unknown> {
    const { replica } = this;
    const { candidate } = replica.service("rabbitmq");
    const account = brokerAccount(replica.plan.candidate, candidate);
    const from = await replica.swarm.running(replica.service("redis").candidate.name);
    const { error, response } = await replica.nodeAgent.probe<"amqp">(from ? { netnsPid: from.pid } : {}, {
      kind: "amqp",
      host: candidate.name,
      port: 5672,
      user: replica.secrets.fill(account.user ?? ""),
      password: replica.secrets.fill(account.password ?? ""),
      ...(account.vhost === undefined ? {} : { vhost: account.vhost }),
      actions,
      timeouts: { totalMs: 3000 },
    });
    return error ? error.kind : response;
  }

  async soon(what: string, holds: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
    await until(what, { withinMs, everyMs: 100 }, holds);
  }

  async healthy(): Promise<void> {
    await this.soon("Redis to answer", async () => {
      const running = await this.replica.swarm.running(this.replica.service("redis").candidate.name);
      return running !== undefined && JSON.stringify(await this.redis(["PING"])) === JSON.stringify(["PONG"]);
    });
  }

  /**
   * The whole life of a fault that is held: it does not bite before, undoing what was never applied is harmless, it bites, a client sees it, it is not healed
   * while it is there, the journal alone undoes it, twice.
   */
  async life(fault: Fault, seen: (prepared: PreparedFault) => Promise<void>): Promise<void> {
    const { replica } = this;
    const never = await kindOf(fault).prepare(replica, fault);
    expect(await undo(replica.docker, never.undo), "undoing what was never applied").toEqual([]);
    const prepared = await kindOf(fault).prepare(replica, fault);
    expect(await prepared.bites(), "bites before it is applied").toBe(false);
    const folder = mkdtempSync(join(tmpdir(), "sprocket-resilience-undo-"));
    try {
      const journal = new UndoJournal(folder);
      journal.open(prepared.name, prepared.undo);
      try {
        await prepared.apply();
        await this.soon(`${prepared.name} to bite`, () => prepared.bites());
        expect(await prepared.healed(), "healed while it is there").toBe(false);
        await seen(prepared);
      } finally {
        for (const { steps } of new UndoJournal(folder).left()) expect(await undo(replica.docker, steps)).toEqual([]);
      }
      await this.soon(`${prepared.name} to heal`, () => prepared.healed());
      expect(await undo(replica.docker, prepared.undo), "undoing it again").toEqual([]);
      expect(await prepared.healed(), "healed after it was undone again").toBe(true);
      if (!/^exit-at-start/.test(prepared.name)) await this.#isOver(prepared);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** What was still on its way when the fault was undone changes nothing: one that lasts ends at once, any other is refused. */
  async #isOver(prepared: PreparedFault): Promise<void> {
    const lasts = /^(crash-loop|cpu-hog|connection)/.test(prepared.name);
    const came = await prepared.apply().then(
      () => "applied",
      () => "refused",
    );
    expect(came, "applied after it was undone").toBe(lasts ? "applied" : "refused");
    if (lasts)
      await this.soon("its end at once", () =>
        prepared.bites().then(
          () => false,
          () => true,
        ),
      );
    expect(await prepared.healed(), "healed after it was applied when it was over").toBe(true);
  }
}
