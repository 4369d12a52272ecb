import { startDetached } from "../../engine/exec.ts";
import { networkFaultsPath } from "../../engine/node/network-faults.ts";
import type { UndoStep } from "../../engine/undo/step.ts";
import type { Replica } from "../../replica/up.ts";
import type { Namespace } from "./namespace.ts";

type Word = string | number;

/** Has the node's script do one thing (its head says what it takes); gives back what it printed. @throws with its words when it could not */
export async function onNode(replica: Replica, ...words: Word[]): Promise<string> {
  const { code, stdout, stderr } = await replica.node.exec(["sh", networkFaultsPath, ...words.map(String)]);
  if (code !== 0) throw new Error(`the node could not do ${words.slice(0, 3).join(" ")}: ${stderr.trim().slice(-500)}`);
  return stdout;
}

/**
 * The same for what goes on until its fault is undone. It is nobody's child on the node, whose first process does not wait for others' children, and its variable is what
 * the script knows it by.
 */
export async function becomes(replica: Replica, number: number, ...words: Word[]): Promise<void> {
  const argv = ["sh", networkFaultsPath, ...words.map(String)];
  await startDetached(replica.docker, replica.node.containerId, argv, { SPROCKET_FAULT: String(number) });
}

/** A number that no network fault of this replica's node had; chains, proxies and files of a fault carry it. */
export async function newNumber(replica: Replica): Promise<number> {
  return Number(await onNode(replica, "next"));
}

/** The same as an undo step: one thing that the script does. */
export function undoOnNode(replica: Replica, ...words: Word[]): UndoStep {
  return { do: "exec", container: replica.node.containerId, argv: ["sh", networkFaultsPath, ...words.map(String)] };
}

/** Ends whatever carries that number in these namespaces. */
export function undoAll(replica: Replica, number: number, namespaces: readonly Namespace[]): UndoStep[] {
  return namespaces.map(({ pid, inode }) => undoOnNode(replica, "undo", number, pid, inode));
}

/** Whether nothing carries that number any more: no chain in the namespaces that are still there, and no proxy on the node. */
export async function nothingLeft(replica: Replica, number: number, namespaces: readonly Namespace[]): Promise<boolean> {
  for (const { pid, inode } of namespaces) if ((await onNode(replica, "left", number, pid, inode)) !== "") return false;
  return true;
}
