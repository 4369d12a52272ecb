import type Dockerode from "dockerode";
import { AgentClient } from "../agent-client.ts";
import { startProcess } from "../exec.ts";
import { containers, type PartySite } from "../party/containers.ts";

/** A place to probe from: an agent of ours, and the networks its probes can come from. */
export interface Vantage {
  name: string;
  place: "outside" | "inside" | "localhost";
  /** Networks in CIDR form that a probe's source address must lie in. */
  subnets: string[];
  /** DNS server that clients of this place ask. */
  resolver?: string;
  agent: AgentClient;
  containerId: string;
}

/** Starts the agent inside a container that runs and says hello to it. */
export async function startAgent(docker: Dockerode, containerId: string): Promise<AgentClient> {
  const process = await startProcess(docker, containerId, ["/usr/local/bin/sprocket-agent"]);
  process.stderr.resume();
  const agent = new AgentClient({ stdin: process.stdin, stdout: process.stdout });
  await agent.hello();
  return agent;
}

/**
 * A client's machine on an outside network: a container that holds nothing but an agent.
 * @param options.nameserver address of the DNS server that programs on that machine ask; without one they ask Docker's, which asks the user's
 */
export async function startOutsideVantage(
  docker: Dockerode,
  site: PartySite,
  options: { name: string; subnet: string; resolver?: string; nameserver?: string },
): Promise<Vantage> {
  const { GenericContainer } = await containers();
  const container = await new GenericContainer(site.image("agent"))
    .withName(`sr-${site.runId}-vantage-${options.name}`)
    .withLabels(site.labels)
    .withNetworkMode(site.network)
    .withEntrypoint(["sleep"])
    .withCommand(["infinity"])
    .start();
  const agent = await startAgent(docker, container.getId());
  if (options.nameserver !== undefined)
    await agent.file({
      action: "write",
      path: "/etc/resolv.conf",
      content: Buffer.from(`nameserver ${options.nameserver}\n`).toString("base64"),
    });
  return {
    name: options.name,
    place: "outside",
    subnets: [options.subnet],
    ...(options.resolver ? { resolver: options.resolver } : {}),
    agent,
    containerId: container.getId(),
  };
}

const hostsFile = "/etc/hosts";

/** Maps names to an address in a place's hosts file, as its owner does where no DNS server knows them (Sprocket's LOCAL_ACCESS.md). */
export async function mapNames(agent: AgentClient, address: string, names: readonly string[]): Promise<void> {
  const { content } = await agent.file({ action: "read", path: hostsFile });
  const lines = names.map((name) => `${address} ${name}`);
  await agent.file({
    action: "write",
    path: hostsFile,
    content: Buffer.concat([Buffer.from(content, "base64"), Buffer.from(`${lines.join("\n")}\n`)]).toString("base64"),
  });
}
