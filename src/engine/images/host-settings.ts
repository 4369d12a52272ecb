import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { TarFile } from "./tar.ts";

const run = promisify(execFile);

/**
 * How this machine reaches package registries, read from its own clients' configuration. It enters a build step as files on a volume that
 * is deleted with the step: neither an image's layers nor its configuration ever hold any of it.
 */
export interface HostSettings {
  /** Debian archive and its security archive, if this machine's apt names them. */
  debian?: { main: string; security?: string };
  /** Variables for the step: GOPROXY, PIP_INDEX_URL, proxies. */
  env: Record<string, string>;
  /** Files for the step: certificate bundle, pip's and cargo's configuration. */
  files: TarFile[];
}

/** Mount point of the step's own volume: /mnt exists in Debian, so no folder is left behind. */
export const stepFolder = "/mnt";

interface AptSource {
  uri: string;
  suites: string[];
  components: string[];
}

/** Sources in apt's two formats: one line each, and the stanzas of deb822. */
export function parseAptSources(text: string, format: "list" | "sources"): AptSource[] {
  if (format === "list") {
    return text.split("\n").flatMap((line) => {
      const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.replace(/#.*/, ""));
      return match?.[1] && match[2] && match[3]
        ? [{ uri: match[1], suites: [match[2]], components: match[3].trim().split(/\s+/) }]
        : [];
    });
  }
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string) => new RegExp(`^${name}:\\s*(.+)$`, "im").exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    if (!field("Types").includes("deb") || field("Enabled")[0] === "no") return [];
    return field("URIs").map((uri) => ({ uri, suites: field("Suites"), components: field("Components") }));
  });
}

/** The Debian archives among apt's sources of a machine of that release; undefined where there are none. */
export function debianArchives(sources: AptSource[], codename: string): HostSettings["debian"] {
  const has = (suite: string) =>
    sources.find((source) => source.suites.includes(suite) && source.components.includes("main"))?.uri;
  const main = has(codename);
  if (main === undefined) return undefined;
  const security = has(`${codename}-security`);
  return security === undefined ? { main } : { main, security };
}

function readAptSources(): AptSource[] {
  const out: AptSource[] = [];
  const read = (file: string) => {
    if (!existsSync(file)) return;
    if (file.endsWith(".list")) out.push(...parseAptSources(readFileSync(file, "utf8"), "list"));
    if (file.endsWith(".sources")) out.push(...parseAptSources(readFileSync(file, "utf8"), "sources"));
  };
  read("/etc/apt/sources.list");
  const folder = "/etc/apt/sources.list.d";
  if (existsSync(folder)) for (const name of readdirSync(folder)) read(path.join(folder, name));
  return out;
}

function hostDebian(): HostSettings["debian"] {
  const mirror = process.env.SPROCKET_DEBIAN_MIRROR;
  if (mirror) return { main: mirror };
  if (!existsSync("/etc/os-release")) return undefined;
  const release = readFileSync("/etc/os-release", "utf8");
  if (!/^ID=debian$/m.test(release)) return undefined;
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  return codename === undefined ? undefined : debianArchives(readAptSources(), codename);
}

/** The first certificate bundle that this machine's clients are told to trust. */
function certificateBundle(): Buffer | undefined {
  const named = [process.env.SSL_CERT_FILE, process.env.NODE_EXTRA_CA_CERTS, process.env.CURL_CA_BUNDLE];
  const usual = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
  for (const file of [...named, ...usual]) if (file && existsSync(file)) return readFileSync(file);
  return undefined;
}

async function goSettings(): Promise<Record<string, string>> {
  const names = ["GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE"];
  let values: Record<string, string | undefined> = process.env;
  try {
    values = JSON.parse((await run("go", ["env", "-json", ...names])).stdout) as Record<string, string>;
  } catch {
    // No Go on this machine: the variables alone.
  }
  return Object.fromEntries(names.flatMap((name) => (values[name] ? [[name, values[name]]] : [])));
}

function pipConfiguration(): TarFile[] {
  const named = process.env.PIP_CONFIG_FILE;
  const files = [named, path.join(homedir(), ".config/pip/pip.conf"), path.join(homedir(), ".pip/pip.conf"), "/etc/pip.conf"];
  for (const file of files) if (file && existsSync(file)) return [{ path: "pip.conf", content: readFileSync(file) }];
  return [];
}

/** Cargo's configuration, in a home folder of its own: registries and how they are reached. */
function cargoConfiguration(): TarFile[] {
  const home = process.env.CARGO_HOME ?? path.join(homedir(), ".cargo");
  for (const name of ["config.toml", "config"]) {
    const file = path.join(home, name);
    if (existsSync(file)) return [{ path: "cargo/config.toml", content: readFileSync(file) }];
  }
  return [];
}

const passed = [
  "PIP_INDEX_URL",
  "PIP_EXTRA_INDEX_URL",
  "PIP_TRUSTED_HOST",
  "PIP_DEFAULT_TIMEOUT",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
];

/** Reads this machine's client configuration. Missing clients are no error: their defaults hold. */
export async function readHostSettings(): Promise<HostSettings> {
  const env: Record<string, string> = await goSettings();
  for (const name of passed) {
    const value = process.env[name];
    if (value) env[name] = value;
  }
  const files = pipConfiguration();
  if (files.length > 0) env.PIP_CONFIG_FILE = `${stepFolder}/pip.conf`;
  files.push(...cargoConfiguration());
  env.CARGO_HOME = `${stepFolder}/cargo`;
  const bundle = certificateBundle();
  if (bundle !== undefined) {
    files.push({ path: "ca.crt", content: bundle });
    for (const name of ["SSL_CERT_FILE", "PIP_CERT", "CURL_CA_BUNDLE", "CARGO_HTTP_CAINFO"]) env[name] = `${stepFolder}/ca.crt`;
  }
  const debian = hostDebian();
  return { env, files, ...(debian === undefined ? {} : { debian }) };
}
