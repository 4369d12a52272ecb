import { clientRoute } from "../candidate/contract/client-routes.ts";
import { type Route, routesOf } from "../candidate/routes.ts";
import type { Role } from "../candidate/types.ts";
import type { Where } from "../engine/agent-protocol.ts";
import type { Vantage } from "../engine/vantage/vantage.ts";
import type { Sample } from "../history/sample.ts";
import type { HistoryWriter } from "../history/writer.ts";
import { processorOf } from "../replica/processor.ts";
import type { Replica } from "../replica/up.ts";
import type { AcmeView, DisruptContext, TailnetView, TargetView, Watch, Watched, WatchOptions, WritePlace } from "./context.ts";
import { RecordingPlace } from "./places.ts";
import { endsGood } from "./streak.ts";

/** Gives an observation its hands and eyes: the whole of what any effect may do; the type that a suite sees narrows it. */
export function contextFor(
  replica: Replica,
  history: HistoryWriter,
  observation: string,
  signal: AbortSignal,
  faults: Pick<DisruptContext, "killTask" | "killProcess" | "holdTailnet" | "newcomers" | "experiment" | "k6"> &
    Pick<DisruptContext["acme"], "failing">,
  hide: (name: string, value: string) => void,
): DisruptContext {
  const place = (vantage: Vantage, where: Where, name = vantage.name): RecordingPlace =>
    new RecordingPlace({
      history,
      observation,
      vantage: name,
      agent: vantage.agent,
      where,
      manners: { authority: replica.authority.certificate, ...(vantage.resolver ? { resolver: vantage.resolver } : {}) },
      signal,
    });
  const vantage = (name: string): Vantage => {
    const found = replica.vantages.get(name);
    if (!found) throw new Error(`this target has no vantage ${name}`);
    return found;
  };
  const inside = async (role: Role): Promise<WritePlace & { addresses: ReadonlyMap<string, string> }> => {
    const { name } = replica.service(role).candidate;
    const task = await replica.swarm.running(name);
    if (!task) throw new Error(`${name} has no running task to look from`);
    const within: Vantage = {
      name: `inside:${name}`,
      place: "inside",
      // Swarm's word for the task's addresses, and what any namespace calls itself.
      subnets: [...(await replica.swarm.addresses(task)).map((address) => `${address}/32`), "127.0.0.0/8"],
      agent: replica.nodeAgent,
      containerId: replica.node.containerId,
    };
    history.append({ type: "vantage", name: within.name, place: "inside", subnets: within.subnets });
    return Object.assign(place(within, { netnsPid: task.pid }), { addresses: task.addresses });
  };
  const publicPlace = place(vantage("public"), {});
  const localhost = place(vantage("localhost"), {});

  const context: DisruptContext = {
    signal,
    target: targetView(replica, history, observation),
    get acme() {
      return { ...acmeView(replica, history, observation), failing: faults.failing };
    },
    from: {
      public: publicPlace,
      localhost,
      mode: (mode) => {
        const found = replica.vantages.get(mode);
        return found && place(found, {});
      },
      inside,
      get tailscale() {
        return place(vantage("tailscale"), {});
      },
      get stranger() {
        return place(vantage("stranger"), {});
      },
    },
    fact: (name, data) => void history.append({ type: "fact", observation, name, data }),
    async poll(bound, look) {
      const end = performance.now() + bound.withinMs;
      for (;;) {
        signal.throwIfAborted();
        const seen = await look();
        if (seen !== undefined) return seen;
        if (performance.now() >= end) return undefined;
        await new Promise((resolve) => setTimeout(resolve, bound.everyMs));
      }
    },
    async nodeFile(path) {
      const read = await replica.nodeAgent.file({ action: "read", path }).catch(() => undefined);
      if (!read) return undefined;
      const content = Buffer.from(read.content, "base64").toString("utf8");
      // A file of the node that an observation must read is one of keys or tokens: none of its lines may reach an artifact.
      for (const line of content.split("\n")) hide(`node-file:${path}`, line.trim());
      return content;
    },
    async nodeStat(path) {
      return await replica.nodeAgent.file({ action: "stat", path }).catch(() => undefined);
    },
    sockets: () => replica.sockets.read(replica.node.daemon),
    taskLogs: (role) => replica.swarm.taskLogs(replica.service(role).candidate.name),
    killTask: faults.killTask,
    killProcess: faults.killProcess,
    holdTailnet: faults.holdTailnet,
    newcomers: faults.newcomers,
    experiment: faults.experiment,
    k6: faults.k6,
    watch: async (label, from, request, options) => {
      const at = from === "localhost" ? localhost : from === "public" ? publicPlace : (from as RecordingPlace);
      return watch(at, label, request, options);
    },
    healSeen: (fault, detail) => void history.append({ type: "fault", observation, fault, step: "heal-seen", detail }),
  };
  return context;
}

