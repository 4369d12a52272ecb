import { Agent } from "node:https";
import { createSecureContext } from "node:tls";
import { inspect } from "node:util";

/**
 * Connections to one node's daemon that are kept until they are needed again. Node's own agent gives an idle one up after five seconds, and each new one reads three
 * PEM files and shakes hands: a third of what a request costs the runner. Idle ones do not keep the process alive.
 */
export class KeptConnections extends Agent {
  constructor(trust: { ca: string; cert: string; key: string }) {
    super({ keepAlive: true, secureContext: createSecureContext(trust) });
  }

  /** docker-modem renders all options of every request, whether anybody reads it or not; an agent holds its sockets, and they hold all else. */
  [inspect.custom](): string {
    return "KeptConnections";
  }
}
