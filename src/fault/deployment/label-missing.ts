import type { Role } from "../../candidate/types.ts";
import type { FaultKind } from "../fault.ts";
import { changeOf } from "./change.ts";
import { type Entry, entryOf, leadsNowhere } from "./entry.ts";

/** A deploy forgets a label without which the entry point does not know the service, the rule of its router, or its port. No task ends. */
interface LabelMissing {
  kind: "deployment/label-missing";
  role: Role;
  label: "enable" | "rule" | "port";
}

export const labelMissing: FaultKind<LabelMissing> = {
  kind: "deployment/label-missing",
  words: ({ role, label }) => `${role} has lost its label for Traefik: ${label}`,
  async prepare(replica, { role, label }) {
    const entry = await entryOf(replica, role);
    const name = labelOf(entry, label);
    if (!name) throw new Error(`${entry.service} has no label ${label} that could be missing`);
    const lost = async () => {
      const response = await entry.ask();
      // Without a port Traefik takes one that the image exposes, if any: then nobody may listen there.
      return response === undefined ? undefined : leadsNowhere(response) || [502, 503, 504].includes(response.status);
    };
    return await changeOf(
      replica,
      entry.service,
      { Labels: { [name]: null } },
      {
        name: `label-missing-${label}/${entry.service}`,
        detail: { label: name },
        bites: async () => (await lost()) === true,
        healed: async () => (await lost()) === false,
      },
    );
  },
};

/** The label as the service writes it; Traefik takes names without case. */
export function labelOf({ labels, router }: Pick<Entry, "labels" | "router">, which: LabelMissing["label"]): string | undefined {
  const wanted = {
    enable: /^traefik\.enable$/i,
    rule: new RegExp(`^traefik\\.http\\.routers\\.${escaped(router.router)}\\.rule$`, "i"),
    port: /^traefik\.http\.services\.[^.]+\.loadbalancer\.server\.port$/i,
  }[which];
  return Object.keys(labels).find((name) => wanted.test(name));
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
