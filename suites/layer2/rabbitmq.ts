import { routesOf } from "../../src/candidate/routes.ts";
import { check, type Seen } from "../../src/check/check.ts";
import { comesBack, faultOnClock, type TaskFact } from "../../src/check/comes-back.ts";
import { all, condition, show, unknown } from "../../src/check/expect.ts";
import { ledgerKept } from "../../src/check/ledger.ts";
import { ledgerOf } from "../../src/check/ledger-fact.ts";
import type { Finding } from "../../src/history/events.ts";
import { observation } from "../../src/probe/observation.ts";
import { brokerHeaders, brokerOf } from "../clients.ts";
import { brokerCrash, opens } from "../platform/broker-crash.ts";

const access = observation("layer2/broker", {
  tier: "layer2",
  needs: ["rabbitmq", "redis"],
  effect: "write",
  collect: async ({ target, from, fact }) => {
    fact("asked", { test: target.service("rabbitmq").healthcheck?.test ?? [] });
    await target.health("health", "rabbitmq");
    const place = await from.inside("redis");
    // What every client tries first, whatever account the candidate makes.
    await place.amqp("default account", { ...brokerOf(target), user: "guest", password: "guest", vhost: "/", actions: [] });
    const managed = routesOf(target.service("rabbitmq")).some(({ protocol }) => protocol === "http");
    fact("managed", managed);
    if (!managed) return;
    await from.public.http("management", { url: target.url("rabbitmq", "/api/whoami"), headers: brokerHeaders(target) });
  },
});

/** As the engine tells it; see `HealthView`. */
interface Health {
  test: string[];
  status: string;
  runs: { exitCode: number; output: string }[];
}

check(
  "layer2/broker-health-check",
  access,
  { title: "the broker has a health check, and passes it", service: "rabbitmq" },
  (seen) => {
    const health = seen.fact<Health | null>("health");
    if (health === null) return unknown("the broker had no running task");
    const last = health.runs.at(-1);
    const met = `${health.status}${last ? `, last run: exit code ${last.exitCode}, ${show(last.output)}` : ""}`;
    return {
      ...all([
        condition("health check", health.test.join(" "), "is configured", health.test.length > 0 && health.test[0] !== "NONE"),
        condition("health", met, "is healthy", health.status === "healthy"),
      ]),
      findings: accountFindings(seen),
    };
  },
);

check(
  "layer2/broker-keeps-confirmed",
  brokerCrash,
  {
    title: "persistent messages in a durable queue that the broker confirmed survive its crash, none twice",
    service: "rabbitmq",
  },
  (seen) => {
    const { writes, read } = ledgerOf(seen, "confirmed");
    const judged = read ? undefined : recovers(seen);
    if (judged && judged.verdict !== "pass") return unknown(`nothing could be read back: ${judged.reason}`);
    return ledgerKept(writes, read);
  },
);

check(
  "layer2/broker-recovers",
  brokerCrash,
  { title: "the broker, killed as a crash kills it, opens sessions again", service: "rabbitmq" },
  recovers,
);

function recovers(seen: Seen) {
  const tasks = seen.facts<TaskFact[]>("tasks/rabbitmq").at(-1) ?? [];
  const objective = seen.objective("service-restart");
  return comesBack(seen.samples("sessions"), tasks, { ...faultOnClock(seen, "node"), good: opens, objective });
}

function accountFindings(seen: Seen): Finding[] {
  const findings: Finding[] = [];
  const session = seen.samples("default account")[0]?.sample;
  if (session?.probe === "amqp" && session.response && !session.error) {
    findings.push({
      rule: "broker/default-account",
      place: "rabbitmq",
      what: "the default account (guest) opens sessions from other tasks; the documents promise generated credentials and a vhost for each environment",
      cure: "Make an account of its own for each environment, and delete guest.",
    });
  }
  // A broker that no HTTP router is for was not asked from outside.
  const management = seen.facts("managed").at(-1) === false ? undefined : seen.samples("management")[0]?.sample;
  if (management?.probe === "http" && management.response?.status === 200) {
    findings.push({
      rule: "broker/management-reachable",
      place: "rabbitmq",
      what: "the management interface is reached from the public network, and lets the default account in as an administrator",
      cure: "Take the router off the management port, or put forward-auth before it.",
    });
  }
  return findings;
}
