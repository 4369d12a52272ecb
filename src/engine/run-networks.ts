import { randomInt } from "node:crypto";
import type Dockerode from "dockerode";
import { ResilienceError } from "../history/errors.ts";

/** A network of the run on the user's Docker. */
export interface RunNetwork {
  id: string;
  name: string;
  /** First three numbers of its /24. */
  prefix: string;
  subnet: string;
}

/** Address of the node in every network of the run. */
export const nodeHost = 2;

/**
 * Creates a bridge network for a run with a free /24 out of 10.128.0.0/9, which Swarm's own address pool (10.0.0.0/8 from below) does not reach.
 * `internal` networks have no way out; the management network has one only for published loopback ports, without address translation.
 */
export async function createRunNetwork(
  docker: Dockerode,
  options: { name: string; internal: boolean; labels: Record<string, string> },
): Promise<RunNetwork> {
  let last: unknown;
  for (let attempt = 0; attempt < 20; attempt++) {
    const prefix = `10.${randomInt(128, 255)}.${randomInt(0, 255)}`;
    const subnet = `${prefix}.0/24`;
    try {
      const network = await docker.createNetwork({
        Name: options.name,
        Driver: "bridge",
        Internal: options.internal,
        CheckDuplicate: true,
        Labels: options.labels,
        IPAM: { Driver: "default", Config: [{ Subnet: subnet, IPRange: `${prefix}.128/25`, Gateway: `${prefix}.1` }] },
        Options: options.internal ? {} : { "com.docker.network.bridge.enable_ip_masquerade": "false" },
      });
      return { id: network.id, name: options.name, prefix, subnet };
    } catch (error) {
      last = error;
      if (!/overlap/i.test(String(error))) break;
    }
  }
  throw new ResilienceError("E_NETWORK", `Docker did not create the run's network ${options.name}: ${String(last)}`, {
    cure: "Run `npm run sweep` to remove networks of dead runs, or `docker network ls` to see which of yours cover 10.128.0.0/9.",
    cause: last,
  });
}
