import type Dockerode from "dockerode";
import { loadSuites } from "../../suites/index.ts";
import type { Candidate, CandidateService } from "../candidate/types.ts";
import { findingAcceptanceOf } from "../check/baseline.ts";
import { planImage } from "../engine/images/index.ts";
import { nodeFlags } from "../engine/node/flags.ts";
import { openEngine } from "../engine/provision/open.ts";
import { ResilienceError } from "../history/errors.ts";
import { type Finding, type PlannedCheck, tiers } from "../history/events.ts";
import { tailnetImages } from "../replica/images.ts";
import type { PlanDocument } from "../report/documents.ts";
import { byRule, countFindings, sortFindings } from "../report/findings.ts";
import { originWords } from "../report/format.ts";
import { plannedServices, type ReplicaPlan } from "../substitute/plan.ts";
import { readBaseline } from "./baseline-file.ts";
import { type CandidateSource, loadCandidate, planFor } from "./candidate.ts";
import { plannedFindings, previousRun } from "./planned-findings.ts";
import { select } from "./selection.ts";

export interface PlanOptions {
  candidate: CandidateSource;
  images: "auto" | "pull" | "build" | "local";
  /** Runs to compare the findings with. */
  runsDir: string;
  signal: AbortSignal;
  onProgress: (line: string) => void;
}

export interface PlanOutcome {
  exitCode: 0;
  document: PlanDocument;
  text: string;
}

/** Findings with who accepted them, by the working directory's baseline as it is today. */
function accepted(findings: readonly Finding[]): PlanDocument["findings"] {
  const baseline = readBaseline();
  const today = new Date().toISOString();
  return findings.map((finding) => {
    const by = findingAcceptanceOf(finding, baseline, today);
    return by ? { ...finding, accepted: by } : finding;
  });
}

type PlannedImage = PlanDocument["images"][number];

/**
 * Says what would start, in what order, from which images, and what is changed for it. Starts nothing of it, and needs an engine only where a program must be evaluated to
 * know.
 */
export async function runPlan(options: PlanOptions): Promise<PlanOutcome> {
  await loadSuites();
  const { candidate, differences, origin } = await loadCandidate(options.candidate, { ...options, provision: "never" });
  const plan = await planFor(
    candidate,
    { images: options.images, engine: () => engineIfAny(options), signal: options.signal },
    differences,
  );
  const selection = select(plan, undefined);
  const { checks, notApplicable } = selection;
  const { tailnet } = selection;
  const images = await imagesOf(plan, tailnet, options);
  const services = plannedServices(plan);
  const { findings, comparedWith } = plannedFindings(plan.candidate, previousRun(options.runsDir, plan.candidate));
  const document: PlanDocument = {
    schema: 1,
    candidate: { name: candidate.name, profile: candidate.profile, hash: plan.hash, ...(origin ? { origin } : {}) },
    services,
    findings: accepted(findings),
    ...(comparedWith === undefined ? {} : { comparedWith }),
    substitutions: plan.substitutions,
    order: tiers
      .map((tier) => ({
        tier,
        services: services.filter((one) => one.tier === tier && one.source !== "not-reproduced").map((one) => one.name),
      }))
      .filter((one) => one.services.length > 0),
    images,
    networks: networksOf(plan.candidate, tailnet),
    node: nodeOf(plan.candidate),
    checks: checks.map(({ id, tier, service, effect }) => ({ id, tier, service, effect })),
    notApplicable,
  };
  return { exitCode: 0, document, text: textOf(document, checks) };
}

/** Each image with what is there of it; "unknown" where no engine answers, since none is started for a plan. */
async function imagesOf(plan: ReplicaPlan, tailnet: boolean, options: PlanOptions): Promise<PlannedImage[]> {
  const services = plan.services.map((service) => service.image.name);
  const names = [...new Set([...services, ...plan.partyImages, ...(tailnet ? tailnetImages : [])])];
  const own = (present: boolean | undefined) => (present === undefined ? "unknown" : present ? "yes" : "no");
  const docker = await engineIfAny(options);
  return await Promise.all(
    names.map(async (name): Promise<PlannedImage> => {
      const users = plan.services.filter((service) => service.image.name === name).map((service) => service.candidate.name);
      const service = plan.services.find((one) => one.image.name === name);
      if (service?.image.own) {
        const { reference, present } = service.image.own;
        return { name, image: reference, source: "registry", present: own(present), users };
      }
      if (!docker)
        return {
          name,
          image: service?.candidate.image ?? name,
          source: service?.image.source ?? "recipe",
          present: "unknown",
          users,
        };
      const { image, source, present } = await planImage(docker, name, options.images);
      return { name, image, source, present: present ? "yes" : "no", users };
    }),
  );
}

async function engineIfAny(options: PlanOptions): Promise<Dockerode | undefined> {
  try {
    return (await openEngine({ provision: "never", onProgress: options.onProgress, signal: options.signal })).docker;
  } catch (error) {
    if (error instanceof ResilienceError && error.code === "E_NO_ENGINE") return undefined;
    throw error;
  }
}

