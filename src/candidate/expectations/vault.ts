import { type Expectation, expectation } from "./expectation.ts";
import { httpRoutes, ingressOf, ofRole, placeOf, tagOf } from "./read.ts";

const architecture = "docs-output/ARCHITECTURE.md";
const program = "4b7b111:global/services/vault/Vault.ts";

/** Whether Vault is there at all is the mapping's to say (`documented/service-missing`). */
export const vaultExpectations: readonly Expectation[] = [
  expectation<string>({
    id: "vault-version",
    subject: "Vault's version",
    read: (candidate) =>
      ofRole(candidate, "vault").flatMap((service) => {
        const tag = tagOf(service.image);
        return tag === undefined
          ? []
          : [{ place: placeOf("service", service), value: tag, met: `the image is ${service.image}` }];
      }),
    documented: { says: "Vault 1.10.0", source: architecture, keeps: (tag) => tag === "1.10.0" },
    actual: { says: "Vault 1.10.0", source: program, keeps: (tag) => tag === "1.10.0" },
    cure: "Name the deployed version in the document.",
  }),
  expectation<boolean>({
    id: "vault-tls",
    subject: "Vault's public address",
    row: 10,
    read: (candidate) =>
      ofRole(candidate, "vault").flatMap((service) =>
        httpRoutes(service).map((route) => ({
          place: placeOf("service", service),
          value: route.tls,
          met: `router ${route.router} has no TLS, so HTTPS to ${route.host} is answered 404`,
        })),
      ),
    documented: { says: "Vault at https://vault.<host>", source: architecture, keeps: (tls) => tls },
    actual: { says: "Vault's router without TLS", source: program, keeps: (tls) => !tls },
    cure: "Give the router TLS and a resolver, and export the address with https://.",
  }),
  expectation<string[]>({
    id: "vault-network-members",
    subject: "who shares Vault's own network",
    row: 1,
    read: (candidate) => {
      const ingress = ingressOf(candidate);
      return ofRole(candidate, "vault").flatMap((vault) =>
        vault.networks
          .filter((network) => !ingress.has(network))
          .map((network) => ({
            place: placeOf("network", candidate.networks.find((one) => one.name === network) ?? { name: network }),
            value: candidate.services.filter((one) => one !== vault && one.networks.includes(network)).map(({ name }) => name),
            met: `Vault is alone on ${network}`,
          })),
      );
    },
    documented: {
      says: "the services that need Vault on a network with it",
      source: architecture,
      keeps: (members) => members.length > 0,
    },
    actual: { says: "Vault alone on its network", source: program, keeps: (members) => members.length === 0 },
    cure: "Take the network away: what reads secrets does so at deployment, by the public name.",
  }),
  expectation<string>({
    id: "vault-init-flags",
    subject: "how Vault is initialised",
    row: 11,
    read: (candidate) =>
      ofRole(candidate, "vault").flatMap((vault) => {
        const binds = new Set(vault.mounts.filter((mount) => mount.type === "bind").map((mount) => mount.source));
        return candidate.host.flatMap((resource) =>
          resource.type === "file" && binds.has(resource.path)
            ? [...resource.content.matchAll(/vault operator init([^\n;|)]*)/g)].map((match) => ({
                place: placeOf("service", vault),
                value: match[1] ?? "",
                met: `${resource.path} runs \`vault operator init${match[1]}\``,
              }))
            : [],
        );
      }),
    documented: {
      says: "an initialisation with -key-shares=5 -key-threshold=3",
      source: "docs-output/POSTMORTEM.md",
      keeps: (flags) => /-key-shares=5\b/.test(flags) && /-key-threshold=3\b/.test(flags),
    },
    actual: {
      says: "an initialisation with Vault's defaults, which are 5 and 3",
      source: "4b7b111:global/services/vault/scripts/auto-initialize.sh",
      keeps: (flags) => !/-key-(shares|threshold)/.test(flags),
    },
    cure: "Write the numbers into the script, so that another default cannot change them.",
  }),
  expectation<string[]>({
    id: "vault-matchmaking",
    subject: "matchmaking and Vault",
    read: (candidate) =>
      ofRole(candidate, "matchmaking").flatMap((matchmaking) =>
        ofRole(candidate, "vault").map((vault) => {
          const shared = vault.networks.filter((network) => matchmaking.networks.includes(network));
          return { place: placeOf("service", matchmaking), value: shared, met: `it shares ${shared.join(", ")} with Vault` };
        }),
      ),
    documented: { says: "that matchmaking cannot reach Vault", source: architecture, keeps: (shared) => shared.length === 0 },
    actual: { says: "no network that both are on", source: program, keeps: (shared) => shared.length === 0 },
    cure: "Take one of the two off the network.",
  }),
];
