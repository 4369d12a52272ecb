import { createHash, X509Certificate } from "node:crypto";
import { acmeResolvers, hostsOfResolvers } from "../../src/candidate/contract/acme.ts";
import { securedHosts } from "../../src/candidate/contract/client-routes.ts";
import { isDefaultCertificate } from "../../src/check/access/certificate.ts";
import { check, type Judgement } from "../../src/check/check.ts";
import { each, fail, pass, unknown } from "../../src/check/expect.ts";
import { errorWords, notLooked } from "../../src/check/http.ts";
import type { AcmeLog, AcmeOrder } from "../../src/engine/party/acme.ts";
import type { EventOf } from "../../src/history/events.ts";
import type { CertificateSeen } from "../../src/history/sample.ts";
import type { ObserveContext } from "../../src/probe/context.ts";
import { observation } from "../../src/probe/observation.ts";
import { discovery } from "../layer1/routes.ts";

/** A handshake for a host, whatever comes of it; `verifyError` says whether the chain leads to the ACME server's root and no other. */
export async function handshake({ acme, from }: Pick<ObserveContext, "acme" | "from">, label: string, host: string) {
  return await from.public.tls(label, { host, port: 443, tls: { serverName: host, insecure: true, caPem: acme.root } });
}

/** Waits, bounded, until a host presents a certificate of the ACME server; the newest look is judged. */
async function untilIssued(context: Pick<ObserveContext, "acme" | "from" | "poll">, label: string, host: string): Promise<void> {
  await context.poll(discovery, async () => {
    const { tls } = await handshake(context, label, host);
    return tls && tls.verifyError === undefined ? true : undefined;
  });
}

/** Newest sample of each host. */
export function newestOf(events: EventOf<"sample">[]): EventOf<"sample">[] {
  return [...new Map(events.map((event) => [event.sample.tls?.serverName ?? event.target, event])).values()];
}

const issued = observation("access/acme-issued", {
  tier: "platform",
  needs: ["traefik", "party:acme"],
  effect: "observe",
  async collect(context) {
    const { target, acme, fact } = context;
    const traefik = target.service("traefik");
    const resolvers = acmeResolvers(target.candidate, traefik);
    const others = [...resolvers.keys()].filter((name) => !acme.resolvers.includes(name));
    // Of those that another resolver serves, or none, this server knows nothing.
    const notMine = hostsOfResolvers(target.candidate.services, ["", ...others]);
    const hosts = securedHosts(target.candidate, (service) => target.isUp(service) === true).filter(
      (host) => !notMine.includes(host),
    );
    fact(
      "challenges",
      acme.resolvers.flatMap((name) => resolvers.get(name)?.challenge ?? []),
    );
    await Promise.all(hosts.map((host) => untilIssued(context, "certificate", host)));
    await acme.log("orders");
  },
});

check(
  "access/acme-issued",
  issued,
  { title: "Traefik ordered each host's certificate itself, by the candidate's own challenge", service: "traefik" },
  (seen) => {
    const { orders } = seen.fact<AcmeLog>("orders");
    const challenges = seen.fact<string[]>("challenges");
    return each(newestOf(seen.samples("certificate")), hostOf, (event) => {
      const expected = `a certificate that the ACME server issued after ${challenges.join(" or ")}`;
      const leaf = issuedLeaf(event, expected);
      if ("verdict" in leaf) return leaf;
      const order = orderOf(orders, leaf);
      if (!order) return fail("the ACME server's log has no order of this certificate", { expected, observed: leaf.sha256 });
      const observed = `${order.validated?.join(", ") || "no challenge"} validated, issued until ${leaf.notAfter}`;
      return order.validated?.every((one) => challenges.includes(one)) && order.validated.length > 0
        ? pass(`ordered and validated by ${order.validated.join(", ")}`, { expected, observed })
        : fail(`the order was validated by ${order.validated?.join(", ") || "nothing"}`, { expected, observed });
    });
  },
);

