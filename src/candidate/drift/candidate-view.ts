import { secretsIn } from "../findings/text.ts";
import type { CandidateService } from "../types.ts";
import { modeText, mountText, plainName, portText, type ServiceView, ViewWriter } from "./view.ts";

/** A candidate's service, field by field; a value that holds a secret is one. */
export function candidateView(service: CandidateService): ServiceView {
  const write = new ViewWriter(service.name);
  const text = (field: string, value: string | undefined) => {
    if (value !== undefined && secretsIn(value).length > 0) write.secret(field);
    else write.text(field, value);
  };
  const words = (field: string, value: readonly string[] | undefined) => {
    if (value?.some((word) => secretsIn(word).length > 0)) write.secret(field);
    else write.words(field, value);
  };
  text("image", service.image);
  words("command", service.command);
  words("arguments", service.args);
  for (const [name, value] of Object.entries(service.env)) text(`environment ${name}`, value);
  text("user", service.user);
  text("host name", service.hostname);
  text("working directory", service.workdir);
  write.names("hosts", service.hosts);
  write.names("networks", service.networks.map(plainName));
  for (const mount of service.mounts) write.text(`mount ${mount.target}`, mountText(mount));
  for (const { source, target, mode } of service.configs) write.text(`config ${target}`, `${plainName(source)}${modeText(mode)}`);
  for (const { source, target, mode } of service.secrets)
    write.text(`secret file ${target}`, `${plainName(source)}${modeText(mode)}`);
  for (const [name, value] of Object.entries(service.labels)) text(`label ${name}`, value);
  const { healthcheck, placement, logDriver, limits, reservations, restart } = service;
  if (healthcheck) {
    words("health check", healthcheck.test);
    write.duration("health check interval", healthcheck.intervalNs);
    write.duration("health check timeout", healthcheck.timeoutNs);
    write.duration("health check start period", healthcheck.startPeriodNs);
    write.number("health check retries", healthcheck.retries);
  }
  write.text("endpoint mode", service.endpointMode, { default: "vip" });
  write.names("published ports", service.ports.map(portText));
  write.names("placement", placement.constraints);
  write.number("most replicas of a node", placement.maxReplicas);
  write.names(
    "platforms",
    placement.platforms?.map(({ architecture, os }) => `${os}/${architecture}`),
  );
  if (logDriver) {
    write.text("log driver", logDriver.name);
    for (const [name, value] of Object.entries(logDriver.options)) write.text(`log option ${name}`, value);
  }
  write.text("mode", service.global ? "global" : "replicated", { default: "replicated" });
  if (!service.global) write.count("replicas", service.replicas, { default: 1 });
  write.number("memory limit", limits?.memoryBytes);
  write.number("CPU limit", limits?.nanoCpus);
  write.number("memory reservation", reservations?.memoryBytes);
  write.number("CPU reservation", reservations?.nanoCpus);
  write.text("restart condition", restart?.condition, { default: "any" });
  write.duration("restart delay", restart?.delayNs, { default: 5e9 });
  write.duration("stop grace period", service.stopGraceNs, { default: 10e9 });
  return write.view;
}
