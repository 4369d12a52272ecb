import { found, placeOf, type StaticRule } from "./rule.ts";

/** Traefik's two ports are the way in; any other stands open on every address of the host, whatever the service thinks of strangers. */
export const portPublished: StaticRule = {
  id: "static/port-published",
  title: "Published port besides 80 and 443",
  cure: "Reach it over an overlay network, or close the port in the host's firewall and say so in the baseline.",
  find(candidate) {
    return candidate.services.flatMap((service) =>
      service.ports
        .filter(({ published }) => published !== 80 && published !== 443)
        .map(({ published, target, protocol, mode }) =>
          found(
            portPublished,
            placeOf("service", service),
            `${service.name} publishes ${published === 0 ? "a random port" : published}/${protocol} (to its ${target}) in ${mode} mode, on every address of the host.`,
          ),
        ),
    );
  },
};
