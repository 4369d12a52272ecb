import type { ServiceTrouble } from "../history/events.ts";
import type { ReplicaService } from "../substitute/plan.ts";

/** What a definition names that was created, with Swarm's ids, and the words of what was refused: a service that needs it is refused too, and the others come up. */
export class Created {
  readonly networks = new Map<string, string>();
  readonly configs = new Map<string, string>();
  readonly secrets = new Map<string, string>();
  readonly #refused = new Map<string, string>();

  async attempt(kind: "networks" | "configs" | "secrets", name: string, create: () => Promise<string>): Promise<void> {
    const words = await refusalOf(async () => void this[kind].set(name, await create()));
    if (words !== undefined) this.#refused.set(`${kind.slice(0, -1)} ${name}`, words);
  }

  async attemptVolume(name: string, create: () => Promise<void>): Promise<void> {
    const words = await refusalOf(create);
    if (words !== undefined) this.#refused.set(`volume ${name}`, words);
  }

  /** @throws Error with Docker's words when something that the service names was refused */
  require({ candidate, extraConfigs }: ReplicaService): void {
    const named = [
      ...candidate.networks.map((name) => `network ${name}`),
      ...[...candidate.configs, ...extraConfigs].map((file) => `config ${file.source}`),
      ...candidate.secrets.map((file) => `secret ${file.source}`),
      ...candidate.mounts.map((mount) => `${mount.type} ${mount.source}`),
    ];
    for (const name of named) {
      const words = this.#refused.get(name);
      if (words !== undefined) throw new Error(`${name} was refused: ${words}`);
    }
  }
}

/** The engine's words when it refuses what a definition asks for; undefined when it does not. Whatever else goes wrong is thrown: it is not the candidate's. */
export async function refusalOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    const { code, json, message } = error as { code?: string; json?: { message?: string }; message: string };
    // A connection that broke says nothing of the candidate.
    if (code !== undefined) throw error;
    return json?.message ?? message;
  }
}

/** Of a service that was never created. */
export function refused(words: string): ServiceTrouble {
  return { state: "refused", restarts: 0, condition: "Swarm creates the service", met: words, error: words, log: [] };
}
