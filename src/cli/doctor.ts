import { type Need, needs, type Preflight, preflight } from "../engine/provision/preflight.ts";
import { exitCodes } from "../history/errors.ts";
import type { CommandContext, CommandOutcome } from "./command.ts";

/** Looks at everything that a run could need and says it; exit code 4 when a replica cannot run here. */
export async function examine(context: CommandContext, need: readonly Need[] = needs): Promise<CommandOutcome> {
  const met = await preflight({
    need,
    provision: context.environment.provision,
    onProgress: context.progress,
    env: context.env,
    signal: context.signal,
    images: async (docker) => {
      const { catalogue } = await import("../engine/images/catalogue.ts");
      const { planImage } = await import("../engine/images/provide.ts");
      return await Promise.all(
        catalogue().map(async ({ name, reference }) => ({
          name,
          ...(reference === undefined ? {} : { reference }),
          present: (await planImage(docker, name, context.environment.images)).present,
        })),
      );
    },
  });
  const usable = met.engine !== undefined && !met.findings.some((finding) => finding.severity === "error");
  return {
    exitCode: usable ? exitCodes.pass : exitCodes.noEngine,
    document: doctorDocument(met, usable),
    text: doctorText(met, usable),
  };
}

function doctorDocument(met: Preflight, usable: boolean): object {
  const { engine } = met;
  return {
    format: "doctor",
    version: 1,
    usable,
    ...(engine
      ? { engine: { host: engine.endpoint.host, source: engine.endpoint.source, version: engine.version, api: engine.api } }
      : {}),
    findings: met.findings,
  };
}

const marks = { info: "ok  ", warning: "warn", error: "FAIL" } as const;

function doctorText(met: Preflight, usable: boolean): string {
  const lines = met.findings.flatMap((finding) => [
    `${marks[finding.severity]}  ${finding.id.padEnd(20)} ${finding.what}`,
    ...(finding.cure ? [`      ${"".padEnd(20)} cure: ${finding.cure}`] : []),
  ]);
  return `${lines.join("\n")}\n\n${usable ? "A replica can run here." : "A replica cannot run here: see FAIL above."}\n`;
}
