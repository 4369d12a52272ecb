import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** What the runner's own process connected to. */
export interface RunnerSockets {
  /** Wall time. */
  since: string;
  means: string;
  /** Addresses; the path of a Unix socket has no port. */
  destinations: { address: string; port?: number; attempts: number }[];
  /** Names that were looked up to connect to them. */
  names: string[];
  /** The engine's host where it is another machine, named by whoever started the run. */
  engine?: string;
}

/** Of the whole process: several runs may follow one another in it. By address and port, and by name. */
const attempts = new Map<string, number>();
const lookups = new Map<string, number>();
let following = false;

function follow(): void {
  if (following) return;
  following = true;
  const count = (of: Map<string, number>, key: string) => of.set(key, (of.get(key) ?? 0) + 1);
  subscribe("net.client.socket", (message) => {
    const { socket } = message as { socket: Socket };
    socket.on("connectionAttempt", (address, port) => count(attempts, `${address} ${port ?? ""}`));
    socket.on("lookup", (_error, _address, _family, name) => count(lookups, name));
  });
}

/** Watches every connection that this process tries to make from now on, whatever library makes it, by Node's own channel for sockets. */
export class RunnerWatch {
  readonly #since = new Date().toISOString();
  readonly #attempts = new Map(attempts);
  readonly #lookups = new Map(lookups);

  constructor() {
    follow();
  }

  read(): Omit<RunnerSockets, "engine"> {
    return {
      since: this.#since,
      means: "Node's channel net.client.socket: every attempt of the runner to connect, over TCP or a Unix socket",
      destinations: more(attempts, this.#attempts).map(([key, attempts]) => {
        const [address = "", port] = key.split(" ");
        return { address, ...(port ? { port: Number(port) } : {}), attempts };
      }),
      names: more(lookups, this.#lookups).map(([name]) => name),
    };
  }
}

function more(now: Map<string, number>, before: Map<string, number>): [string, number][] {
  const grown = [...now].map(([key, count]): [string, number] => [key, count - (before.get(key) ?? 0)]);
  return grown.filter(([, count]) => count > 0).sort(([a], [b]) => (a < b ? -1 : 1));
}
