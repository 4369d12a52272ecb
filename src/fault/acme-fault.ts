import type { AcmeFault } from "../engine/party/acme.ts";
import type { HistoryWriter } from "../history/writer.ts";
import type { Replica } from "../replica/up.ts";

/**
 * Has the replica's ACME server fail while `work` runs, as the life of one fault in the history; it is removed however that ends.
 *
 * The effect counts when the server refused somebody meanwhile; that it is healed is for the observation to see.
 */
export async function whileAcmeFails(
  replica: Replica,
  history: HistoryWriter,
  observation: string,
  faults: readonly AcmeFault[],
  work: () => Promise<void>,
): Promise<void> {
  const control = replica.issuance?.control;
  if (!control) throw new Error("this replica has no ACME server to disturb");
  const fault = acmeFaultName(faults);
  const step = (step: "intent" | "applied" | "effect-seen" | "removed", detail: unknown) =>
    history.append({ type: "fault", observation, fault, step, detail });
  const refused = async () => {
    const { orders, reset } = await control.log();
    return { orders: orders.filter(({ status }) => status === 429 || status === 403).length, connections: reset.length };
  };
  const before = await refused();
  step("intent", { faults, undo: "the server is told of no fault" });
  await history.flush();
  await control.setFaults(faults);
  step("applied", { faults: await control.faults() });
  try {
    await work();
    const after = await refused();
    const met = { orders: after.orders - before.orders, connections: after.connections - before.connections };
    if (met.orders + met.connections > 0) step("effect-seen", met);
  } finally {
    await control.setFaults([]);
    step("removed", { faults: await control.faults() });
  }
}

/** `acme/down`, `acme/rate-limited+refused`. */
export function acmeFaultName(faults: readonly AcmeFault[]): string {
  return `acme/${faults.map(({ kind }) => kind).join("+")}`;
}
