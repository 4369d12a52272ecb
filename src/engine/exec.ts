import { PassThrough } from "node:stream";
import type Dockerode from "dockerode";

/** A process inside a container with its own streams. */
export interface ContainerProcess {
  stdin: NodeJS.WritableStream;
  stdout: PassThrough;
  stderr: PassThrough;
  /** Resolves with the exit code when the process has ended. */
  ended: Promise<number>;
  destroy(): void;
}

/** Starts a process in a running container; its standard streams are carried by one hijacked connection of the API. */
export async function startProcess(docker: Dockerode, container: string, argv: string[]): Promise<ContainerProcess> {
  const exec = await docker
    .getContainer(container)
    .exec({ Cmd: argv, AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: false });
  const stream = await exec.start({ hijack: true, stdin: true, Tty: false });
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  docker.modem.demuxStream(stream, stdout, stderr);
  const ended = new Promise<number>((resolve) => {
    const finish = () => {
      stdout.end();
      stderr.end();
      exec.inspect().then(
        (seen) => resolve(seen.ExitCode ?? -1),
        () => resolve(-1),
      );
    };
    stream.once("end", finish);
    stream.once("close", finish);
    stream.once("error", finish);
  });
  return { stdin: stream, stdout, stderr, ended, destroy: () => (stream as unknown as { destroy(): void }).destroy() };
}

/** Runs a command in a container and gives back what it printed; bounded by the container's own life. */
export async function run(
  docker: Dockerode,
  container: string,
  argv: string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const process = await startProcess(docker, container, argv);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  process.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  process.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  const code = await process.ended;
  return { code, stdout: Buffer.concat(out).toString("utf8"), stderr: Buffer.concat(err).toString("utf8") };
}

/** Starts a process in a container that nobody waits for; it lives until it ends or is ended, whatever becomes of us. */
export async function startDetached(
  docker: Dockerode,
  container: string,
  argv: string[],
  env: Record<string, string>,
): Promise<void> {
  const Env = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const exec = await docker
    .getContainer(container)
    .exec({ Cmd: argv, Env, AttachStdin: false, AttachStdout: false, AttachStderr: false });
  await exec.start({ Detach: true });
}
