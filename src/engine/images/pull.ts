import type Dockerode from "dockerode";
import { followed } from "./base.ts";
import { credentialsFor } from "./credentials.ts";
import { pullReference } from "./reference.ts";

/** What became of a pull: `reason` is the engine's own sentence. */
export type PullResult = { ok: true } | { ok: false; reason: string; unreachable: boolean };

/** A registry that has not begun to answer by then is taken as unreachable. */
const firstAnswerMs = 8_000;
/** A pull that has not moved for this long is given up. */
const silenceMs = 60_000;

const unreachablePattern =
  /no such host|connection refused|i\/o timeout|network is unreachable|timeout|TLS handshake|Temporary failure|server misbehaving|deadline exceeded|x509|EOF|no answer/i;

/**
 * Pulls references and tags them locally. A registry that cannot be reached is asked once; every later pull from it fails at once with the
 * remembered reason.
 */
export class Puller {
  readonly #docker: Dockerode;
  readonly #mirror: string | undefined;
  readonly #unreachable = new Map<string, string>();

  /** `mirror` is SPROCKET_REGISTRY: "host:port/prefix". */
  constructor(docker: Dockerode, mirror: string | undefined = process.env.SPROCKET_REGISTRY) {
    this.#docker = docker;
    this.#mirror = mirror || undefined;
  }

  /** Whether an engine's sentence says that a registry could not be reached, and not that it refused. */
  static isUnreachable(reason: string): boolean {
    return unreachablePattern.test(reason);
  }

  /** Why a registry is not asked again, if so. */
  unreachable(reference: string): string | undefined {
    return this.#unreachable.get(pullReference(reference, this.#mirror).registry);
  }

  async pull(reference: string, localTag: string, onLine: (line: string) => void, signal?: AbortSignal): Promise<PullResult> {
    const { registry, repository, tag } = pullReference(reference, this.#mirror);
    const known = this.#unreachable.get(registry);
    if (known !== undefined) return { ok: false, reason: known, unreachable: true };
    try {
      await this.#pullOnce(registry, repository, tag, onLine, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      const unreachable = Puller.isUnreachable(reason);
      if (unreachable) this.#unreachable.set(registry, `registry ${registry} cannot be reached: ${reason}`);
      return { ok: false, reason, unreachable };
    }
    const image = this.#docker.getImage(tag.startsWith("sha256:") ? `${repository}@${tag}` : `${repository}:${tag}`);
    const [repo, local] = localTag.split(":") as [string, string];
    await image.tag({ repo, tag: local });
    return { ok: true };
  }

  async #pullOnce(
    registry: string,
    repository: string,
    tag: string,
    onLine: (line: string) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const credentials = credentialsFor(registry);
    const abort = new AbortController();
    const stop = () => abort.abort(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    let watch = setTimeout(() => abort.abort(), firstAnswerMs);
    const moved = () => {
      clearTimeout(watch);
      watch = setTimeout(() => abort.abort(), silenceMs);
    };
    try {
      // Credentials go in a header, not among the options: those become part of the address.
      const options = { fromImage: repository, tag, abortSignal: abort.signal };
      const stream: NodeJS.ReadableStream = await this.#docker.createImage((credentials ?? {}) as object, options);
      moved();
      await followed(this.#docker, stream, (line) => {
        moved();
        onLine(line);
      });
    } catch (error) {
      if (abort.signal.aborted && !signal?.aborted) throw new Error(`no answer from ${registry} in time`, { cause: error });
      throw error;
    } finally {
      clearTimeout(watch);
      signal?.removeEventListener("abort", stop);
    }
  }
}
