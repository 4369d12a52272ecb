import { dirname } from "node:path/posix";
import { allSettled } from "../engine/all-settled.ts";
import type { Authority } from "../engine/authority.ts";
import type { ReplicaService } from "../substitute/plan.ts";
import { authorityConfig } from "../substitute/trust.ts";
import { storeCertificates } from "./certificates.ts";
import type { Created } from "./created.ts";
import type { Replica, ReplicaMutation } from "./up.ts";

/** Labels, files and directories that the candidate expects its host to have. */
export async function prepareNode(replica: Replica): Promise<void> {
  const { host } = replica.plan.candidate;
  const { directories, labels } = replica.plan.node;
  if (Object.keys(labels).length > 0) await replica.swarm.labelNode(labels);
  const files = host.filter((one) => one.type === "file");
  const folders = [...new Set([...directories, ...files.map(({ path }) => dirname(path))])];
  if (folders.length > 0) await replica.node.exec(["mkdir", "-p", "--", ...folders]);
  for (const file of files)
    await replica.nodeAgent.file({
      action: "write",
      path: file.path,
      content: Buffer.from(file.content).toString("base64"),
      mode: file.mode,
    });
}

/** Configs, secrets and volumes that the services of a tier name; each is made once, with the first tier that wants it. */
export async function createWhatServicesName(
  replica: Replica,
  services: ReplicaService[],
  ids: Created,
  authority: Authority,
  mutation: ReplicaMutation,
): Promise<void> {
  const work: Promise<unknown>[] = [];
  const wantedConfigs = new Set(
    services.flatMap((service) => [...service.candidate.configs, ...service.extraConfigs].map((file) => file.source)),
  );
  for (const name of wantedConfigs) {
    if (ids.configs.has(name)) continue;
    const content = contentOf(replica, name);
    if (content === undefined) continue;
    work.push(ids.attempt("configs", name, () => replica.swarm.createConfig(name, replica.secrets.fill(content))));
  }
  for (const name of new Set(services.flatMap((service) => service.candidate.secrets.map((file) => file.source)))) {
    if (ids.secrets.has(name)) continue;
    work.push(ids.attempt("secrets", name, () => replica.swarm.createSecret(name, replica.secrets.get(name))));
  }
  const wantedVolumes = new Set(
    services.flatMap((service) =>
      service.candidate.mounts.filter((mount) => mount.type === "volume").map((mount) => mount.source),
    ),
  );
  for (const { name, driver, driverOpts } of replica.plan.volumes) {
    if (wantedVolumes.has(name)) work.push(ids.attemptVolume(name, () => replica.swarm.createVolume(name, driver, driverOpts)));
  }
  await allSettled(work);

  await storeCertificates(replica, services, authority, mutation);
}

/** Text of a config that services name; undefined when neither the candidate nor the replica has one of that name. */
function contentOf({ plan, authority }: Replica, name: string): string | undefined {
  if (name === authorityConfig) return authority.certificate;
  const made = plan.made.configs.find((config) => config.name === name)?.content;
  if (made) return "from" in made ? authority.certificate : made.text;
  return plan.candidate.configs.find((config) => config.name === name)?.content;
}
