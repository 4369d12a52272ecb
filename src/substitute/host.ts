import type { Candidate, CandidateService, CandidateVolume } from "../candidate/types.ts";
import type { Substitution } from "../history/events.ts";

/** Paths that a node has by itself. */
const nodesOwn =
  /^\/(?:$|proc(?:\/|$)|sys(?:\/|$)|dev(?:\/|$)|run$|var\/run$|etc$|etc\/(?:localtime|hostname|hosts|machine-id|os-release|passwd|group)$|var\/log$|var\/lib\/docker(?:\/|$))/;
const socket = /^\/(?:var\/)?run\/docker\.sock$/;

export interface HostShape {
  /** Directories that the replica makes on its node. */
  directories: string[];
  /** Volumes as the node can make them. */
  volumes: CandidateVolume[];
  substitutions: Substitution[];
}

/** What the candidate asks of its host, and what the node gives: its own socket and files, directories made for it, local volumes in the place of remote ones. */
export function hostOf(candidate: Candidate, services: readonly CandidateService[]): HostShape {
  const substitutions: Substitution[] = [];
  const mounts = services.flatMap((service) => service.mounts);
  const binds = mounts.filter((mount) => mount.type === "bind").map((mount) => mount.source);
  const used = new Set(mounts.filter((mount) => mount.type === "volume").map((mount) => mount.source));
  const volumes = candidate.volumes.filter((volume) => used.has(volume.name)).map(localVolume);
  const devices = volumes.filter(isBind).map((volume) => volume.driverOpts.device as string);
  const files = candidate.host.flatMap((resource) => (resource.type === "file" ? [resource.path] : []));
  const stated = candidate.host.flatMap((resource) => (resource.type === "directory" ? [resource.path] : []));
  const directories = [...new Set([...stated, ...devices, ...binds])].filter(
    (path) => path.startsWith("/") && !nodesOwn.test(path) && !socket.test(path) && !files.includes(path),
  );
  if (directories.length > 0)
    substitutions.push({
      subject: "host",
      kind: "host-resource",
      asked: directories.join(", "),
      got: "the same paths on the node, empty, made by the replica",
      why: "A candidate's reach ends at its node; no program of the deployers creates these directories",
      hides: ["bind-directory-missing"],
    });
  const sockets = services.filter((service) =>
    service.mounts.some((mount) => mount.type === "bind" && socket.test(mount.source)),
  );
  if (sockets.length > 0)
    substitutions.push({
      subject: `services:${sockets.map((service) => service.name).join(",")}`,
      kind: "host-resource",
      asked: "the Docker socket of the host",
      got: "that of the node's own daemon",
      why: "The user's Docker is not part of the experiment",
      hides: [],
    });
  for (const volume of volumes) {
    const asked = candidate.volumes.find((one) => one.name === volume.name);
    if (!asked || asked === volume) continue;
    substitutions.push({
      subject: `volume:${volume.name}`,
      kind: "host-resource",
      asked: `driver ${asked.driver}${asked.driverOpts.type ? ` of type ${asked.driverOpts.type}` : ""}`,
      got: "a local volume of the node, empty",
      why: "What it lies on is a machine or a plugin outside the replica",
      hides: ["volume-storage"],
    });
  }
  return { directories, volumes, substitutions };
}

function isBind(volume: CandidateVolume): boolean {
  return /(^|,)r?bind(,|$)/.test(volume.driverOpts.o ?? "") && volume.driverOpts.device !== undefined;
}

/** A volume that only a local disk is needed for stays as it is. */
function localVolume(volume: CandidateVolume): CandidateVolume {
  const remote = ["nfs", "nfs4", "cifs"].includes(volume.driverOpts.type ?? "");
  return volume.driver === "local" && !remote ? volume : { ...volume, driver: "local", driverOpts: {} };
}
