import type { TlsSeen } from "../../history/sample.ts";

/** Five ways in which a certificate can be wrong; each is another fault with another cure, and none of them is an outage. */
export const certificateTroubles = ["default", "expired", "not-yet-valid", "wrong-name", "untrusted"] as const;
export type CertificateTrouble = (typeof certificateTroubles)[number];

/**
 * What is wrong with the certificate that a client was shown; undefined when it would take it.
 * The order is that of a person's search: whose it is, whether it is its time, for whom it is, and only then who signed it.
 *
 * @param at wall clock of the look: a certificate's dates are dates
 */
export function certificateTrouble(tls: TlsSeen, at: string): CertificateTrouble | undefined {
  const [leaf] = tls.chain ?? [];
  if (!leaf) return undefined;
  if (isDefaultCertificate(tls)) return "default";
  if (Date.parse(leaf.notAfter) <= Date.parse(at)) return "expired";
  if (Date.parse(leaf.notBefore) > Date.parse(at)) return "not-yet-valid";
  if (!leaf.sans.some((san) => covers(san, tls.serverName))) return "wrong-name";
  return tls.verifyError === undefined ? undefined : "untrusted";
}

/** Traefik's own, which it shows for every name that it has no certificate for. */
export function isDefaultCertificate(tls: TlsSeen | undefined): boolean {
  return tls?.chain?.[0]?.subject.includes("TRAEFIK DEFAULT CERT") ?? false;
}

/** A star stands for one label and no more. */
function covers(san: string, name: string): boolean {
  const [wanted, met] = [name.toLowerCase(), san.toLowerCase()];
  return met === wanted || (met.startsWith("*.") && wanted.slice(wanted.indexOf(".")) === met.slice(1));
}

/** `api.sprocket.example by Pebble Intermediate CA 3b, until 2026-12-15` */
export function certificateWords(tls: TlsSeen): string | undefined {
  const [leaf] = tls.chain ?? [];
  return leaf && `${leaf.sans.join(", ") || leaf.subject} by ${leaf.issuer}, until ${leaf.notAfter.slice(0, 10)}`;
}

/** For a sentence: what is wrong, and what to do. */
export const certificateTroubleWords: Record<CertificateTrouble, { what: string; cure: string }> = {
  default: {
    what: "Traefik presents its own default certificate: it has none for this name",
    cure: "Look for the order in Traefik's log: the name must resolve to the node, and every name of the rule must be one that the authority certifies.",
  },
  expired: { what: "the certificate is past its end", cure: "Find out why Traefik did not renew it: its log names the order." },
  "not-yet-valid": {
    what: "the certificate's time has not begun",
    cure: "Compare the clocks of the client, the node and the authority.",
  },
  "wrong-name": {
    what: "the certificate is for another name",
    cure: "Order one for this name; a wildcard covers one label only.",
  },
  untrusted: {
    what: "the certificate is by an authority that clients do not trust",
    cure: "Use the authority's production directory, or give the clients of this mode its root.",
  },
};
