import type { CandidateService } from "../types.ts";
import { type Expectation, expectation } from "./expectation.ts";
import { configsIn, deep, ofRole, parsed, placeOf, repositoryOf } from "./read.ts";

const architecture = "docs-output/ARCHITECTURE.md";

/** What web is built with, as far as a definition shows it: Next.js by its variables or command, SvelteKit by what the image is known to be. */
function frameworkOf(service: CandidateService): string | undefined {
  const words = [...(service.command ?? []), ...(service.args ?? [])];
  if (words.includes("next") || Object.keys(service.env).some((name) => name.startsWith("NEXT_"))) return "Next.js";
  return repositoryOf(service.image) === "asaxplayinghorse/web" ? "SvelteKit" : undefined;
}

export const applicationExpectations: readonly Expectation[] = [
  expectation<string>({
    id: "web-framework",
    subject: "what web is built with",
    row: 23,
    read: (candidate) =>
      ofRole(candidate, "web").flatMap((service) => {
        const framework = frameworkOf(service);
        return framework === undefined
          ? []
          : [{ place: placeOf("service", service), value: framework, met: `${service.image} is ${framework}` }];
      }),
    documented: { says: "a web UI in Next.js", source: architecture, keeps: (framework) => framework === "Next.js" },
    actual: {
      says: "SvelteKit",
      source: "application repository: clients/web/Dockerfile",
      keeps: (framework) => framework === "SvelteKit",
    },
    cure: "Correct the document; nothing of Next.js' ways of starting and caching holds.",
  }),
  expectation<boolean>({
    id: "introspection",
    subject: "the API's smoke test",
    row: 24,
    read: (candidate) =>
      ofRole(candidate, "core").flatMap((service) =>
        configsIn(candidate, service).flatMap((config) => {
          const playground = deep(parsed(config.content), "gql", "playground");
          if (typeof playground !== "boolean") return [];
          return [
            {
              place: placeOf("config", config),
              value: playground,
              met: "gql.playground is false, and the API ties introspection to it",
            },
          ];
        }),
      ),
    documented: { says: "an API that answers introspection", source: "docs-output/DEPLOYMENT_GUIDE.md", keeps: (on) => on },
    actual: { says: "introspection refused", source: "platform/src/config/services/core.json", keeps: (on) => !on },
    cure: "Ask { __typename } in the smoke test instead.",
  }),
  expectation<string>({
    id: "image-names",
    subject: "names of the application images",
    row: 25,
    read: (candidate) =>
      ofRole(candidate, "core", "web").map((service) => ({
        place: placeOf("service", service),
        value: repositoryOf(service.image),
        met: `the image is ${service.image}`,
      })),
    documented: {
      says: "images named sprocket-web and sprocket-core",
      source: architecture,
      keeps: (name) => /(^|\/)sprocket-(web|core)$/.test(name),
    },
    actual: {
      says: "images named web and core",
      source: "platform/src/Platform.ts",
      keeps: (name) => /(^|\/)(web|core)$/.test(name),
    },
    cure: "Correct the documents: a pull by their names finds nothing.",
  }),
];
