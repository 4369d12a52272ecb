import { referenceDomain } from "../../candidate/reference/reference.ts";
import type { Candidate, CandidateService, Role } from "../../candidate/types.ts";
import { changed, type Mutation } from "./mutation.ts";

/** Labels of Traefik's routers in the reference, by the role that carries them. */
const router = {
  core: "traefik.http.routers.sprocket-core-main",
  web: "traefik.http.routers.sprocket-web-main",
  vault: "traefik.http.routers.vault",
  "forward-auth": "traefik.http.routers.http",
  rabbitmq: "traefik.http.routers.prod-datastores-rmq-management",
  traefik: "traefik.http.routers.traefik-dashboard",
} as const satisfies Partial<Record<Role, string>>;

/** A router that answers for another host name than its clients use. */
function wrongHost(slug: string, role: keyof typeof router, host: string): Mutation {
  return {
    name: `wrong-host-${slug}`,
    what: `the router of ${role} answers for ${host} instead of its own name`,
    reddens: `layer1/route-${slug}`,
    candidate: (candidate) =>
      changed(candidate, role, (service) => {
        service.labels[`${router[role]}.rule`] = `Host(\`${host}.${candidate.domain}\`)`;
      }),
  };
}

/** The socket proxy with one more or one less of its variables. */
function proxyGrants(name: string, what: string, reddens: string, env: Record<string, string>): Mutation {
  return {
    name,
    what,
    reddens,
    candidate: (candidate) => changed(candidate, "socket-proxy", (service) => Object.assign(service.env, env)),
  };
}

/** Vault's start script with one text replaced. @throws when the script has no such text: a mutation that changes nothing proves nothing. */
function vaultScript(candidate: Candidate, from: string, to: string): Candidate {
  const copy = structuredClone(candidate);
  const file = copy.host.find((one) => one.type === "file" && one.path.endsWith("/auto-initialize.sh"));
  if (file?.type !== "file" || !file.content.includes(from))
    throw new Error(`the candidate's script of Vault has no "${from}" to mutate`);
  file.content = file.content.replace(from, to);
  return copy;
}

/** Vault with a storage that is gone with its process. */
function vaultInMemory(candidate: Candidate): Candidate {
  const copy = structuredClone(candidate);
  const config = copy.configs.find((one) => one.name === "vault-config");
  const stanza = /storage "s3" \{[\s\S]*?\n\}/;
  if (!config || !stanza.test(config.content)) throw new Error("the candidate's Vault has no S3 storage to mutate");
  config.content = config.content.replace(stanza, 'storage "inmem" {}');
  return copy;
}

const keyFolder = "/vault/unseal-tokens";

function vaultMount(service: CandidateService): string {
  const mount = service.mounts.find((one) => one.target === keyFolder);
  if (!mount) throw new Error("the candidate's Vault has no folder for its keys");
  return mount.source;
}