function networksOf(candidate: Candidate, tailnet: boolean): PlanDocument["networks"] {
  return [
    { name: "management", where: "user's Docker", carries: "the node's API and the published loopback ports" },
    { name: "parties", where: "user's Docker", carries: "parties, internal" },
    { name: "public", where: "user's Docker", carries: "the public vantage, internal" },
    { name: "lan", where: "user's Docker", carries: "the LAN's vantage, internal" },
    ...(tailnet
      ? [
          {
            name: "tailnet",
            where: "user's Docker" as const,
            carries: "headscale, derper and three tailscaled, which hold NET_ADMIN and /dev/net/tun; internal",
          },
        ]
      : []),
    ...candidate.networks.map(({ name }) => ({
      name,
      where: "node" as const,
      carries: candidate.services
        .filter((service) => service.networks.includes(name))
        .map((service) => service.name)
        .join(", "),
    })),
  ];
}

/** What nodes hold of the user's machine, and services of their node. */
function nodeOf(candidate: Candidate): PlanDocument["node"] {
  return {
    // The first that the user's Docker accepts.
    flags: nodeFlags.map(({ name, host }) => ({
      name,
      holds: name === "privileged" ? ["all capabilities, all devices"] : (host.CapAdd ?? []),
    })),
    mounts: ["/sys/fs/cgroup (read-write)", "volume sprocket-resilience-store"],
    ports: "random ones on 127.0.0.1",
    binds: candidate.services.flatMap((service) => bindsOf(service)),
  };
}

function bindsOf(service: CandidateService): PlanDocument["node"]["binds"] {
  return service.mounts
    .filter((mount) => mount.type === "bind")
    .map(({ source, target, readOnly }) => ({ service: service.name, source, target, readOnly }));
}

function textOf(document: PlanDocument, checks: PlannedCheck[]): string {
  const lines: string[] = [];
  const row = (...cells: string[]) =>
    lines.push(`  ${cells.map((cell, index) => (index < cells.length - 1 ? cell.padEnd(widths[index] ?? 0) : cell)).join("  ")}`);
  const widths = [Math.max(...document.services.map((service) => service.name.length)), 10];
  const { name, profile, origin } = document.candidate;
  lines.push(`Candidate ${name} (${origin ? originWords(origin) : `profile ${profile}`})`, "");
  const parties = document.images.map((image) => image.name).filter((image) => ["postgres", "s3", "acme", "dns"].includes(image));
  lines.push(`First, outside the Swarm: the node, the vantages, and as parties ${parties.join(", ")}.`);
  for (const { tier, services } of document.order) {
    lines.push("", `${tier}: created all at once, ready as soon as what each needs is`);
    for (const name of services) {
      const service = document.services.find((one) => one.name === name);
      if (service)
        row(name, service.source, `${service.image}${service.needs.length > 0 ? `; needs ${service.needs.join(", ")}` : ""}`);
    }
  }
  const left = document.services.filter((service) => service.source === "not-reproduced");
  if (left.length > 0) lines.push("", `Not reproduced: ${left.map((service) => service.name).join(", ")}`);
  lines.push("", "Images");
  const there = { yes: "here", no: "to be had", unknown: "unknown: no engine answers" } as const;
  for (const image of document.images) row(image.name, there[image.present], `${image.image} (${image.source})`);
  lines.push("", "Networks");
  for (const network of document.networks) row(network.name, network.where, network.carries);
  lines.push("", "Held by the node");
  for (const { name, holds } of document.node.flags) row(name, "", holds.join(", "));
  for (const mount of document.node.mounts) row("mount", "", mount);
  row("ports", "", document.node.ports);
  for (const bind of document.node.binds)
    row(bind.service, "", `${bind.source} of its node at ${bind.target}${bind.readOnly ? " (read-only)" : ""}`);
  lines.push("", `Substitutions (${document.substitutions.length})`);
  for (const one of document.substitutions) {
    lines.push(`  ${one.subject}: ${one.asked} -> ${one.got}`);
    lines.push(`    ${one.why}${one.hides.length > 0 ? `; hides ${one.hides.join(", ")}` : ""}`);
  }
  lines.push(...findingLines(document));
  lines.push("", `Checks (${checks.length})`);
  for (const check of checks) row(check.id, check.effect, check.service);
  for (const one of document.notApplicable) row(one.check, "n/a", one.why);
  return `${lines.join("\n")}\n`;
}

/** Findings by rule, new ones marked, the cure once a rule; accepted ones apart and short. */
function findingLines({ findings, comparedWith }: PlanDocument): string[] {
  if (findings.length === 0) return ["", "Findings (0)"];
  const { fresh, open, accepted } = sortFindings(findings);
  const lines = ["", `Findings: ${countFindings(findings, comparedWith)}`];
  const rule = (title: string, all: readonly PlanDocument["findings"][number][]) => {
    lines.push(`  ${title}`, ...all.map((one) => `    ${one.place}: ${one.what}`));
    for (const cure of new Set(all.flatMap((one) => one.cure ?? []))) lines.push(`    cure: ${cure}`);
  };
  for (const one of byRule(fresh)) rule(`new ${one.rule}`, one.findings);
  for (const one of open) rule(one.rule, one.findings);
  for (const one of accepted.flatMap((group) => group.findings))
    lines.push(`  accepted by ${one.accepted?.owner} until ${one.accepted?.until}: ${one.rule} at ${one.place}`);
  return lines;
}
