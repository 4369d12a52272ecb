import { isDefaultCertificate } from "../../src/check/access/certificate.ts";
import { check, type Judgement } from "../../src/check/check.ts";
import { all, fail, named, pass, unknown } from "../../src/check/expect.ts";
import { errorWords, notLooked } from "../../src/check/http.ts";
import type { EventOf } from "../../src/history/events.ts";
import { observation } from "../../src/probe/observation.ts";
import { isTraefiks404 } from "../layer1/clients.ts";

const refused = ["1.0", "1.1"] as const;
const accepted = ["1.2", "1.3"] as const;

const handshakes = observation("access/tls", {
  tier: "layer1",
  needs: ["traefik", "route:forward-auth"],
  effect: "observe",
  async collect({ target, from }) {
    const { host } = target.clientRoute("forward-auth");
    const address = target.entryAddress("public") ?? "";
    for (const version of [...refused, ...accepted])
      await from.public.tls(`TLS ${version}`, {
        host,
        port: 443,
        tls: { insecure: true, minVersion: version, maxVersion: version },
      });
    const stranger = `nobody.${target.domain}`;
    await from.public.http("unmatched name", { url: `https://${stranger}/`, tls: { insecure: true } });
    await from.public.http("literal address", { url: `https://${address}/`, tls: { insecure: true } });
    // A name in the handshake that is not the one in the request: the certificate follows the first, the route the second.
    await from.public.http("name in the request only", {
      url: `https://${host}/login?rule=SprocketAdmin`,
      tls: { insecure: true, serverName: stranger },
    });
  },
});

check("access/tls-versions", handshakes, { title: "TLS 1.2 and 1.3 are spoken, and nothing older", service: "traefik" }, (seen) =>
  all([
    ...accepted.map((version) => named(`TLS ${version}`, speaks(seen.sample(`TLS ${version}`), version))),
    ...refused.map((version) => named(`TLS ${version}`, refuses(seen.sample(`TLS ${version}`)))),
  ]),
);

check(
  "access/sni",
  handshakes,
  {
    title: "without a known name in the handshake the default certificate is shown, and no service answers by the address alone",
    service: "traefik",
  },
  (seen) =>
    all([
      named("unmatched name", all([showsDefault(seen.sample("unmatched name")), isTraefiks404(seen.sample("unmatched name"))])),
      named(
        "literal address",
        all([showsDefault(seen.sample("literal address")), isTraefiks404(seen.sample("literal address"))]),
      ),
      named("name in the request only", showsDefault(seen.sample("name in the request only"))),
    ]),
);

function speaks(event: EventOf<"sample">, version: string): Judgement {
  const expected = `a handshake of TLS ${version}`;
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { tls, error } = event.sample;
  if (error) return fail(`no handshake: ${errorWords(error)}`, { expected, observed: errorWords(error) });
  return tls?.version === version
    ? pass(`spoken with ${tls.cipher ?? "no cipher shown"}`, { expected, observed: tls.version })
    : fail(`version ${tls?.version ?? "not shown"} was spoken`, { expected, observed: tls?.version ?? "nothing" });
}

function refuses(event: EventOf<"sample">): Judgement {
  const expected = "the handshake is refused";
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { error, tls } = event.sample;
  if (!error)
    return fail(`spoken: ${tls?.version ?? "a handshake"} with ${tls?.cipher ?? "no cipher shown"}`, {
      expected,
      observed: tls?.version ?? "",
    });
  // Anything else than the handshake that broke off (nobody listens, a time-out) says nothing of versions.
  return error.kind === "tls"
    ? pass(`refused: ${error.message}`, { expected, observed: error.message })
    : unknown(`the handshake was not refused but ended otherwise: ${errorWords(error)}`, { expected });
}

function showsDefault(event: EventOf<"sample">): Judgement {
  const expected = "Traefik's default certificate";
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { tls, error } = event.sample;
  const [leaf] = tls?.chain ?? [];
  if (!tls || !leaf)
    return unknown(error ? `no certificate was seen: ${errorWords(error)}` : "no certificate was seen", { expected });
  return isDefaultCertificate(tls)
    ? pass("the default certificate is shown", { expected, observed: leaf.subject })
    : fail(`the certificate of ${leaf.sans.join(", ") || leaf.subject} is shown to who did not ask for it`, {
        expected,
        observed: leaf.subject,
      });
}
