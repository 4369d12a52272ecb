import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import type Dockerode from "dockerode";
import { checkoutFolder } from "../../candidate/bound-files.ts";
import { type StackOutputs, type Told, toldSchema } from "../../candidate/pulumi/evaluation.ts";
import { ResilienceError } from "../../history/errors.ts";
import { type Project, stackName } from "./checkout.ts";
import { packagesFolder } from "./packages-volume.ts";
import { importName } from "./workspace.ts";

const MiB = 1024 * 1024;

/** Bounds of one evaluation, which is two processes. */
export const bounds = { seconds: 120, memoryBytes: 3072 * MiB, processes: 256, temporaryBytes: 256 * MiB, answerBytes: 64 * MiB };

/**
 * Evaluates one stack in a container of its own: no network, everything read-only but a small /tmp, no capabilities, nobody's user, nothing
 * in its environment, bounded in memory, processes and time. Its answer comes on the supervisor's own output, after a word that only it was
 * told; what the program prints ends in the container.
 *
 * Errors: E_PULUMI_EVALUATOR where no answer comes.
 */
export async function evaluateStack(
  docker: Dockerode,
  given: {
    image: string;
    checkout: string;
    packages: string;
    project: Project;
    references: Record<string, StackOutputs>;
    known: string[];
    seconds: number;
    signal: AbortSignal;
  },
): Promise<Told> {
  const { project, signal } = given;
  signal.throwIfAborted();
  const nonce = randomBytes(24).toString("hex");
  const ask = {
    nonce,
    seconds: given.seconds,
    request: {
      project: project.file.name,
      stack: project.stack,
      organization: "organization",
      folder: project.folder === "." ? checkoutFolder : `${checkoutFolder}/${project.folder}`,
      checkout: checkoutFolder,
      ...(project.file.main === undefined ? {} : { main: project.file.main }),
      typescript: project.file.typescript,
      nodeArgs: project.file.nodeArgs,
      config: project.config.config,
      secretKeys: project.config.secretKeys,
      references: given.references,
      known: given.known,
    },
  };
  const container = await docker.createContainer({
    name: importName(),
    Image: given.image,
    User: "65534:65534",
    Env: [],
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: "none",
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      Memory: bounds.memoryBytes,
      MemorySwap: bounds.memoryBytes,
      PidsLimit: bounds.processes,
      Init: true,
      Tmpfs: { "/tmp": `rw,nosuid,nodev,noexec,size=${bounds.temporaryBytes},mode=1777` },
      Mounts: [
        { Type: "volume", Source: given.checkout, Target: checkoutFolder, ReadOnly: true },
        { Type: "volume", Source: given.packages, Target: packagesFolder, ReadOnly: true },
      ],
      LogConfig: { Type: "none", Config: {} },
    },
  });
  const stop = () => void container.kill().catch(() => undefined);
  // The supervisor ends its processes; this ends the supervisor.
  const clock = setTimeout(stop, (given.seconds + 30) * 1000);
  try {
    const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    docker.modem.demuxStream(stream, stdout, stderr);
    const out = collected(stdout, bounds.answerBytes, stop);
    const err = collected(stderr, MiB, () => undefined);
    await container.start();
    signal.addEventListener("abort", stop, { once: true });
    stream.end(JSON.stringify(ask));
    const { StatusCode: status } = (await container.wait()) as { StatusCode: number };
    await new Promise<void>((resolve) => {
      if (stream.readable)
        stream
          .once("end", resolve)
          .once("close", resolve)
          .once("error", () => resolve());
      else resolve();
    });
    signal.throwIfAborted();
    const text = out();
    const at = text.indexOf(nonce);
    const parsed = at < 0 ? undefined : toldSchema.safeParse(JSON.parse(text.slice(at + nonce.length)));
    if (!parsed?.success) {
      throw new ResilienceError(
        "E_PULUMI_EVALUATOR",
        `The evaluator should answer for stack ${stackName(project)} but did not (exit code ${status}): ${
          parsed?.error ? parsed.error.issues[0]?.message : err().split("\n").slice(-3).join(" ").slice(0, 300)
        }`,
        { cure: "If the engine is short of memory, give it more; else this is a mistake of sprocket-resilience: report it." },
      );
    }
    return parsed.data;
  } finally {
    clearTimeout(clock);
    signal.removeEventListener("abort", stop);
    await container.remove({ force: true, v: true }).catch(() => undefined);
  }
}

function collected(stream: PassThrough, most: number, full: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > most) full();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString("utf8");
}
