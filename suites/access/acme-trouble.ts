import { entryRoutes } from "../../src/candidate/contract/entry-routes.ts";
import { isDefaultCertificate } from "../../src/check/access/certificate.ts";
import { isTraefiksNotFound } from "../../src/check/access/whose.ts";
import { check, type Judgement, NotSeen, type Seen } from "../../src/check/check.ts";
import { all, each, fail, named, pass, unknown } from "../../src/check/expect.ts";
import { errorWords, httpOf, notLooked } from "../../src/check/http.ts";
import type { AcmeFault, AcmeLog } from "../../src/engine/party/acme.ts";
import { acmeFaultName } from "../../src/fault/acme-fault.ts";
import type { EventOf } from "../../src/history/events.ts";
import type { DisruptContext } from "../../src/probe/context.ts";
import { observation } from "../../src/probe/observation.ts";
import { hasRoute } from "../layer1/clients.ts";
import { discovery } from "../layer1/routes.ts";

/** Hosts whose orders fail, by the way they do; one host alone is only limited. */
interface Chosen {
  limited?: string;
  refused?: string;
}

const down: AcmeFault[] = [{ kind: "down" }];

/** Traefik tries to renew every certificate at its start, one after another. */
const attempts = { withinMs: 60_000, everyMs: 1_000 };

const trouble = observation("access/acme-trouble", {
  tier: "layer1",
  needs: ["traefik", "party:acme"],
  effect: "disrupt",
  withinMs: 300_000,
  async collect(context) {
    const { target, acme, fact, poll } = context;
    const [limited, refused] = entryRoutes(target.candidate)
      .filter(({ service, route }) => route.tls && acme.resolvers.includes(route.resolver ?? "") && target.isUp(service.name))
      .map(({ host }) => host);
    fact("hosts", { ...(limited ? { limited } : {}), ...(refused ? { refused } : {}) } satisfies Chosen);
    if (!limited) return;
    const hosts = refused ? [limited, refused] : [limited];
    await ask(context, "before", hosts);

    const { reset } = await acme.log("log before down");
    await restarted(context, "down", hosts, down, async () => {
      await poll(attempts, async () => ((await acme.log("log of down")).reset.length > reset.length ? true : undefined));
    });
    const { orders } = await acme.log("log before limits");
    const limits: AcmeFault[] = [
      { kind: "rate-limited", identifiers: [limited] },
      ...(refused ? [{ kind: "refused" as const, identifiers: [refused] }] : []),
    ];
    await restarted(context, "limits", hosts, limits, async () => {
      await poll(attempts, async () => {
        const since = (await acme.log("log of limits")).orders.slice(orders.length);
        return hosts.every((host) => since.some(({ identifiers }) => identifiers.includes(host))) ? true : undefined;
      });
    });
  },
});

/** Has the server fail, kills Traefik, waits until it has tried, asks as a client does; then sees the server answer again. */
async function restarted(
  context: DisruptContext,
  label: string,
  hosts: readonly string[],
  faults: AcmeFault[],
  tried: () => Promise<void>,
): Promise<void> {
  const { target, acme, from, poll, healSeen, killTask } = context;
  await acme.failing(faults, async () => {
    await killTask("traefik", "SIGKILL");
    await tried();
    if (await ask(context, label, hosts))
      healSeen(`kill-task/${target.service("traefik").name}/SIGKILL`, { by: `clients of ${hosts.join(", ")} were answered` });
  });
  const inside = await from.inside("traefik");
  const healed = await poll({ withinMs: 10_000, everyMs: 500 }, async () => {
    const { response } = await inside.http(`directory after ${label}`, { url: acme.directory });
    return response?.status === 200 ? true : undefined;
  });
  if (healed) healSeen(acmeFaultName(faults), { by: "its directory answers where Traefik asks" });
}

/** Asks each host as its clients do, who check certificates, until it is answered; whether all were. */
async function ask({ from, poll }: DisruptContext, label: string, hosts: readonly string[]): Promise<boolean> {
  const answered = await Promise.all(
    hosts.map((host) => poll(discovery, async () => hasRoute(await from.public.http(label, { url: `https://${host}/` })))),
  );
  return answered.every(Boolean);
}

