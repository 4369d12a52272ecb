import type { Finding } from "../../history/events.ts";
import { deviceOf } from "./bind-directory.ts";
import { found, list, placeOf, type StaticRule } from "./rule.ts";
import { below, plainPath } from "./text.ts";

/** What owns the outer directory owns the inner one too: it may change its owner, count it as its own, or fill the disk that both need. */
export const volumeNested: StaticRule = {
  id: "static/volume-nested",
  title: "Volume nested in another's",
  cure: "Give each volume a directory beside the others, best on a disk of its own.",
  find(candidate) {
    const findings: Finding[] = [];
    const devices = candidate.volumes.flatMap((volume) => {
      const device = deviceOf(volume);
      const users = candidate.services
        .filter((service) => service.mounts.some((mount) => mount.type === "volume" && mount.source === volume.name))
        .map((service) => service.name);
      return device === undefined ? [] : [{ volume, device, path: plainPath(device), users: list(users) || "nobody" }];
    });
    devices.forEach((inner, index) => {
      const outer = devices.find((one) => below(inner.path, one.path));
      const same = devices.find((one, other) => other < index && one.path === inner.path);
      const met = outer ?? same;
      if (met)
        findings.push(
          found(
            volumeNested,
            placeOf("volume", inner.volume),
            `Volume ${inner.volume.name} (${inner.device}, used by ${inner.users}) ${outer ? "lies inside" : "is the same directory as"} volume ${met.volume.name} (${met.device}, used by ${met.users}).`,
          ),
        );
    });
    return findings;
  },
};
