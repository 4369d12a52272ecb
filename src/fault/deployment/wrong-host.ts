import type { Role } from "../../candidate/types.ts";
import type { FaultKind } from "../fault.ts";
import { changeOf } from "./change.ts";
import { entryOf, leadsNowhere } from "./entry.ts";

/** A deploy gives a service's router other host names: whoever asks for the right ones meets the entry point's own 404. No task ends. */
interface WrongHost {
  kind: "deployment/wrong-host";
  role: Role;
}

export const wrongHost: FaultKind<WrongHost> = {
  kind: "deployment/wrong-host",
  words: ({ role }) => `the rule of ${role}'s router names other hosts`,
  async prepare(replica, { role }) {
    const { service, router, labels, ask } = await entryOf(replica, role);
    const label = Object.keys(labels).find(
      (name) => name.toLowerCase() === `traefik.http.routers.${router.router}.rule`.toLowerCase(),
    ) as string;
    const rule = elsewhere(router.rule);
    const lost = async () => {
      const response = await ask();
      return response === undefined ? undefined : leadsNowhere(response);
    };
    return await changeOf(
      replica,
      service,
      { Labels: { [label]: rule } },
      {
        name: `wrong-host/${service}`,
        detail: { rule },
        bites: async () => (await lost()) === true,
        healed: async () => (await lost()) === false,
      },
    );
  },
};

/** The rule with each of its host names below another one. */
export function elsewhere(rule: string): string {
  return rule.replaceAll(/(Host(?:SNI)?\()([^)]*)\)/g, (_, begin: string, names: string) => {
    return `${begin}${names.replaceAll(/([`"])([^`"]+)\1/g, (_name, quote: string, host: string) => `${quote}wrong.${host}${quote}`)})`;
  });
}
