import { literalAddresses } from "../candidate/contract/access-routes.ts";
import { accessModes } from "../history/access.ts";
import type { ReplicaService } from "../substitute/plan.ts";
import type { Replica } from "./up.ts";

/** The service with the replica's own addresses in its rules where the candidate's stand: each mode's entry point has another address here. */
export function withOwnAddresses(service: ReplicaService, replica: Replica): ReplicaService {
  const literals = literalAddresses(replica.plan.candidate);
  const labels = Object.entries(service.candidate.labels).map(([label, value]) => {
    if (!label.endsWith(".rule")) return [label, value] as const;
    const here = accessModes.reduce((rule, mode) => {
      const own = replica.entryAddress(mode);
      return own === undefined
        ? rule
        : (literals[mode] ?? []).reduce((text, literal) => text.replaceAll(`\`${literal}\``, `\`${own}\``), rule);
    }, value);
    return [label, here] as const;
  });
  return { ...service, candidate: { ...service.candidate, labels: Object.fromEntries(labels) } };
}
