import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

export interface RegistryCredentials {
  username: string;
  password: string;
  serveraddress: string;
}

/** Docker Hub's credentials are filed under this old address. */
const hubKey = "https://index.docker.io/v1/";

/**
 * What `docker login` left for a registry: in DOCKER_CONFIG or ~/.docker, as a base64 pair or with a credential helper. Undefined when
 * nobody logged in there.
 */
export function credentialsFor(registry: string): RegistryCredentials | undefined {
  const file = path.join(process.env.DOCKER_CONFIG ?? path.join(homedir(), ".docker"), "config.json");
  if (!existsSync(file)) return undefined;
  const config = JSON.parse(readFileSync(file, "utf8")) as {
    auths?: Record<string, { auth?: string }>;
    credsStore?: string;
    credHelpers?: Record<string, string>;
  };
  const keys = registry === "docker.io" ? [hubKey, "docker.io"] : [registry, `https://${registry}`, `http://${registry}`];
  for (const key of keys) {
    const auth = config.auths?.[key]?.auth;
    if (auth) {
      const pair = Buffer.from(auth, "base64").toString("utf8");
      const colon = pair.indexOf(":");
      return { username: pair.slice(0, colon), password: pair.slice(colon + 1), serveraddress: key };
    }
    const helper = config.credHelpers?.[key] ?? (config.auths?.[key] ? config.credsStore : undefined);
    if (helper) {
      const answer = fromHelper(helper, key);
      if (answer) return answer;
    }
  }
  return undefined;
}

function fromHelper(helper: string, key: string): RegistryCredentials | undefined {
  try {
    const text = execFileSync(`docker-credential-${helper}`, ["get"], {
      input: key,
      encoding: "utf8",
      stdio: ["pipe", "pipe", "ignore"],
    });
    const answer = JSON.parse(text) as { Username: string; Secret: string };
    return { username: answer.Username, password: answer.Secret, serveraddress: key };
  } catch {
    return undefined; // The helper has nothing for this registry, or is not installed: pull without.
  }
}
