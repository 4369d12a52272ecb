import { securedHosts } from "../../src/candidate/contract/client-routes.ts";
import { isDefaultCertificate } from "../../src/check/access/certificate.ts";
import { check, type Judgement } from "../../src/check/check.ts";
import { each, fail, pass, unknown } from "../../src/check/expect.ts";
import { errorWords, notLooked } from "../../src/check/http.ts";
import type { EventOf } from "../../src/history/events.ts";
import { observation } from "../../src/probe/observation.ts";
import { discovery } from "./routes.ts";

const seenAs = observation("layer1/certificates", {
  // Traefik orders a certificate when it sees its router, so those of all tiers are there only when all tiers are.
  tier: "platform",
  needs: ["traefik"],
  effect: "observe",
  async collect({ target, from, poll }) {
    const hosts = securedHosts(target.candidate, (service) => target.isUp(service) === true);
    await Promise.all(
      hosts.map(async (host) => {
        const tls = { host, port: 443, tls: { serverName: host, insecure: true } };
        await poll(discovery, async () => {
          const look = await from.public.tls("known", tls);
          return look.tls && !isDefaultCertificate(look.tls) ? true : undefined;
        });
        await from.public.tls("certificate", tls);
      }),
    );
  },
});

check(
  "layer1/certificates",
  seenAs,
  { title: "each host has a certificate of its own that clients trust", service: "traefik" },
  (seen) => each(seen.samples("certificate"), hostOf, ownCertificate),
);

function hostOf(event: EventOf<"sample">): string {
  return event.sample.tls?.serverName ?? event.target;
}

function ownCertificate(event: EventOf<"sample">): Judgement {
  const expected = "a certificate of that name by an authority that clients trust";
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { tls, error } = event.sample;
  if (error) return fail(`no handshake: ${errorWords(error)}`, { expected, observed: errorWords(error) });
  const [leaf] = tls?.chain ?? [];
  if (!tls || !leaf) return unknown("the sample shows no certificate", { expected });
  const observed = `subject ${leaf.subject}, issuer ${leaf.issuer}, names ${leaf.sans.join(", ") || "none"}`;
  if (isDefaultCertificate(tls))
    return fail("Traefik presents its own default certificate: its store has none for this host", { expected, observed });
  const host = tls.serverName.toLowerCase();
  if (!leaf.sans.some((name) => name.toLowerCase() === host))
    return fail(`the certificate is for ${leaf.sans.join(", ") || "no name"}`, { expected, observed });
  if (tls.verifyError)
    return fail(`clients do not trust the certificate by ${leaf.issuer}: ${tls.verifyError}`, { expected, observed });
  return pass(`a certificate by ${leaf.issuer}`, { expected, observed });
}
