import { basename, dirname, relative, resolve, sep } from "node:path";
import type { Substitution } from "../../history/events.ts";
import { boundFiles } from "../bound-files.ts";
import type { CandidateSecret, Definition, Imported } from "../types.ts";
import { type Plain, type PlainMap, readDocument, type StackDocument } from "./document.ts";
import { type Extension, readExtension } from "./extension.ts";
import { folderFiles } from "./folder-files.ts";
import { mergeOver } from "./merge.ts";
import { type Missing, prepare, unsetMark } from "./prepare.ts";
import { readStackFile } from "./read-text.ts";
import { refuse } from "./refuse.ts";
import { insideOf, resourcesOf } from "./resources.ts";
import { checkSchema } from "./schema.ts";
import { serviceOf } from "./service.ts";
import { isMap, map, shapeService } from "./shape.ts";
import { Sources } from "./sources.ts";

/**
 * Reads one or several stack files as `docker stack deploy -c a -c b` would: the later over the earlier. No environment is read, no environment file and no secret's file
 * is opened. Names are as the files have them, without the stack's name that Docker puts before them.
 *
 * @param files absolute paths
 * @param root folder of the candidate, absolute: nothing that a file names outside it is read
 * Errors: E_COMPOSE_… (docs/errors.md), each with exit code 3.
 */
export async function importCompose({ files, root }: { files: string[]; root: string }): Promise<Imported> {
  const documents: StackDocument[] = [];
  for (const path of files) {
    const shown = shownAs(path, root);
    const document = readDocument(await readStackFile(path, shown), shown);
    refuseVersion1(document);
    checkSchema(document, document.content);
    documents.push(document);
  }
  return await importDocuments(documents, { folder: dirname(files[0] ?? resolve(root, "x")), root });
}

/** The files' own part of `importCompose`: documents that were read and checked become a definition. */
async function importDocuments(
  documents: StackDocument[],
  { folder, root }: { folder: string; root: string },
): Promise<Imported> {
  const sources = new Sources(documents);
  const differences: Substitution[] = [];
  const missing: Missing[] = [];
  const { name, profile, domain, parties, variables, files: given } = extensionOf(documents);
  const set = new Map(Object.entries(variables ?? {}));
  let stack: PlainMap = map();
  for (const document of documents) {
    const own = new Sources([document]);
    const prepared = prepare(document, own, differences, set, (variable) => missing.push(variable));
    if (isMap(prepared.services)) {
      for (const [name, service] of Object.entries(prepared.services)) {
        const path = ["services", name];
        if (isMap(service))
          prepared.services[name] = shapeService(service, path, (at, code, sentence, cure) => {
            const asks = missing.some(({ path: of }) => at.every((part, index) => of[index] === part));
            if (asks) refuseMissing(missing, own);
            return own.fail(at, code, sentence, cure);
          });
      }
    }
    stack = mergeOver(stack, prepared) as PlainMap;
  }
  const left = textsIn(stack).join("\n");
  refuseMissing(
    missing.filter(({ name }) => left.includes(unsetMark(name))),
    sources,
  );
  const services = isMap(stack.services) ? Object.entries(stack.services) : [];
  if (services.length === 0)
    throw refuse(
      "E_COMPOSE_EMPTY",
      `${documents.map(({ file }) => file).join(", ") || "The list of stack files"} should define services but has none.`,
      "Give a stack file with `services:`.",
    );

  const scene = { sources, differences, folder, root };
  const { names, ...resources } = await resourcesOf(stack, scene);
  const defined = services.map(([name, service]) =>
    serviceOf(name, isMap(service) ? service : map(), {
      sources,
      names,
      differences,
      inside: (path, at) => insideOf(path, at, scene),
    }),
  );
  const bound = await boundFiles(defined, (path) => folderFiles(root, path));
  differences.push(...bound.differences);
  const files = [...bound.files, ...(given ?? []).filter(({ path }) => !bound.files.some((file) => file.path === path))];
  const first = documents[0]?.content.name;
  const definition: Definition = {
    name: name ?? (typeof first === "string" && first !== "" && !first.includes("$") ? first : basename(folder)),
    profile: profile ?? "imported",
    origin: { kind: "compose", files: documents.map(({ file }) => file) },
    ...(domain === undefined ? {} : { domain }),
    ...(parties === undefined ? {} : { parties }),
    services: defined,
    ...resources,
    ...(files.length > 0 ? { files } : {}),
  };
  definition.secrets = withMentioned(definition);
  return { definition, differences };
}

function textsIn(value: Plain): string[] {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(textsIn);
}

function shownAs(path: string, root: string): string {
  const way = relative(root, path).split(sep).join("/");
  return way === "" || way.startsWith("../") ? basename(path) : way;
}

/** The first format had services at the top; the schema would only say that every one of them is an unknown key. */
function refuseVersion1({ content, file, line }: StackDocument): void {
  if (content.services !== undefined) return;
  const service = Object.entries(content).find(
    ([key, value]) => !key.startsWith("x-") && isMap(value) && (value.image !== undefined || value.build !== undefined),
  )?.[0];
  if (service !== undefined)
    throw refuse(
      "E_COMPOSE_VERSION",
      `${file}:${line([service]).line}: "${service}" should stand under \`services:\` but stands at the top, as in Compose files of version 1.`,
      "Put all services under `services:`; Swarm never took version 1.",
    );
}

/** Names all variables at once: a person sets them once. */
function refuseMissing(missing: readonly Missing[], sources: Sources): void {
  const [first] = missing;
  if (!first) return;
  const names = [...new Set(missing.map(({ name }) => name))];
  const message = missing.find((variable) => variable.message)?.message;
  throw sources.fail(
    first.path,
    "E_COMPOSE_VARIABLE",
    `should need no variable without a default but ${names.length > 1 ? "these have none" : "this has none"}: ${names.slice(0, 60).join(", ")}${message ? ` ("${message.slice(0, 200)}")` : ""}`,
    "Give each a default, as in ${NAME:-value}, or a value under `x-sprocket-resilience: variables:` of a file that is given as well: no environment is read, and only credentials are generated.",
  );
}

/** Of several files the last that says something. */
function extensionOf(documents: readonly StackDocument[]): Extension {
  const all = documents.map(({ content, file }) => readExtension(content["x-sprocket-resilience"], file));
  return { ...Object.assign({}, ...all), variables: Object.assign({}, ...all.map(({ variables }) => variables)) };
}

/** The secrets that files define, and after them those that only a text asks for. */
function withMentioned({ services, configs, secrets }: Definition): CandidateSecret[] {
  const text = JSON.stringify([services, configs]);
  const mentioned = new Set([...text.matchAll(/\$\{secret:([\w.-]+)\}/g)].map(([, name]) => name as string));
  const added = [...mentioned].filter((name) => !secrets.some((secret) => secret.name === name));
  return [...secrets, ...added.map((name) => ({ name, shape: { length: 32, alphabet: "alphanumeric" as const } }))];
}
