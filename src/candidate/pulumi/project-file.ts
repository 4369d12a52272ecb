import { parse } from "yaml";
import { ResilienceError } from "../../history/errors.ts";
import { fields, text } from "./values.ts";

/** What Pulumi.yaml says, as far as an evaluation needs it. */
export interface ProjectFile {
  name: string;
  /** File or folder of the program, relative to the project's; absent: the package's own entry. */
  main?: string;
  /** Whether the SDK's ts-node is used for TypeScript. */
  typescript: boolean;
  /** Arguments that the program's Node is started with: they name a loader. */
  nodeArgs: string;
  /** Values that the project gives to every stack. */
  config: Record<string, unknown>;
}

/**
 * Reads Pulumi.yaml.
 *
 * @param place the file's path, for errors
 * Errors: E_PULUMI_PROJECT where it is no project of a Node program.
 */
export function readProjectFile(content: string, place: string): ProjectFile {
  const wrong = (what: string, cure: string) =>
    new ResilienceError("E_PULUMI_PROJECT", `${place} ${what}`, { cure, exitCode: 3 });
  let document: Record<string, unknown>;
  try {
    document = fields(parse(content, { logLevel: "error" }));
  } catch (error) {
    throw wrong(`should be YAML but is not: ${String(error).split("\n")[0]}.`, "Correct the file.");
  }
  const name = text(document.name);
  if (name === undefined)
    throw wrong("should name its project but has no `name`.", "Name the project, as `pulumi` asks for it too.");
  const runtime = typeof document.runtime === "string" ? document.runtime : text(fields(document.runtime).name);
  if (runtime !== "nodejs") {
    throw wrong(
      `should have runtime nodejs but has ${runtime ?? "none"}.`,
      "Only programs for Node can be evaluated; give the folder of one, or a stack file.",
    );
  }
  const options = fields(fields(document.runtime).options);
  const main = text(document.main);
  return {
    name,
    ...(main === undefined ? {} : { main }),
    typescript: options.typescript !== false,
    nodeArgs: text(options.nodeargs) ?? "",
    config: fields(document.config),
  };
}
