import { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import Dockerode from "dockerode";

/** Label of every container that these tests make. */
const label = { "sprocket-resilience.test": "images" };

export const docker = new Dockerode();

/** A started container that removes itself at the end of its `using` block. */
export interface Running extends AsyncDisposable {
  container: Dockerode.Container;
  /** Address on Docker's default bridge. */
  readonly address: string;
  /** Stops and starts it; Docker gives it the lowest address that is free then, which may be another one. */
  restart(): Promise<void>;
  /** Runs a command inside; the output is both of its streams. */
  exec(command: string[], env?: string[]): Promise<{ status: number; output: string }>;
  logs(): Promise<string>;
  /** Waits until the condition holds; fails with what it met last, and the log. */
  until(what: string, condition: () => Promise<unknown>, seconds?: number): Promise<void>;
}

/** Starts a container of an image; everything that `options` leaves out is the image's own. */
export async function start(image: string, options: Dockerode.ContainerCreateOptions = {}): Promise<Running> {
  const container = await docker.createContainer({ Image: image, Labels: label, Tty: true, ...options });
  const dispose = () => container.remove({ force: true, v: true });
  try {
    await container.start();
  } catch (error) {
    await dispose();
    throw error;
  }
  const addressNow = async () => (await container.inspect()).NetworkSettings.Networks.bridge?.IPAddress ?? "";
  let address = await addressNow();
  const logs = async () => String(await container.logs({ stdout: true, stderr: true }));
  const exec: Running["exec"] = async (command, env) => {
    // Without a terminal: psql and others open a pager on one.
    const run = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true, ...(env ? { Env: env } : {}) });
    const stream = await run.start({});
    let output = "";
    const sink = new Writable({
      write(chunk, _encoding, done) {
        output += String(chunk);
        done();
      },
    });
    docker.modem.demuxStream(stream, sink, sink);
    await finished(stream, { writable: false });
    return { status: (await run.inspect()).ExitCode ?? -1, output: output.trim() };
  };
  return {
    container,
    get address() {
      return address;
    },
    async restart() {
      await container.restart();
      address = await addressNow();
    },
    exec,
    logs,
    async until(what, condition, seconds = 30) {
      const end = performance.now() + seconds * 1000;
      let met: unknown;
      while (performance.now() < end) {
        met = await condition().catch((error: unknown) => error);
        if (met === true) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`${what} was expected within ${seconds} s; met last: ${String(met)}; log:\n${(await logs()).slice(-2000)}`);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

/** Runs a container to its end. */
export async function runToEnd(
  image: string,
  options: Dockerode.ContainerCreateOptions,
): Promise<{ status: number; output: string }> {
  await using running = await start(image, options);
  const { StatusCode: status } = (await running.container.wait()) as { StatusCode: number };
  return { status, output: (await running.logs()).replaceAll("\r", "").trim() };
}