function targetView(replica: Replica, history: HistoryWriter, observation: string): TargetView {
  const { candidate } = replica.plan;
  const route = (role: Role): Route => {
    const found = routesOf(replica.service(role).candidate).find((one) => one.protocol === "http");
    if (!found) throw new Error(`${replica.service(role).candidate.name} has no HTTP router`);
    return found;
  };
  return {
    candidate,
    domain: candidate.domain,
    parties: {
      get postgres() {
        return addressed(candidate.parties.postgres, "PostgreSQL");
      },
      get s3() {
        return addressed(candidate.parties.s3, "S3");
      },
    },
    service: (role) => replica.service(role).candidate,
    route,
    url: (role, path) => `${route(role).tls ? "https" : "http"}://${route(role).host}${path}`,
    clientRoute(role) {
      const found = clientRoute(candidate, role);
      if (!found) throw new Error(`the candidate has no way for clients to ${role}`);
      return found;
    },
    secret: (name) => replica.secrets.get(name),
    fill: replica.secrets.fill,
    authority: replica.authority.certificate,
    async tasks(label, role) {
      const tasks = await replica.swarm.tasks(replica.service(role).candidate.name);
      history.append({ type: "fact", observation, name: label, data: tasks });
      return tasks;
    },
    async health(label, role) {
      const health = await replica.swarm.health(replica.service(role).candidate.name);
      history.append({ type: "fact", observation, name: label, data: health ?? null });
      return health;
    },
    async processor(label, role) {
      const task = await replica.swarm.running(replica.service(role).candidate.name);
      const account = task && (await processorOf(replica.nodeAgent, task.pid));
      history.append({ type: "fact", observation, name: label, data: account ? { task: task.task.id, ...account } : null });
    },
    entryAddress: (mode) => replica.entryAddress(mode),
    cameUp: (role) => {
      const service = replica.plan.services.find((one) => one.candidate.role === role);
      return service !== undefined && replica.ready.has(service.candidate.name);
    },
    isUp: (service) => (replica.serviceByName(service) ? replica.ready.has(service) : undefined),
    get tailnet() {
      return tailnetView(replica, history, observation);
    },
  };
}

function tailnetView({ tailnet }: Replica, history: HistoryWriter, observation: string): TailnetView {
  if (!tailnet) throw new Error("this target has no tailnet");
  const recorded = async <T>(name: string, look: Promise<T>): Promise<T> => {
    const data = await look;
    history.append({ type: "fact", observation, name, data });
    return data;
  };
  const { ingress, members } = tailnet;
  return {
    ingress,
    path: (label) => recorded(label, tailnet.path()),
    echo: (label, machine) => recorded(label, members[machine].echo(ingress.address)),
    state: (label, machine) => recorded(label, members[machine].state()),
  };
}

function acmeView({ issuance, plan }: Replica, history: HistoryWriter, observation: string): AcmeView {
  const [server] = plan.issuance?.servers ?? [];
  if (!issuance || !server) throw new Error("this target has no ACME server of ours");
  return {
    root: issuance.root,
    resolvers: plan.issuance?.resolvers ?? [],
    toRenew: issuance.toRenew,
    directory: `https://${server.host}${server.port === 443 ? "" : `:${server.port}`}${server.path}`,
    async log(label) {
      const log = await issuance.control.log();
      history.append({ type: "fact", observation, name: label, data: log });
      return log;
    },
  };
}

async function watch(place: RecordingPlace, label: string, request: Watched, options: WatchOptions): Promise<Watch> {
  const newest: Sample[] = [];
  let wake: () => void = () => {};
  let over = false;
  const series = place.startSeries(label, request, options, (samples) => {
    newest.push(...samples);
    newest.sort((a, b) => a.due - b.due);
    if (newest.length > 1000) newest.splice(0, newest.length - 1000);
    wake();
  });
  const ended = series.ended.then(() => {
    over = true;
    wake();
  });
  return {
    async until(good, run, lastingMs = 0) {
      for (;;) {
        if (endsGood(newest, good, { run, lastingMs })) return "seen";
        if (over) return "bound";
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async stop() {
      await series.stop();
      await ended;
    },
  };
}

function addressed<P>(party: P | undefined, what: string): P {
  if (!party) throw new Error(`the candidate addresses no ${what}; the observation lacks the party among its needs`);
  return party;
}
