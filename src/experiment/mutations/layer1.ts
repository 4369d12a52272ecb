import { changed, type Mutation } from "./mutation.ts";

export const layer1Mutations: readonly Mutation[] = [
  {
    name: "wrong-host-rule",
    what: "the API's router answers for another host name",
    reddens: "layer1/routes-by-host",
    candidate: (candidate) =>
      changed(candidate, "core", (service) => {
        service.labels["traefik.http.routers.sprocket-core-main.rule"] = `Host(\`apl.${candidate.domain}\`)`;
      }),
  },
];
