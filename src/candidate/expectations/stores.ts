import { routesOf } from "../routes.ts";
import type { Candidate } from "../types.ts";
import { type Expectation, expectation } from "./expectation.ts";
import { configsIn, ingressOf, ofDocumented, ofRole, placeOf } from "./read.ts";

const architecture = "docs-output/ARCHITECTURE.md";
const rabbitmqFile = "global/services/rabbitmq/RabbitMq.ts";

/** A setting of the broker by its variable, else by its line in rabbitmq.conf. */
function brokerSetting(candidate: Candidate, variable: string, name: string) {
  return ofRole(candidate, "rabbitmq").map((service) => {
    const line = configsIn(candidate, service)
      .map((config) => new RegExp(`^[ \\t]*${name}[ \\t]*=[ \\t]*(\\S+)`, "m").exec(config.content)?.[1])
      .find((value) => value !== undefined);
    return { service, value: service.env[variable] ?? line };
  });
}

const stores = (candidate: Candidate) => [...ofDocumented(candidate, "Redis"), ...ofRole(candidate, "rabbitmq")];

export const storeExpectations: readonly Expectation[] = [
  expectation<boolean>({
    id: "store-layer",
    subject: "where Redis and RabbitMQ are deployed",
    row: 4,
    read: (candidate) => {
      const platform = new Set(ofRole(candidate, "core", "web").map((service) => service.stack));
      // One file for everything has no layers to speak of.
      if (new Set(candidate.services.map((service) => service.stack)).size < 2) return [];
      return ofRole(candidate, "redis", "rabbitmq").map((service) => ({
        place: placeOf("service", service),
        value: platform.has(service.stack),
        met: `stack ${service.stack} defines it together with the applications`,
      }));
    },
    documented: {
      says: "Redis and RabbitMQ in layer 2, deployed apart from the platform",
      source: architecture,
      keeps: (together) => !together,
    },
    actual: { says: "both in the platform stack", source: "platform/src/PlatformDatastore.ts", keeps: (together) => together },
    cure: "Correct the documents' layers, or move the service: a deployment of the platform can restart it.",
  }),
  expectation<string[]>({
    id: "store-internal",
    subject: "who reaches Redis and RabbitMQ",
    row: 21,
    read: (candidate) => {
      const ingress = ingressOf(candidate);
      return stores(candidate).map((service) => {
        const networks = service.networks.filter((network) => ingress.has(network));
        const hosts = routesOf(service).map((route) => route.host);
        const met = [
          ...(networks.length > 0 ? [`it is on ${networks.join(", ")}`] : []),
          ...(hosts.length > 0 ? [`is routed from outside as ${hosts.join(", ")}`] : []),
        ];
        return { place: placeOf("service", service), value: met, met: met.join(" and ") };
      });
    },
    documented: {
      says: "Redis and RabbitMQ not exposed externally",
      source: architecture,
      keeps: (exposed) => exposed.length === 0,
    },
    actual: {
      says: "each store on the ingress network",
      source: "facts sheet, section 2.2",
      keeps: (exposed) => exposed.length > 0,
    },
    cure: "Take it off the ingress network and take its routers away; clients outside can come by the tailnet.",
  }),
  expectation<string | undefined>({
    id: "rabbitmq-credentials",
    subject: "the broker's account",
    read: (candidate) =>
      brokerSetting(candidate, "RABBITMQ_DEFAULT_USER", "default_user").map(({ service, value }) => ({
        place: placeOf("service", service),
        value,
        met:
          value === undefined
            ? "no account is set, so it has the image's own with its known password"
            : `the account is ${value}`,
      })),
    documented: {
      says: "generated credentials for RabbitMQ",
      source: architecture,
      keeps: (user) => user !== undefined && user !== "guest",
    },
    actual: { says: "the image's default account", source: rabbitmqFile, keeps: (user) => user === undefined },
    cure: "Set default_user and default_pass from generated secrets, and put them into the broker's URL.",
  }),
  expectation<string | undefined>({
    id: "rabbitmq-vhost",
    subject: "the broker's virtual host",
    read: (candidate) =>
      brokerSetting(candidate, "RABBITMQ_DEFAULT_VHOST", "default_vhost").map(({ service, value }) => ({
        place: placeOf("service", service),
        value,
        met: "none is set, so everything is in /",
      })),
    documented: {
      says: "a virtual host for each environment",
      source: architecture,
      keeps: (vhost) => vhost !== undefined && vhost !== "/",
    },
    actual: { says: "the default virtual host /", source: rabbitmqFile, keeps: (vhost) => vhost === undefined },
    cure: "Set default_vhost and name it in the broker's URL, or take the promise back.",
  }),
];
