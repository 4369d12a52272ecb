import type { Finding } from "../../history/events.ts";
import { found, placeOf, type StaticRule } from "./rule.ts";
import { below, plainPath } from "./text.ts";

/** What a host with Docker has without anybody's doing. */
const always = ["/proc", "/sys", "/dev", "/etc", "/run", "/var/run", "/var/log", "/var/lib/docker", "/tmp", "/usr"];

/** Swarm does not create the source of a bind: it rejects the task until a person has made it. */
export const bindDirectory: StaticRule = {
  id: "static/bind-directory",
  title: "Bind directory that nothing creates",
  cure: "Make it in a step that every set-up of a node runs, or use a volume without a device.",
  find(candidate) {
    const findings: Finding[] = [];
    // What lies in the folder that is deployed from, or below it.
    const inFolder = (path: string) =>
      candidate.host.some((one) => one.type === "file" && one.given && (one.path === path || below(one.path, path)));
    for (const service of candidate.services)
      for (const { type, source, target } of service.mounts)
        if (type === "bind" && !given(source) && !inFolder(source))
          findings.push(
            found(
              bindDirectory,
              placeOf("service", service),
              `${service.name} binds ${source} of its host at ${target}, and nothing in the definition creates it.`,
            ),
          );
    for (const volume of candidate.volumes) {
      const device = deviceOf(volume);
      if (device !== undefined && !given(device))
        findings.push(
          found(
            bindDirectory,
            placeOf("volume", volume),
            `Volume ${volume.name} is ${device} of the host, and nothing in the definition creates it.`,
          ),
        );
    }
    return findings;
  },
};

/** The directory of the host that a volume is, where it is one. */
export function deviceOf({ driver, driverOpts }: { driver: string; driverOpts: Record<string, string> }): string | undefined {
  const { o = "", device } = driverOpts;
  const binds = o.split(",").some((option) => /^r?bind$/.test(option.trim()));
  return driver === "local" && binds && device ? device : undefined;
}

function given(path: string): boolean {
  const plain = plainPath(path);
  return plain === "/" || always.some((folder) => plain === folder || below(plain, folder));
}
