import type { Role } from "../../candidate/types.ts";
import type { FaultKind } from "../fault.ts";
import { freshMark } from "../fresh-mark.ts";
import { serviceNow } from "./change.ts";
import { entryOf, leadsNowhere } from "./entry.ts";

/**
 * A second service, as an old stack leaves one, claims the name of a service's router under a rule of its own, or the rule under a name of its own: Traefik drops a
 * router that two services declare differently, and gives a rule that two routers have to one of them, here to the newcomer, at whose port nobody listens.
 */
interface DuplicateRouter {
  kind: "deployment/duplicate-router";
  role: Role;
  claims: "name" | "rule";
}

export const duplicateRouter: FaultKind<DuplicateRouter> = {
  kind: "deployment/duplicate-router",
  words: ({ role, claims }) => `a second service claims the ${claims} of ${role}'s router`,
  async prepare(replica, { role, claims }) {
    const { service, router, ask } = await entryOf(replica, role);
    const name = freshMark();
    const { Spec } = await serviceNow(replica, service);
    const hurt = async () => {
      const response = await ask();
      if (response === undefined) return undefined;
      return claims === "name" ? leadsNowhere(response) : [502, 503, 504].includes(response.status);
    };
    const there = async () => (await replica.node.daemon.listServices({ filters: JSON.stringify({ name: [name] }) })).length > 0;
    return {
      name: `duplicate-router-${claims}/${service}`,
      detail: { service, second: name, router: router.router, rule: router.rule },
      undo: [
        {
          do: "exec",
          container: replica.node.containerId,
          argv: [
            "sh",
            "-c",
            'docker service rm "$0" >/dev/null 2>&1; docker info >/dev/null 2>&1 && ! docker service inspect "$0" >/dev/null 2>&1',
            name,
          ],
        },
      ],
      apply: async () => {
        await replica.node.daemon.createService(secondService(Spec, name, { claims, router }) as never);
      },
      bites: async () => (await hurt()) === true,
      healed: async () => (await hurt()) === false && !(await there()),
    };
  },
};

/** The same program in the same networks without what only one may have: mounts, published ports, and the other labels of the first. */
export function secondService(
  spec: Record<string, unknown>,
  name: string,
  {
    claims,
    router: { router, rule, tls, entryPoints },
  }: {
    claims: "name" | "rule";
    router: Pick<import("../../candidate/routes.ts").Route, "router" | "rule" | "tls" | "entryPoints">;
  },
): Record<string, unknown> {
  const template = structuredClone(spec.TaskTemplate) as { ContainerSpec: Record<string, unknown> };
  template.ContainerSpec.Mounts = [];
  const own = claims === "name" ? router : name;
  return {
    Name: name,
    Labels: {
      "traefik.enable": "true",
      [`traefik.http.routers.${own}.rule`]: claims === "name" ? `Host(\`${name}.invalid\`)` : rule,
      [`traefik.http.routers.${own}.priority`]: "1000",
      [`traefik.http.routers.${own}.service`]: name,
      ...(tls ? { [`traefik.http.routers.${own}.tls`]: "true" } : {}),
      ...(entryPoints.length > 0 ? { [`traefik.http.routers.${own}.entrypoints`]: entryPoints.join(",") } : {}),
      // The discard service's: nobody listens there.
      [`traefik.http.services.${name}.loadbalancer.server.port`]: "9",
    },
    TaskTemplate: template,
    Mode: { Replicated: { Replicas: 1 } },
    EndpointSpec: { Mode: (spec.EndpointSpec as { Mode?: string } | undefined)?.Mode ?? "vip" },
  };
}
