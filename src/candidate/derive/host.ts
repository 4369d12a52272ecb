import { renderFixture } from "../assets.ts";
import type { BoundFile, CandidateVolume, DefinedService, HostResource, Mount, Role } from "../types.ts";

/** Paths that every Linux node with Docker has, so that nobody has to make them. */
const always =
  /^\/(?:(?:proc|sys|dev)(?:\/.*)?|(?:etc|usr|var|run|tmp|opt|srv|home|root|mnt|bin|sbin|lib|boot)?|var\/(?:run|log|lib|tmp)|var\/lib\/docker(?:\/.*)?|etc\/(?:localtime|timezone|hosts|hostname|resolv\.conf|os-release|machine-id))\/?$/;
const dockerSocket = /\/docker\.sock$/;

/** What Sprocket's roles bind from the checkout on the node: target in the container → what must lie on the node (facts sheet, sections 1.2 and 5.2). */
const known: Partial<Record<Role, Record<string, { why: string; fixture?: string; mode?: number }>>> = {
  vault: {
    "/vault/unseal-tokens": { why: "Vault's keys" },
    "/auto-initialize.sh": {
      why: "Vault's start script, bound from the checkout on the node",
      fixture: "config/vault/auto-initialize.sh",
      mode: 0o755,
    },
  },
};

/**
 * What a node must offer that no definition creates: labels, directories (devices of bind volumes, sources of bind mounts) and files, in this order. A bound path
 * that the deployers' folder does not have, and whose last part has an extension, is taken for a file; what is in it is not part of the definition, so it is empty, unless
 * it is Sprocket's own.
 *
 * @param given what services bind of the deployers' folder
 */
export function hostResources(
  services: readonly DefinedService[],
  volumes: readonly CandidateVolume[],
  roles: ReadonlyMap<string, Role>,
  given: readonly BoundFile[] = [],
): HostResource[] {
  const directories = new Map<string, HostResource>();
  const files = new Map<string, HostResource>();
  const directory = (path: string, why: string) => {
    if (!directories.has(path) && !files.has(path)) directories.set(path, { type: "directory", path, why });
  };
  for (const { name, driverOpts } of volumes) {
    const { o, device } = driverOpts;
    if (o?.split(",").some((word) => word === "bind" || word === "rbind") && device?.startsWith("/")) {
      directory(device, `device of volume ${name}`);
    }
  }
  for (const service of services) {
    for (const mount of service.mounts) {
      if (mount.type !== "bind" || !mount.source.startsWith("/") || always.test(mount.source) || dockerSocket.test(mount.source))
        continue;
      const role = roles.get(service.name);
      const ours = role && Object.hasOwn(known[role] ?? {}, mount.target) ? known[role]?.[mount.target] : undefined;
      const why = ours?.why ?? `bound into ${service.name} at ${mount.target}`;
      const own = given.filter(({ path }) => path === mount.source || path.startsWith(`${mount.source}/`));
      if (own.length > 0) {
        for (const file of own) if (!files.has(file.path)) files.set(file.path, { type: "file", ...file, why, given: true });
        if (own[0]?.path !== mount.source) directory(mount.source, why);
        continue;
      }
      if (!ours?.fixture && !isFile(mount)) {
        directory(mount.source, why);
        continue;
      }
      const content = ours?.fixture ? renderFixture(ours.fixture, {}) : "";
      if (!directories.has(mount.source) && !files.has(mount.source))
        files.set(mount.source, { type: "file", path: mount.source, content, mode: ours?.mode ?? 0o644, why });
    }
  }
  return [...nodeLabels(services), ...directories.values(), ...files.values()];
}

/** The name decides, since nothing else is known: "telegraf.conf" is a file, "conf.d" and "data" are directories. */
function isFile({ source }: Mount): boolean {
  return /[^/]\.[a-z][a-z0-9]{0,7}$/i.test(source) && !/\.d$/.test(source);
}

/** Labels that a constraint asks a node to have; `!=` asks for none. */
function nodeLabels(services: readonly DefinedService[]): HostResource[] {
  const asked = new Map<string, { name: string; value: string; by: string[] }>();
  for (const service of services) {
    for (const constraint of service.placement.constraints) {
      const match = /^\s*node\.labels\.([^\s!=]+)\s*==\s*(.*?)\s*$/.exec(constraint);
      if (!match) continue;
      const [, name, value] = match as unknown as [string, string, string];
      const label = asked.get(`${name}=${value}`) ?? { name, value, by: [] };
      label.by.push(service.name);
      asked.set(`${name}=${value}`, label);
    }
  }
  return [...asked.values()].map(({ name, value, by }) => ({
    type: "node-label",
    name,
    value,
    why: `placement of ${[...new Set(by)].join(", ")}`,
  }));
}
