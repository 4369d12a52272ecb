import type { Replica } from "../../replica/up.ts";
import type { Namespace } from "./namespace.ts";

/** A port that nobody listens on: a machine that is reached refuses at once. */
const closedPort = 9;
/** Longest time for that; a packet that was lost is sent again after a second. */
const answeredMs = 400;

const probe = (host: string) => ({
  kind: "tcp" as const,
  host,
  port: closedPort,
  timeouts: { connectMs: answeredMs, totalMs: answeredMs },
});
const isAnswered = ({ error }: { error?: { kind: string } }) => error === undefined || error.kind === "connect-refused";

/** Whether packets go from a namespace to an address and back, whatever listens there. */
export async function reaches(replica: Replica, { pid }: Namespace, address: string): Promise<boolean> {
  return isAnswered(await replica.nodeAgent.probe({ netnsPid: pid }, probe(address)));
}

/** How many of so many connects, one after another without waiting, nobody answered. */
export async function lostConnects(replica: Replica, { pid }: Namespace, address: string, tries: number): Promise<number> {
  let lost = 0;
  await replica.nodeAgent.series({ netnsPid: pid }, probe(address), { ratePerSecond: 200, count: tries }, (samples) => {
    lost += samples.filter((sample) => !isAnswered(sample)).length;
  }).done;
  return lost;
}