/** A certificate in Traefik's store that is about to end, as the judge needs it. */
interface ToRenew {
  host: string;
  sha256: string;
  notAfter: string;
  keySha256: string;
}

const renewed = observation("access/acme-renewed", {
  tier: "layer1",
  needs: ["traefik", "party:acme"],
  effect: "observe",
  async collect(context) {
    const { acme, fact } = context;
    if (!acme.toRenew) return fact("to renew", null);
    const { host, certificate } = acme.toRenew;
    fact("to renew", { host, ...described(certificate) } satisfies ToRenew);
    await untilIssued(context, "certificate", host);
    await acme.log("orders");
  },
});

function described(pem: string): Omit<ToRenew, "host"> {
  const parsed = new X509Certificate(pem);
  return {
    sha256: parsed.fingerprint256.replaceAll(":", "").toLowerCase(),
    notAfter: new Date(parsed.validTo).toISOString(),
    keySha256: createHash("sha256")
      .update(parsed.publicKey.export({ type: "spki", format: "der" }))
      .digest("hex"),
  };
}

check(
  "access/acme-renewed",
  renewed,
  { title: "Traefik replaces a certificate that is about to end before it does", service: "traefik" },
  (seen) => {
    const old = seen.fact<ToRenew | null>("to renew");
    if (!old) return unknown("Traefik's store began without a certificate that is about to end");
    const [event] = newestOf(seen.samples("certificate"));
    if (!event) return unknown("nobody asked for the certificate");
    const expected = `another certificate of the same key in place of the one that ends ${old.notAfter}`;
    if (event.sample.tls?.chain?.[0]?.sha256 === old.sha256)
      return fail(`${old.host} still presents the certificate that ends ${old.notAfter}`, { expected, observed: old.notAfter });
    const leaf = issuedLeaf(event, expected);
    if ("verdict" in leaf) return leaf;
    const order = orderOf(seen.fact<AcmeLog>("orders").orders, leaf);
    if (!order) return fail("the ACME server's log has no order of this certificate", { expected, observed: leaf.sha256 });
    const observed = `ordered ${order.at}, ends ${leaf.notAfter}`;
    // A renewal keeps the key; without the old certificate Traefik would have made another.
    if (order.certificate?.keySha256 !== old.keySha256)
      return fail("it was ordered anew with another key, not renewed", { expected, observed });
    return Date.parse(order.at) < Date.parse(old.notAfter) && Date.parse(leaf.notAfter) > Date.parse(old.notAfter)
      ? pass(`renewed: ends ${leaf.notAfter} instead of ${old.notAfter}`, { expected, observed })
      : fail("it was not renewed in time", { expected, observed });
  },
);

function hostOf(event: EventOf<"sample">): string {
  return event.sample.tls?.serverName ?? event.target;
}

function orderOf(orders: readonly AcmeOrder[], leaf: CertificateSeen): AcmeOrder | undefined {
  return orders.find(({ certificate }) => certificate?.sha256 === leaf.sha256);
}

/** The certificate that a host presents, when it is its own and leads to the ACME server's root; else why not. */
function issuedLeaf(event: EventOf<"sample">, expected: string): CertificateSeen | Judgement {
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { tls, error } = event.sample;
  const [leaf] = tls?.chain ?? [];
  if (!tls || !leaf)
    return error
      ? fail(`no handshake: ${errorWords(error)}`, { expected, observed: errorWords(error) })
      : unknown("the sample shows no certificate", { expected });
  const observed = `subject ${leaf.subject}, issuer ${leaf.issuer}, names ${leaf.sans.join(", ") || "none"}`;
  if (isDefaultCertificate(tls))
    return fail("Traefik presents its own default certificate: it got none for this host", { expected, observed });
  if (tls.verifyError)
    return fail(`the chain does not lead to the ACME server's root: ${tls.verifyError}`, { expected, observed });
  return leaf;
}
