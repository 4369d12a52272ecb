import { readFile } from "node:fs/promises";
import { release } from "node:os";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { PreflightFinding } from "./finding.ts";

/** Whether the kernel has a feature: compiled in, as a module that is or can be loaded, not at all, or nothing here says so. */
export type Presence = "built in" | "module" | "absent" | "unknown";

/** What the kernel's own files say; texts are empty where a file is missing. */
export interface KernelFacts {
  /** Kernel configuration: lines such as `CONFIG_VXLAN=m`. */
  config: string;
  /** modules.builtin: paths of what is compiled in. */
  builtin: string;
  /** modules.dep: paths of what can be loaded. */
  loadable: string;
  /** /proc/modules: what is loaded. */
  loaded: string;
}

interface Feature {
  id: string;
  option: string;
  /** Name in the module lists. */
  module: string;
  severity: "info" | "warning" | "error";
  /** What its lack means, and what is done about it. */
  lacking: string;
  cure?: string;
}

const loadIt = (module: string) => `Run \`modprobe ${module}\` as root, or use a kernel that has it.`;

/** Kernel features that a replica's nodes use. Only what has no other way is an error. */
const features: readonly Feature[] = [
  {
    id: "overlay-fs",
    option: "OVERLAY_FS",
    module: "overlay",
    severity: "error",
    lacking: "a node's images cannot be stored",
    cure: loadIt("overlay"),
  },
  {
    id: "vxlan",
    option: "VXLAN",
    module: "vxlan",
    severity: "error",
    lacking: "Swarm's overlay networks cannot be made",
    cure: loadIt("vxlan"),
  },
  {
    id: "bridge",
    option: "BRIDGE",
    module: "bridge",
    severity: "error",
    lacking: "container networks cannot be made",
    cure: loadIt("bridge"),
  },
  {
    id: "veth",
    option: "VETH",
    module: "veth",
    severity: "error",
    lacking: "containers cannot be connected",
    cure: loadIt("veth"),
  },
  {
    id: "netfilter-nat",
    option: "NF_NAT",
    module: "nf_nat",
    severity: "error",
    lacking: "published ports cannot be made",
    cure: loadIt("nf_nat"),
  },
  {
    id: "br-netfilter",
    option: "BRIDGE_NETFILTER",
    module: "br_netfilter",
    severity: "info",
    lacking: "rules of iptables do not see traffic inside a bridge",
  },
  {
    id: "ipvs",
    option: "IP_VS",
    module: "ip_vs",
    severity: "info",
    lacking: "services run with endpoint mode dnsrr instead of a virtual address, a substitution in the report",
  },
  {
    id: "netem",
    option: "NET_SCH_NETEM",
    module: "sch_netem",
    severity: "info",
    lacking: "delay comes from Toxiproxy and loss from iptables",
  },
  { id: "tbf", option: "NET_SCH_TBF", module: "sch_tbf", severity: "info", lacking: "no bandwidth can be limited" },
];

/** Reads this machine's kernel files; needs no root. */
export async function kernelFacts(): Promise<KernelFacts> {
  const text = (path: string) => readFile(path, "utf8").catch(() => "");
  const modules = `/lib/modules/${release()}`;
  const packed = await readFile("/proc/config.gz").catch(() => undefined);
  return {
    config: packed ? (await promisify(gunzip)(packed)).toString() : await text(`/boot/config-${release()}`),
    builtin: await text(`${modules}/modules.builtin`),
    loadable: await text(`${modules}/modules.dep`),
    loaded: await text("/proc/modules"),
  };
}

/** What the kernel's files say of one feature; a feature that no file could name is unknown, not absent. */
export function presence(facts: KernelFacts, option: string, module: string): Presence {
  // Module names have - and _ for the same thing.
  const name = module.replaceAll("_", "[-_]");
  if (new RegExp(`^${name} `, "m").test(facts.loaded)) return "module";
  const configured = facts.config.match(new RegExp(`^CONFIG_${option}=([ym])$`, "m"))?.[1];
  if (configured === "y") return "built in";
  if (configured === "m") return facts.loadable === "" || new RegExp(`/${name}\\.ko`).test(facts.loadable) ? "module" : "absent";
  if (new RegExp(`/${name}\\.ko`).test(facts.builtin)) return "built in";
  if (new RegExp(`/${name}\\.ko`).test(facts.loadable)) return "module";
  return facts.config !== "" || facts.builtin !== "" ? "absent" : "unknown";
}

/** One finding a feature. The node's own trial, when a replica starts, is what decides; this says beforehand what to expect. */
export function kernelFindings(facts: KernelFacts): PreflightFinding[] {
  return features.map((feature) => {
    const met = presence(facts, feature.option, feature.module);
    const id = `kernel-${feature.id}`;
    if (met === "absent")
      return {
        id,
        severity: feature.severity,
        what: `The kernel has no ${feature.module}: ${feature.lacking}.`,
        ...(feature.cure ? { cure: feature.cure } : {}),
      };
    if (met === "unknown")
      return {
        id,
        severity: "info",
        what: `Nothing here says whether the kernel has ${feature.module}; the node's start will show it.`,
      };
    return { id, severity: "info", what: `The kernel has ${feature.module} (${met}).` };
  });
}
