import { accessRoutes, deployedRouters, literalAddresses } from "../../src/candidate/contract/access-routes.ts";
import { brokerAccount } from "../../src/candidate/contract/broker.ts";
import { callbacksOf } from "../../src/candidate/contract/callbacks.ts";
import { redisPassword } from "../../src/candidate/contract/redis.ts";
import { traefikStatic } from "../../src/candidate/expectations/traefik-static.ts";
import { isDefaultCertificate } from "../../src/check/access/certificate.ts";
import { labels } from "../../src/check/access/evidence.ts";
import { localName, waysIn } from "../../src/check/access/expected.ts";
import { type AccessMode, type AccessRoute, accessModes, type EntryPointFact, type ModeFact } from "../../src/history/access.ts";
import type { Sample } from "../../src/history/sample.ts";
import type { ObserveContext, ObservePlace, TargetView } from "../../src/probe/context.ts";
import { observation } from "../../src/probe/observation.ts";
import { clientQuestions, hasRoute } from "../layer1/clients.ts";
import { discovery } from "../layer1/routes.ts";

/** Every route of the candidate, asked as a client of each mode asks: by its own name, and by what the mode calls the entry point. */
export const modes = observation("access/modes", {
  tier: "platform",
  needs: ["traefik"],
  effect: "observe",
  withinMs: 120_000,
  async collect(context) {
    const { target, from, fact, poll } = context;
    const entry = entryPoint(target);
    fact("entry point", entry);
    fact("callbacks", callbacksOf(target.candidate));
    const looked = accessModes.flatMap((mode) => {
      const place = from.mode(mode);
      const address = target.entryAddress(mode);
      if (!place || address === undefined) return [];
      fact("mode", { mode, address, ...manners[mode] } satisfies ModeFact);
      return [{ mode, place, address }];
    });
    const asked = entry.routes.filter((route) => route.up);
    const first = looked.find(({ mode }) => mode === "public");
    // One mode waits for the entry point to know the routes; after that all of them meet what there is.
    if (first)
      await Promise.all(
        asked.map((route) =>
          poll(discovery, async () => known(await look(first.place, target, "public", "name", route, first.address))),
        ),
      );
    await Promise.all([
      ...looked
        .filter(({ mode }) => mode !== "public")
        .flatMap(({ mode, place, address }) =>
          asked.flatMap((route) => waysIn(entry, mode, route).map((by) => look(place, target, mode, by, route, address))),
        ),
      whatExplains(context, asked),
    ]);
  },
});

/** How clients of each mode find the entry point and whom they trust, in words. */
const manners: Record<AccessMode, { resolver: string; trust: string }> = {
  localhost: {
    resolver: "the node's hosts file, which maps the routes' names to 127.0.0.1; names under localhost by RFC 6761",
    trust: "the public authority",
  },
  lan: { resolver: "the client's hosts file, which maps the routes' names to the LAN address", trust: "the public authority" },
  tailscale: { resolver: "MagicDNS", trust: "the public authority" },
  public: { resolver: "the authoritative server of the domain", trust: "the public authority" },
};

function entryPoint(target: TargetView): EntryPointFact {
  const { candidate } = target;
  const [settings] = traefikStatic(candidate);
  const network = settings?.at("providers", "docker", "network");
  return {
    domain: candidate.domain,
    routes: accessRoutes(candidate).map((route) => {
      const up = target.isUp(route.service);
      return { ...route, ...(up === undefined ? {} : { up }) };
    }),
    deployed: deployedRouters(candidate),
    ...(typeof network === "string" ? { network } : {}),
    literals: literalAddresses(candidate),
  };
}

/** A poll's end: the route is known and its certificate is there, or something else than a missing one is met. */
function known(sample: Sample): true | undefined {
  if (sample.probe === "http") return hasRoute(sample);
  return sample.error || isDefaultCertificate(sample.tls) ? undefined : true;
}

async function look(
  place: ObservePlace,
  target: TargetView,
  mode: AccessMode,
  by: "name" | "address",
  route: AccessRoute,
  address: string,
): Promise<Sample> {
  const label = labels.look(mode, by, route);
  const host = by === "name" ? route.host : mode === "localhost" ? localName(route) : address;
  const tls = { insecure: true };
  if (route.protocol === "tcp") return await speak(place, target, label, route);
  const question = questionOf(route);
  const request = { url: `${route.tls ? "https" : "http"}://${host}${question.path}`, tls, maxBodyBytes: 2048 };
  return question.query === undefined
    ? await place.http(label, request)
    : await place.graphql(label, { ...request, query: question.query });
}

/** What clients ask of a service: its role's own question, else the path of the rule. */
function questionOf(route: AccessRoute): { path: string; query?: string } {
  return clientQuestions.find(({ role }) => role === route.role)?.ask ?? { path: route.path };
}

/** A TCP route in its own protocol: that a handshake ends well says nothing of who is behind it. */
async function speak(place: ObservePlace, target: TargetView, label: string, route: AccessRoute): Promise<Sample> {
  const at = { host: route.host, port: 443, tls: { insecure: true } };
  const service = target.candidate.services.find(({ name }) => name === route.service);
  if (service?.role === "rabbitmq") {
    const { user, password, vhost } = brokerAccount(target.candidate, service);
    return await place.amqpOpen(label, { ...at, user: target.fill(user), password: target.fill(password), vhost });
  }
  if (service?.role?.endsWith("redis")) {
    const password = redisPassword(target.candidate, service);
    return await place.redis(label, {
      ...at,
      ...(password === undefined ? {} : { password: target.fill(password) }),
      commands: [["PING"]],
    });
  }
  return await place.tls(label, at);
}

/** What is behind each route, asked inside, and what the entry point says of itself: the ground on which a wrong answer is explained. */
async function whatExplains({ target, from }: ObserveContext, routes: readonly AccessRoute[]): Promise<void> {
  const traefik = await from.inside("traefik");
  const [settings] = traefikStatic(target.candidate);
  const endpoint = String(settings?.at("providers", "docker", "endpoint") ?? "");
  const own = routes.filter(({ protocol, port }) => protocol === "http" && port !== undefined);
  await Promise.all([
    ...own.map(async (route) => {
      const { path, query } = questionOf(route);
      const request = { url: `http://${route.service}:${route.port}${path}`, maxBodyBytes: 2048 };
      await (query === undefined
        ? traefik.http(labels.own(route), request)
        : traefik.graphql(labels.own(route), { ...request, query }));
    }),
    ...routes
      .filter(({ protocol }) => protocol === "http")
      .map((route) =>
        from.public.http(labels.otherScheme(route), {
          url: `${route.tls ? "http" : "https"}://${route.host}${questionOf(route).path}`,
          tls: { insecure: true },
          maxBodyBytes: 256,
        }),
      ),
    ...(["http", "tcp"] as const).map((protocol) =>
      traefik.http(labels.routers(protocol), { url: `http://127.0.0.1:8080/api/${protocol}/routers` }),
    ),
    // 1.24 is what Traefik speaks to a Swarm up to 2.11.30 (its source, pkg/provider/docker: SwarmAPIVersion).
    ...(endpoint.startsWith("tcp://")
      ? [traefik.http(labels.engine, { url: `${endpoint.replace(/^tcp:/, "http:")}/v1.24/version`, maxBodyBytes: 512 })]
      : []),
  ]);
}
