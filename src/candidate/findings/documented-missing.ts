import type { Role } from "../types.ts";
import { found, list, type StaticRule } from "./rule.ts";

/** A service that the owners' documents promise, and the roles that make it up; one of them is enough, unless each must be there. */
export interface DocumentedService {
  name: string;
  roles: readonly Role[];
  each?: true;
}

/** What a reader of the documents expects to find and the definition does not give. Without a list of documented services nothing is said. */
export function documentedMissing(documented: readonly DocumentedService[]): StaticRule {
  const rule: StaticRule = {
    id: "static/documented-missing",
    title: "Documented service missing",
    cure: "Define the service, or take it out of the documents.",
    find(candidate) {
      const roles = new Set(candidate.services.map((service) => service.role));
      return documented.flatMap((one) => {
        const missing = one.roles.filter((role) => !roles.has(role));
        if (missing.length === 0 || (!one.each && missing.length < one.roles.length)) return [];
        return [
          found(
            rule,
            `documented:${one.name}`,
            `The documents promise ${one.name}, and no service of the definition is ${list(missing, 3)}.`,
          ),
        ];
      });
    },
  };
  return rule;
}
