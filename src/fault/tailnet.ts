import { type Attempt, StartedTailnet, type TailnetFault } from "../engine/party/tailnet/started-tailnet.ts";
import type { HistoryWriter } from "../history/writer.ts";
import type { Replica } from "../replica/up.ts";
import { type HeldFault, holdFault } from "./hold.ts";

const isRunning = async (tailnet: StartedTailnet) => (await tailnet.members.client.state()).state === "Running";

/** The faults of a tailnet, each with what sees it from elsewhere: the client's own tailscaled, or the control server. */
const faults: Record<TailnetFault, (tailnet: StartedTailnet) => HeldFault> = {
  "direct-path-cut": (tailnet) => ({
    name: "tailnet/direct-path-cut",
    undo: "the rules that drop the tailnet's packets are taken out of the client's filter",
    apply: () => tailnet.cutDirect(),
    bites: async () => (await tailnet.path()).kind !== "direct",
    remove: () => tailnet.healDirect(),
    healed: async () => (await tailnet.path()).kind === "direct",
  }),
  "control-gone": (tailnet) => ({
    name: "tailnet/control-gone",
    undo: "the control server is started again with what it had on its disk",
    apply: () => tailnet.stopControl(),
    bites: async () => !(await tailnet.controlAccepts()),
    remove: () => tailnet.startControl(),
    healed: () => tailnet.allOnline(),
  }),
  "key-expired": (tailnet) => ({
    name: "tailnet/key-expired",
    undo: "the client logs in again with a new auth key",
    apply: () => tailnet.expireKey(),
    bites: async () => !(await isRunning(tailnet)),
    remove: () => tailnet.renewKey(),
    healed: async () => (await isRunning(tailnet)) && (await tailnet.path()).kind !== "none",
  }),
};

/** Holds a fault of the replica's tailnet while something is looked at, and ends it whatever happens. */
export async function holdTailnet(
  replica: Replica,
  history: HistoryWriter,
  observation: string,
  fault: TailnetFault,
  look: () => Promise<void>,
): Promise<void> {
  await holdFault(history, observation, faults[fault](startedTailnet(replica)), look);
}

/** Machines that nobody knows ask to join, with keys of each kind; what came of it is a fact of the history. */
export async function newcomers(
  replica: Replica,
  history: HistoryWriter,
  observation: string,
  label: string,
): Promise<Attempt[]> {
  const attempts = await startedTailnet(replica).newcomers();
  history.append({ type: "fact", observation, name: label, data: attempts });
  return attempts;
}

/** The replica's tailnet as its own process holds it: one that another process brought up is only looked at. */
export function startedTailnet({ tailnet }: Replica): StartedTailnet {
  if (!(tailnet instanceof StartedTailnet)) throw new Error("this target has no tailnet that could be hurt");
  return tailnet;
}
