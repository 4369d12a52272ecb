import { literalAddresses } from "../candidate/contract/access-routes.ts";
import { outsideHosts } from "../candidate/contract/outside-hosts.ts";
import type { Candidate } from "../candidate/types.ts";
import type { Substitution } from "../history/events.ts";

/** What becomes of the names outside the Swarm that the candidate's services address. @param stoodFor names that another party of the replica has */
export function addressSubstitutions(candidate: Candidate, stoodFor: readonly string[] = []): Substitution[] {
  const { postgres, s3 } = candidate.parties;
  const substitutions: Substitution[] = [];
  if (postgres)
    substitutions.push({
      subject: `party:postgres ${postgres.host}:${postgres.port}`,
      kind: "address",
      asked: "managed PostgreSQL",
      got: "PostgreSQL 15 in a container under the same name and port, TLS required",
      why: "The managed database is never touched",
      hides: ["managed-backup"],
    });
  if (s3)
    substitutions.push({
      subject: `party:s3 ${s3.host}`,
      kind: "address",
      asked: "managed object storage",
      got: "Versity S3 gateway in a container under the same name, TLS by the run's authority",
      why: "The managed storage is never touched",
      hides: [],
    });
  const rest = outsideHosts(candidate).filter((host) => !stoodFor.includes(host));
  if (rest.length > 0)
    substitutions.push({
      subject: `names:${rest.join(",")}`,
      kind: "address",
      asked: "servers outside Sprocket",
      got: "no address: the replica's DNS knows nothing of these names",
      why: "A replica reaches nobody outside, and has no server of its own for these",
      hides: ["outside-names"],
    });
  for (const [mode, literals] of Object.entries(literalAddresses(candidate)))
    if (literals.length > 0)
      substitutions.push({
        subject: `rules:${literals.join(",")}`,
        kind: "address",
        asked: `the deployment's own ${mode} address in rules`,
        got: "the address that the replica's entry point has there",
        why: "A replica has networks of its own",
        hides: [],
      });
  substitutions.push({
    subject: `party:dns ${candidate.domain}`,
    kind: "address",
    asked: "public DNS",
    got: "dnsmasq in a container, which knows the candidate's names and nothing else",
    why: "A replica asks nothing of a real resolver",
    hides: [],
  });
  return substitutions;
}
