import { randomUUID } from "node:crypto";
import type { Role } from "../../candidate/types.ts";
import type { UndoStep } from "../../engine/undo/step.ts";
import type { Replica } from "../../replica/up.ts";
import type { FaultKind } from "../fault.ts";
import { freshMark } from "../fresh-mark.ts";
import { changeOf, type SpecPatch, serviceNow, tasksNow } from "./change.ts";

/**
 * The value of a secret is replaced where one service reads it (environment, command line, configs, secret files), and nobody tells the others: they go on with the one
 * that they have.
 */
interface SecretRotated {
  kind: "deployment/secret-rotated";
  /** Whose value is replaced: the server's that asks for the password, say. */
  role: Role;
  /** Name of the candidate's secret. */
  secret: string;
}

interface ConfigReference {
  ConfigID: string;
  ConfigName: string;
  File?: { Name?: string };
}

interface SecretReference {
  SecretID: string;
  SecretName: string;
  File?: { Name?: string };
}

interface ContainerSpec {
  Env?: string[];
  Args?: string[];
  Command?: string[];
  Configs?: ConfigReference[];
  Secrets?: SecretReference[];
}

export const secretRotated: FaultKind<SecretRotated> = {
  kind: "deployment/secret-rotated",
  words: ({ role, secret }) => `${role} gets another value of the secret ${secret}, and nobody else does`,
  async prepare(replica, { role, secret }) {
    const service = replica.service(role).candidate.name;
    const spec = ((await serviceNow(replica, service)).Spec.TaskTemplate as { ContainerSpec: ContainerSpec }).ContainerSpec;
    const value = replica.secrets.get(secret);
    const other = randomUUID();
    const mark = freshMark();
    const texts = await configTexts(replica, spec.Configs ?? []);
    // What Swarm holds as objects is replaced by new ones; their ids are known once they are there.
    const configs = (spec.Configs ?? []).filter(({ ConfigName }) => texts.get(ConfigName)?.includes(value));
    const secrets = (spec.Secrets ?? []).filter(({ SecretName }) => secretValue(replica, SecretName)?.includes(value));
    const patch: SpecPatch = {
      ...inWords(spec, value, other),
      ...(configs.length > 0 ? { Configs: [] } : {}),
      ...(secrets.length > 0 ? { Secrets: [] } : {}),
    };
    if (Object.keys(patch).length === 0) throw new Error(`${service} does not read the secret ${secret}`);
    const newName = (name: string) => `${mark}-${name}`.slice(0, 64);
    const finish = async (): Promise<SpecPatch> => {
      const whole = { ...patch };
      if (configs.length > 0)
        whole.Configs = await Promise.all(
          (spec.Configs ?? []).map(async (one) => (configs.includes(one) ? await newConfig(one) : one)),
        );
      if (secrets.length > 0)
        whole.Secrets = await Promise.all(
          (spec.Secrets ?? []).map(async (one) => (secrets.includes(one) ? await newSecret(one) : one)),
        );
      return { TaskTemplate: { ContainerSpec: whole } };
    };
    const newConfig = async (one: ConfigReference): Promise<ConfigReference> => {
      const ConfigName = newName(one.ConfigName);
      const text = (texts.get(one.ConfigName) ?? "").replaceAll(value, other);
      return { ...one, ConfigName, ConfigID: await replica.swarm.createConfig(ConfigName, text) };
    };
    const newSecret = async (one: SecretReference): Promise<SecretReference> => {
      const SecretName = newName(one.SecretName);
      const text = (secretValue(replica, one.SecretName) ?? "").replaceAll(value, other);
      return { ...one, SecretName, SecretID: await replica.swarm.createSecret(SecretName, text) };
    };
    const files = [
      ...configs.map(({ File }) => File?.Name ?? ""),
      ...secrets.map(({ File, SecretName }) => `/run/secrets/${File?.Name ?? SecretName}`),
    ];
    const known = new Set((await tasksNow(replica, service)).map(({ ID }) => ID));
    const change = await changeOf(
      replica,
      service,
      { TaskTemplate: { ContainerSpec: patch } },
      {
        name: `secret-rotated/${service}`,
        detail: { secret, where: Object.keys(patch) },
        finish,
        // A process of the update runs, and nothing that it was started with holds the value any more.
        bites: async () => {
          const running = (await tasksNow(replica, service)).find(
            ({ ID, Status }) => !known.has(ID) && Status.State === "running" && Status.ContainerStatus?.PID,
          );
          const pid = running?.Status.ContainerStatus?.PID;
          return pid !== undefined && (await replica.node.exec(lacking(pid, value, files))).code === 0;
        },
      },
    );
    const { containerId } = replica.node;
    return {
      ...change,
      // Swarm removes an object only when no service refers to it.
      undo: [
        ...configs.map(({ ConfigName }) => removal(containerId, "config", newName(ConfigName))),
        ...secrets.map(({ SecretName }) => removal(containerId, "secret", newName(SecretName))),
        ...change.undo,
      ],
    };
  },
};

/** What is written in the spec itself, with the other value. */
function inWords(spec: ContainerSpec, value: string, other: string): SpecPatch {
  const fields = ["Env", "Args", "Command"] as const;
  return Object.fromEntries(
    fields
      .filter((field) => spec[field]?.some((text) => text.includes(value)))
      .map((field) => [field, spec[field]?.map((text) => text.replaceAll(value, other))]),
  );
}

async function configTexts(replica: Replica, configs: readonly ConfigReference[]): Promise<Map<string, string>> {
  const texts = configs.map(async ({ ConfigID, ConfigName }): Promise<[string, string]> => {
    const { Spec } = (await replica.node.daemon.getConfig(ConfigID).inspect()) as { Spec: { Data?: string } };
    return [ConfigName, Buffer.from(Spec.Data ?? "", "base64").toString("utf8")];
  });
  return new Map(await Promise.all(texts));
}

/** Swarm tells nobody the value of a secret; the candidate's are known. */
function secretValue(replica: Replica, name: string): string | undefined {
  return replica.secrets.entries().find(([one]) => one === name)?.[1];
}

/** Exit code 0 when the process lives and has the value neither in its environment and command line nor in those of its files. */
function lacking(pid: number, value: string, files: readonly string[]): string[] {
  const script =
    'value=$1; shift; cd "/proc/$0" && [ -r cmdline ] && for file in environ cmdline "$@"; do ! grep -qF -- "$value" "$file" || exit 1; done';
  return ["sh", "-c", script, String(pid), value, ...files.map((file) => `root${file}`)];
}

function removal(container: string, kind: "config" | "secret", name: string): UndoStep {
  const script = `docker ${kind} rm "$0" >/dev/null 2>&1; docker info >/dev/null 2>&1 && ! docker ${kind} inspect "$0" >/dev/null 2>&1`;
  return { do: "exec", container, argv: ["sh", "-c", script, name] };
}