export const layer1Mutations: readonly Mutation[] = [
  { ...wrongHost("api", "core", "apl"), name: "wrong-host-rule" },
  wrongHost("web", "web", "www"),
  wrongHost("vault", "vault", "vauld"),
  wrongHost("forward-auth", "forward-auth", "fs"),
  wrongHost("rabbitmq-management", "rabbitmq", "management"),
  {
    name: "catch-all-rule",
    what: "forward-auth's router takes every host",
    reddens: "layer1/no-route",
    candidate: (candidate) =>
      changed(candidate, "forward-auth", (service) => {
        service.labels[`${router["forward-auth"]}.rule`] += " || PathPrefix(`/`)";
      }),
  },
  {
    name: "route-without-tls",
    what: "forward-auth's router lost its TLS label, so it serves in the clear",
    reddens: "layer1/plain-http",
    candidate: (candidate) =>
      changed(candidate, "forward-auth", (service) => {
        delete service.labels[`${router["forward-auth"]}.tls`];
        delete service.labels[`${router["forward-auth"]}.tls.certResolver`];
      }),
  },
  {
    name: "foreign-certificate",
    what: "the API's certificate is by an authority that no client trusts",
    reddens: "layer1/certificates",
    replica: { badCertificates: { [`api.${referenceDomain}`]: "foreign" } },
  },
  {
    name: "missing-certificate",
    what: "Traefik's store has no certificate for the API's host",
    reddens: "layer1/certificates",
    replica: { withoutCertificates: [`api.${referenceDomain}`] },
  },
  {
    name: "dashboard-open",
    what: "the dashboard's router lost its middleware, so nobody is asked who he is",
    reddens: "layer1/dashboard-closed",
    candidate: (candidate) =>
      changed(candidate, "traefik", (service) => {
        delete service.labels[`${router.traefik}.middlewares`];
      }),
  },
  {
    name: "dashboard-other-rule",
    what: "the dashboard asks forward-auth for the rule of another team",
    reddens: "layer1/dashboard-rule",
    candidate: (candidate) =>
      changed(candidate, "traefik", (service) => {
        const label = "traefik.http.middlewares.traefik-dashboard.forwardauth.address";
        service.labels[label] = service.labels[label]?.replace("SprocketAdmin", "EloTeam") ?? "";
      }),
  },
  {
    name: "forward-auth-broken",
    what: "forward-auth's certificate is by an authority that Traefik does not trust, so strangers meet a 500",
    reddens: "layer1/dashboard-closed",
    replica: { badCertificates: { [`fa.${referenceDomain}`]: "foreign" } },
  },
  {
    name: "forward-auth-elsewhere",
    what: "forward-auth's name leads to a machine that does not listen",
    reddens: "layer1/forward-auth-trusted",
    replica: { namesElsewhere: { [`fa.${referenceDomain}`]: "dns" } },
  },
  proxyGrants("socket-proxy-post", "the socket proxy lets POST through", "layer1/socket-proxy-refuses-writes", { POST: "1" }),
  proxyGrants("socket-proxy-secrets", "the socket proxy shows the engine's secrets", "layer1/socket-proxy-hides", {
    SECRETS: "1",
  }),
  proxyGrants("socket-proxy-without-tasks", "the socket proxy refuses tasks, which Traefik needs", "layer1/socket-proxy-grants", {
    TASKS: "0",
  }),
  {
    name: "socket-proxy-network-shared",
    what: "forward-auth is a member of the socket proxy's network",
    reddens: "layer1/socket-proxy-alone",
    candidate: (candidate) =>
      changed(candidate, "forward-auth", (service) => {
        service.networks.push("traefik-socket-proxy-network");
      }),
  },
  {
    name: "traefik-api-published",
    what: "Traefik's API port 8080, which asks nobody who he is, is published",
    reddens: "layer1/ports",
    candidate: (candidate) =>
      changed(candidate, "traefik", (service) => {
        service.ports.push({ published: 8080, target: 8080, protocol: "tcp", mode: "host" });
      }),
  },
  {
    name: "public-client-on-the-node",
    what: "the client that should stand on the public network stands on the node itself",
    reddens: "layer1/vantages",
    afterTier: "layer1",
    async running(replica) {
      const outside = replica.vantages.get("public");
      if (!outside) throw new Error("the replica has no public vantage to mutate");
      (replica.vantages as Map<string, typeof outside>).set("public", { ...outside, agent: replica.nodeAgent });
    },
  },
  {
    name: "forward-auth-route-to-another-port",
    what: "Traefik is told that forward-auth listens on 3999",
    reddens: "candidate/routes-layer1",
    candidate: (candidate) =>
      changed(candidate, "forward-auth", (service) => {
        service.labels["traefik.http.services.http.loadbalancer.server.port"] = "3999";
      }),
  },
  {
    name: "vault-one-key",
    what: "Vault is initialised with a single key that unseals alone",
    reddens: "layer1/vault-health",
    candidate: (candidate) =>
      vaultScript(
        candidate,
        "vault operator init -format=json",
        "vault operator init -key-shares=1 -key-threshold=1 -format=json",
      ),
  },
  {
    name: "vault-keys-in-container",
    what: "the script keeps the unseal keys inside the container, as in the third of the five attempts",
    reddens: "layer1/vault-initialised-once",
    candidate: (candidate) => vaultScript(candidate, `keys=${keyFolder}/unseal_tokens.txt`, "keys=/tmp/unseal_tokens.txt"),
  },
  {
    name: "vault-storage-gone",
    what: "Vault's S3 storage stops answering while Vault runs",
    reddens: "layer1/vault-secret",
    async running(replica) {
      await replica.docker.getContainer(replica.parties.get("s3") as string).stop({ t: 0 });
    },
  },
  {
    name: "vault-key-file-missing",
    what: "the file with the unseal keys is gone from the node when Vault is killed",
    reddens: "layer1/vault-recovers",
    async running(replica) {
      await replica.nodeAgent.file({
        action: "remove",
        path: `${vaultMount(replica.service("vault").candidate)}/unseal_tokens.txt`,
      });
    },
  },
  {
    name: "vault-script-never-ends",
    what: "the script does not wait for the server but for ever: a dead server in a task that runs",
    reddens: "layer1/vault-server-recovers",
    candidate: (candidate) => vaultScript(candidate, 'wait "$server"', "sleep infinity"),
  },
  {
    name: "vault-not-restarted",
    what: "Vault's restart condition is none",
    reddens: "layer1/vault-restarted-once",
    candidate: (candidate) =>
      changed(candidate, "vault", (service) => {
        service.restart = { condition: "none" };
      }),
  },
  {
    name: "vault-storage-lost",
    what: "Vault keeps its data in memory, so its next start makes another Vault",
    reddens: "layer1/vault-same",
    candidate: vaultInMemory,
  },
  {
    name: "vault-secret-lost",
    what: "Vault keeps its data in memory, so no secret outlives a crash",
    reddens: "layer1/vault-secret-survives",
    candidate: vaultInMemory,
  },
];