check(
  "access/acme-down",
  trouble,
  { title: "the site keeps answering with its stored certificates while the ACME server is down", service: "traefik" },
  (seen) => {
    const hosts = Object.values(seen.fact<Chosen>("hosts"));
    const tries = seen.fact<AcmeLog>("log of down").reset.length - seen.fact<AcmeLog>("log before down").reset.length;
    if (tries <= 0) return unknown("nobody asked the ACME server while it was down, so nothing was shown");
    return all([
      ...hosts.map((host) => keepsAnswering(seen, "down", host)),
      pass(`${tries} connections to the server were reset meanwhile`),
      undone(seen, "down", acmeFaultName(down)),
    ]);
  },
);

check(
  "access/acme-rate-limited",
  trouble,
  { title: "a host keeps answering with its stored certificate while its orders are rate-limited", service: "traefik" },
  (seen) => limitedTo(seen, "limited", 429),
);

check(
  "access/acme-refused",
  trouble,
  { title: "a host keeps answering with its stored certificate while its orders are refused", service: "traefik" },
  (seen) => limitedTo(seen, "refused", 403),
);

function limitedTo(seen: Seen, kind: keyof Chosen, status: number): Judgement {
  const host = seen.fact<Chosen>("hosts")[kind];
  if (!host) return unknown("the candidate has too few hosts whose certificates are ordered");
  const known = seen.fact<AcmeLog>("log before limits").orders.length;
  const orders = seen.fact<AcmeLog>("log of limits").orders.slice(known);
  const met = orders.filter((order) => order.identifiers.includes(host) && order.status === status);
  if (met.length === 0)
    return unknown(`nobody ordered a certificate for ${host} and was answered ${status}, so nothing was shown`);
  return all([
    keepsAnswering(seen, "limits", host),
    pass(`${met.length} orders were answered ${status} meanwhile`),
    undone(
      seen,
      "limits",
      seen.faults().find(({ fault }) => fault.includes(kind === "limited" ? "rate-limited" : kind))?.fault ?? "",
    ),
  ]);
}

/** The newest answer of a host is its service's own, behind the very certificate that it had before. */
function keepsAnswering(seen: Seen, label: string, host: string): Judgement {
  const [before, event] = ["before", label].map((name) => newest(seen, name, host)) as [EventOf<"sample">, EventOf<"sample">];
  const kept = before.sample.tls?.chain?.[0];
  if (!kept) return unknown(`${host} showed no certificate before`);
  const expected = `an answer behind the certificate from before, which ends ${kept.notAfter}`;
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { response, error } = httpOf(event);
  const leaf = event.sample.tls?.chain?.[0];
  const observed = `${response ? `status ${response.status}` : errorWords(error)}${leaf ? `, certificate by ${leaf.issuer}` : ""}`;
  return named(
    host,
    isDefaultCertificate(event.sample.tls)
      ? fail("Traefik presents its own default certificate: it lost the one from before", { expected, observed })
      : !response
        ? fail(`no answer that a client accepts: ${errorWords(error)}`, { expected, observed })
        : isTraefiksNotFound(response) || response.status >= 500
          ? fail(`status ${response.status} instead of the service's answer`, { expected, observed })
          : leaf?.sha256 === kept.sha256
            ? pass(`status ${response.status} behind the certificate from before`, { expected, observed })
            : fail("another certificate than before, though none could be had", { expected, observed }),
  );
}

function newest(seen: Seen, label: string, host: string): EventOf<"sample"> {
  const found = seen.samples(label).findLast((event) => event.target.includes(`https://${host}/`));
  if (!found) throw new NotSeen(`no client asked ${host} (${label})`);
  return found;
}

/** The server was told of no fault any more, and answered where Traefik asks. */
function undone(seen: Seen, label: string, fault: string): Judgement {
  const steps = seen.faults().filter((event) => event.fault === fault);
  const removed = steps.some(({ step }) => step === "removed");
  const expected = "the fault is removed, and the directory answers";
  if (!removed) return fail("the fault was not removed", { expected, observed: steps.map(({ step }) => step).join(", ") });
  return each(
    seen.samples(`directory after ${label}`).slice(-1),
    (event) => event.target,
    (event) => {
      const { response, error } = httpOf(event);
      const observed = response ? `status ${response.status}` : errorWords(error);
      return response?.status === 200
        ? pass("the ACME server answers again", { expected, observed })
        : fail(`the ACME server does not answer again: ${observed}`, { expected, observed });
    },
  );
}
