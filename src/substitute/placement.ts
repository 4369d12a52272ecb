import type { Candidate, CandidateService } from "../candidate/types.ts";
import type { Substitution } from "../history/events.ts";

/** The replica's only node, as the candidate's placement wants it. */
export interface NodeShape {
  hostname: string;
  labels: Record<string, string>;
}

export interface Placement {
  node: NodeShape;
  /** Constraints of a service that the node satisfies. */
  kept(service: CandidateService): string[];
  substitutions: Substitution[];
}

/** Name of the node in Sprocket's own cluster, which the broker's data are kept under (facts sheet, section 3.1). */
const usualHostname = "sprocketbot-manager";

/** A constraint in its three parts; undefined when it is none that Swarm knows. */
function partsOf(constraint: string): { key: string; equal: boolean; value: string } | undefined {
  const match = /^\s*([\w.-]+)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint);
  return match ? { key: match[1] as string, equal: match[2] === "==", value: match[3] as string } : undefined;
}

/**
 * One node stands for all that the deployers have. It gets the labels and the name that placement constraints ask for; a constraint that no single node can satisfy beside
 * the others (a second value of a label, a worker) is left out of its service, and listed.
 */
export function placementOf(candidate: Candidate, services: readonly CandidateService[]): Placement {
  const labels: Record<string, string> = {};
  let hostname: string | undefined;
  for (const resource of candidate.host) if (resource.type === "node-label") labels[resource.name] ??= resource.value;
  const asked = services.flatMap((service) => service.placement.constraints.map(partsOf)).filter((one) => one !== undefined);
  for (const { key, equal, value } of asked) {
    if (!equal) continue;
    if (key.startsWith("node.labels.")) labels[key.slice("node.labels.".length)] ??= value;
    if (key === "node.hostname") hostname ??= value;
  }
  const node = { hostname: hostname ?? usualHostname, labels };
  const kept = (service: CandidateService) =>
    service.placement.constraints.filter((constraint) => satisfies(node, partsOf(constraint)));
  const substitutions: Substitution[] = [];
  const names = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  if (names.length > 0)
    substitutions.push({
      subject: "host",
      kind: "host-resource",
      asked: `a node with ${names.join(", ")}`,
      got: "the replica's own node carries these labels",
      why: "A placement constraint asks for them, and no program of the deployers sets them",
      hides: ["node-label-missing"],
    });
  for (const service of services) {
    const left = service.placement.constraints.filter((constraint) => !kept(service).includes(constraint));
    if (left.length > 0)
      substitutions.push({
        subject: `service:${service.name}`,
        kind: "host-resource",
        asked: `a node with ${left.join(", ")}`,
        got: "the replica's only node",
        why: "One node stands for all, and it cannot be what other constraints ask for and this too",
        hides: ["placement"],
      });
  }
  return { node, kept, substitutions };
}

function satisfies(node: NodeShape, parts: ReturnType<typeof partsOf>): boolean {
  // What Swarm itself would refuse is the candidate's own fault, and stays.
  if (!parts) return true;
  const { key, equal, value } = parts;
  const met = key.startsWith("node.labels.")
    ? node.labels[key.slice("node.labels.".length)]
    : { "node.hostname": node.hostname, "node.role": "manager" }[key];
  if (key === "node.platform.os" || key === "node.platform.arch") return true;
  if (key === "node.id" || key.startsWith("engine.labels.")) return !equal;
  if (met === undefined) return !equal || !key.startsWith("node.");
  return (met === value) === equal;
}
