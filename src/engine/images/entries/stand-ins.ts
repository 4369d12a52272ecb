import type { ArtifactBuild, ImageEntry } from "../types.ts";

const node: ArtifactBuild = { name: "node", with: "npm", inputs: [{ from: "fixtures/images/node/build", to: "" }] };

const apps: ArtifactBuild = {
  name: "apps",
  with: "npm",
  inputs: [
    { from: "fixtures/apps/package.json", to: "package.json" },
    { from: "fixtures/apps/package-lock.json", to: "package-lock.json" },
    { from: "fixtures/apps/src", to: "src" },
  ],
};

/** Namespace of Sprocket's private application images. */
const namespace = "asaxplayinghorse";

function standIn(app: string, repository: string): ImageEntry {
  const asked = `${namespace}/${repository}`;
  return {
    name: `app-${app}`,
    kind: "stand-in",
    aliases: [asked],
    promise: {
      user: "",
      entrypoint: [],
      cmd: ["node", `/app/${app}/dist/main.js`],
      env: {},
      ports: [],
      paths: [`/app/${app}/dist/main.js`, `/app/src/${app}.ts`, "/app/node_modules", "/usr/local/bin/node"],
      volumes: [],
      source: "ours: the private image's contract is in docs/stand-ins.md",
    },
    recipe: {
      folder: "app",
      packages: ["ca-certificates"],
      artifacts: { NODE: node, APPS: apps },
      args: { APP: app },
      versions: { node: "24.21.0" },
      coldSeconds: 45,
    },
    substitution: {
      asked,
      got: `stand-in "${app}" of ours on Node.js 24`,
      why: "the image is private",
      hides: [`${app}-internals`],
    },
  };
}

/** Stand-ins of Sprocket's private application images. */
export const standInEntries: ImageEntry[] = [
  standIn("web", "web"),
  standIn("core", "core"),
  standIn("matchmaking", "matchmaking-service"),
  standIn("submission", "submission-service"),
  standIn("notification", "notification-service"),
  standIn("forward-auth", "discord-forward-auth"),
];
