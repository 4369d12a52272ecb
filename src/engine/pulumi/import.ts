import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type Dockerode from "dockerode";
import { boundFiles, checkoutFolder } from "../../candidate/bound-files.ts";
import { definitionOf, type EvaluatedStack } from "../../candidate/pulumi/definition.ts";
import type { StackOutputs } from "../../candidate/pulumi/evaluation.ts";
import { programError } from "../../candidate/pulumi/failure.ts";
import { evaluateInOrder } from "../../candidate/pulumi/order.ts";
import { refuseUnknowns } from "../../candidate/pulumi/unknowns.ts";
import type { Imported } from "../../candidate/types.ts";
import { entryNamed } from "../images/catalogue.ts";
import { policyFromEnvironment, provideImages } from "../images/provide.ts";
import { recipeHash } from "../images/recipe-hash.ts";
import type { ImagePolicy } from "../images/types.ts";
import { readCheckout, stackName } from "./checkout.ts";
import { checkoutFiles, hashFiles } from "./checkout-files.ts";
import { installDependencies } from "./dependencies.ts";
import { bounds, evaluateStack } from "./evaluate.ts";
import { modulesOf, packagesFolder, packagesVolume } from "./packages-volume.ts";
import { withWorkspace } from "./workspace.ts";

export interface ImportOptions {
  /** Absolute: a checkout, or the folder of one stack in it. */
  folder: string;
  /** An engine, opened only when something has to be evaluated. */
  docker: () => Promise<Dockerode>;
  /** How the evaluator's image is had; SPROCKET_IMAGES by default. */
  images?: ImagePolicy;
  /** Moves locked versions that the registry does not serve to the nearest ones, and lists them. */
  relaxLock: boolean;
  /** Outside the checkout: packages and results of evaluations, named by what they were made from. */
  cacheDir: string;
  signal: AbortSignal;
  onProgress: (line: string) => void;
  /** Of one evaluation. */
  seconds?: number;
}

/** Raised when what is made of an evaluation changes, so that an older result is not used. */
const format = 2;

/**
 * Reads a candidate's definition from a Pulumi program: evaluates its stacks offline in the order that they refer to each other, each in a
 * container of its own, and turns what they register into a definition. A result is kept under the hash of all that it was made from.
 *
 * The checkout is only read. Errors: every E_PULUMI_… of docs/errors.md; those of the images.
 */
export async function importPulumi(options: ImportOptions): Promise<Imported> {
  const { signal, onProgress } = options;
  const checkout = readCheckout(options.folder);
  const files = checkoutFiles(checkout.root);
  const key = hashFiles(
    files,
    String(format),
    recipeHash(entryNamed("evaluator").recipe),
    checkout.wanted.join(),
    String(options.relaxLock),
  );
  mkdirSync(options.cacheDir, { recursive: true });
  const kept = path.join(options.cacheDir, `definition-${key.slice(0, 32)}.json`);
  if (existsSync(kept)) {
    onProgress("nothing changed since the last evaluation");
    return JSON.parse(readFileSync(kept, "utf8")) as Imported;
  }

  const dependencies = await installDependencies({
    root: checkout.root,
    folders: checkout.projects.map((each) => each.folder),
    relax: options.relaxLock,
    cacheDir: options.cacheDir,
    signal,
    onProgress,
  });
  const docker = await options.docker();
  const [image] = await provideImages(docker, ["evaluator"], {
    policy: options.images ?? policyFromEnvironment(),
    onProgress: ({ phase, line }) => {
      if (phase !== "done" && phase !== "look") onProgress(`image evaluator: ${line}`);
    },
    signal,
  });
  const tag = image?.tag as string;
  const byName = new Map(checkout.projects.map((each) => [stackName(each), each]));

  onProgress("copying the checkout and its packages into the engine");
  const packages = await packagesVolume(docker, tag, dependencies, checkoutFolder);
  const links = Object.fromEntries(dependencies.packages.map(modulesOf).map((each) => [each, `${packagesFolder}/${each}`]));
  const stacks = await withWorkspace(docker, tag, { files, links }, (volume) =>
    evaluateInOrder<EvaluatedStack & { outputs: StackOutputs }>(checkout.wanted, async (name, before) => {
      const project = byName.get(name);
      if (project === undefined) throw programError(name, { code: "E_PULUMI_REFERENCE", what: `it refers to ${name}` });
      onProgress(`evaluating ${name}`);
      const told = await evaluateStack(docker, {
        image: tag,
        checkout: volume,
        packages,
        project,
        references: Object.fromEntries([...before].map(([each, { outputs }]) => [each, outputs])),
        known: [...byName.keys()],
        seconds: options.seconds ?? bounds.seconds,
        signal,
      });
      const { actual, preview } = told;
      // What the program really does comes first: a preview may only fail where it lacks a value.
      for (const answer of [actual, preview]) {
        if (answer.kind === "needs") return { needs: answer.stack };
        if (answer.kind === "failed") throw programError(project.folder, answer.failure);
      }
      if (actual.kind !== "evaluated" || preview.kind !== "evaluated") throw new Error("an answer of no kind");
      refuseUnknowns(project.folder, actual, preview);
      const own = actual.registrations.filter((each) => each.type.startsWith("docker:index/service:"));
      onProgress(`evaluated ${name}: ${actual.registrations.length} resources, ${own.length} services`);
      return {
        done: {
          project: project.file.name,
          stack: project.stack,
          folder: project.folder,
          wanted: checkout.wanted.includes(name),
          registrations: actual.registrations,
          placeholders: [...project.config.placeholders, ...actual.placeholders],
          digests: actual.digests,
          environment: actual.environment,
          config: project.config.config,
          secretKeys: project.config.secretKeys,
          printed: told.printed,
          outputs: actual.outputs,
        },
      };
    }),
  );
  const { definition, differences } = definitionOf(path.basename(checkout.root), [...stacks.values()]);
  const bound = await boundFiles(definition.services, (below) =>
    files.filter((file) => file.path === below || file.path.startsWith(`${below}/`)),
  );
  if (bound.files.length > 0) definition.files = bound.files;
  const imported: Imported = { definition, differences: [...dependencies.differences, ...differences, ...bound.differences] };
  const writing = `${kept}.${process.pid}`;
  writeFileSync(writing, JSON.stringify(imported));
  renameSync(writing, kept);
  return imported;
}
