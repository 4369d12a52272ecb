import { z } from "zod";
import { modeText, mountText, plainName, portText, type ServiceView, ViewWriter } from "./view.ts";

const text = z.string().optional();
const number = z.number().optional();
const texts = z.array(z.string()).nullish();
const options = z.record(z.string(), z.string()).nullish();
const resources = z.object({ MemoryBytes: number, NanoCPUs: number }).nullish();
const file = z.object({ Name: z.string(), Mode: number }).nullish();

/** The parts of Swarm's `ServiceSpec` (API 1.41) that a candidate says something of. */
const serviceSpec = z.object({
  Name: z.string(),
  Labels: options,
  TaskTemplate: z
    .object({
      ContainerSpec: z
        .object({
          Image: text,
          Command: texts,
          Args: texts,
          Env: texts,
          User: text,
          Hostname: text,
          Dir: text,
          Hosts: texts,
          Mounts: z.array(z.object({ Type: text, Source: text, Target: z.string(), ReadOnly: z.boolean().optional() })).nullish(),
          Configs: z.array(z.object({ File: file, ConfigName: z.string() })).nullish(),
          Secrets: z.array(z.object({ File: file, SecretName: z.string() })).nullish(),
          Healthcheck: z
            .object({ Test: texts, Interval: number, Timeout: number, Retries: number, StartPeriod: number })
            .nullish(),
          StopGracePeriod: number,
        })
        .optional(),
      Placement: z
        .object({
          Constraints: texts,
          MaxReplicas: number,
          Platforms: z.array(z.object({ Architecture: text, OS: text })).nullish(),
        })
        .nullish(),
      Networks: z.array(z.object({ Target: z.string() })).nullish(),
      LogDriver: z.object({ Name: text, Options: options }).nullish(),
      Resources: z.object({ Limits: resources, Reservations: resources }).nullish(),
      RestartPolicy: z.object({ Condition: text, Delay: number }).nullish(),
    })
    .optional(),
  Mode: z.object({ Replicated: z.object({ Replicas: number }).nullish(), Global: z.unknown().optional() }).nullish(),
  EndpointSpec: z
    .object({
      Mode: text,
      Ports: z.array(z.object({ Protocol: text, TargetPort: number, PublishedPort: number, PublishMode: text })).nullish(),
    })
    .nullish(),
});

/**
 * A service as Swarm's API tells it.
 * @param spec the `Spec` of `GET /services`
 * @param networks names of networks by their ids
 */
export function swarmView(spec: unknown, networks: ReadonlyMap<string, string>): ServiceView {
  const { Name, Labels, TaskTemplate: task, Mode, EndpointSpec } = serviceSpec.parse(spec);
  const write = new ViewWriter(Name);
  const container = task?.ContainerSpec;
  write.text("image", container?.Image);
  write.words("command", container?.Command ?? undefined);
  write.words("arguments", container?.Args ?? undefined);
  for (const line of container?.Env ?? []) {
    const at = line.indexOf("=");
    write.text(`environment ${at < 0 ? line : line.slice(0, at)}`, at < 0 ? "" : line.slice(at + 1));
  }
  write.text("user", container?.User);
  write.text("host name", container?.Hostname);
  write.text("working directory", container?.Dir);
  write.names("hosts", container?.Hosts ?? undefined);
  write.names(
    "networks",
    task?.Networks?.map(({ Target }) => plainName(networks.get(Target) ?? Target)),
  );
  for (const mount of container?.Mounts ?? [])
    write.text(
      `mount ${mount.Target}`,
      mountText({ type: mount.Type ?? "volume", source: mount.Source ?? "", readOnly: mount.ReadOnly ?? false }),
    );
  for (const { File, ConfigName } of container?.Configs ?? [])
    if (File) write.text(`config ${File.Name}`, `${plainName(ConfigName)}${modeText(File.Mode)}`);
  for (const { File, SecretName } of container?.Secrets ?? [])
    if (File) write.text(`secret file ${File.Name}`, `${plainName(SecretName)}${modeText(File.Mode)}`);
  for (const [name, value] of Object.entries(Labels ?? {})) write.text(`label ${name}`, value);
  const check = container?.Healthcheck;
  if (check) {
    write.words("health check", check.Test ?? undefined);
    write.duration("health check interval", check.Interval);
    write.duration("health check timeout", check.Timeout);
    write.duration("health check start period", check.StartPeriod);
    write.number("health check retries", check.Retries);
  }
  write.text("endpoint mode", EndpointSpec?.Mode, { default: "vip" });
  write.names(
    "published ports",
    EndpointSpec?.Ports?.map((port) =>
      portText({
        published: port.PublishedPort ?? 0,
        target: port.TargetPort ?? 0,
        protocol: port.Protocol ?? "tcp",
        mode: port.PublishMode ?? "ingress",
      }),
    ),
  );
  write.names("placement", task?.Placement?.Constraints ?? undefined);
  write.number("most replicas of a node", task?.Placement?.MaxReplicas);
  write.names(
    "platforms",
    task?.Placement?.Platforms?.map(({ Architecture, OS }) => `${OS}/${Architecture}`),
  );
  write.text("log driver", task?.LogDriver?.Name);
  for (const [name, value] of Object.entries(task?.LogDriver?.Options ?? {})) write.text(`log option ${name}`, value);
  write.text("mode", Mode?.Global === undefined ? "replicated" : "global", { default: "replicated" });
  write.count("replicas", Mode?.Replicated?.Replicas, { default: 1 });
  write.number("memory limit", task?.Resources?.Limits?.MemoryBytes);
  write.number("CPU limit", task?.Resources?.Limits?.NanoCPUs);
  write.number("memory reservation", task?.Resources?.Reservations?.MemoryBytes);
  write.number("CPU reservation", task?.Resources?.Reservations?.NanoCPUs);
  write.text("restart condition", task?.RestartPolicy?.Condition, { default: "any" });
  write.duration("restart delay", task?.RestartPolicy?.Delay, { default: 5e9 });
  write.duration("stop grace period", container?.StopGracePeriod, { default: 10e9 });
  return write.view;
}
