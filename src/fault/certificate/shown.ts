import { X509Certificate } from "node:crypto";
import type { Role } from "../../candidate/types.ts";
import { Authority, type Leaf } from "../../engine/authority.ts";
import type { CertificateSeen } from "../../history/sample.ts";
import type { Replica } from "../../replica/up.ts";
import type { PreparedFault } from "../fault.ts";
import { onEntryPoint } from "./entry-point.ts";
import { onPostgres } from "./postgres.ts";

/** Who shows the certificate: the entry point for a role's host name, or the managed PostgreSQL. */
export type Shower = { at: "entry-point"; role: Role } | { at: "postgres" };

/** How long a certificate is valid, days from now; both may lie in the past. */
export interface Validity {
  beginsInDays: number;
  days: number;
}

/** A certificate to be shown, and how a look tells it from every other. */
export interface ToShow {
  leaf: Leaf;
  /** SHA-256 of its DER form, hexadecimal. */
  sha256: string;
  /** Whether a certificate that was seen is this one, and as valid as it should be. */
  is(seen: CertificateSeen | undefined): boolean;
}

/** Has somebody show another certificate for its own names, by an authority that clients trust: only its time is wrong. */
export async function showing(replica: Replica, of: Shower, kind: string, validity: Validity): Promise<PreparedFault> {
  const issue = async (names: string[]): Promise<ToShow> => {
    const leaf = await (await Authority.subordinate(replica.faultAuthority)).issue(names, validity);
    const sha256 = new X509Certificate(leaf.certificate).fingerprint256.replaceAll(":", "").toLowerCase();
    return { leaf, sha256, is: (seen) => seen?.sha256 === sha256 };
  };
  return of.at === "postgres" ? await onPostgres(replica, kind, issue) : await onEntryPoint(replica, of.role, kind, issue);
}

export function showerInWords(of: Shower): string {
  return of.at === "postgres" ? "postgres" : `the entry point, for ${of.role}'s host name,`;
}
