import { createHash, randomBytes } from "node:crypto";
import type { UndoStep } from "../engine/undo/step.ts";
import type { Replica } from "../replica/up.ts";

/** Folder of the node for what faults set aside and what says that they are over. It is in the node's memory and dies with it. */
export const faultFolder = "/run/sprocket-faults";

/** A name for everything that one fault leaves on the node. */
export function newFaultId(): string {
  return randomBytes(4).toString("hex");
}

/**
 * A thing of the node (a limit, a file, a mount) that one fault at a time may change. Applying and undoing take its lock; whoever is undone is over, so that what was
 * still on its way when its runner died changes nothing any more.
 */
export interface Claim {
  id: string;
  /** Changes it by a shell script whose arguments are `$1`, `$2` …, and gives back what that printed. @throws when another fault holds it, or the script failed */
  apply(script: string, ...args: (string | number)[]): Promise<string>;
  /** Ends it by a script that is run only while this fault holds it. `$folder` and `$id` say where it left what. */
  undo(script: string, ...args: (string | number)[]): UndoStep;
}

const locked = `folder=${faultFolder}; id=$1; what=$2; shift 2
mkdir -p "$folder"; exec 9> "$folder/$what.lock"; flock -w 15 9`;

const taken = `[ ! -e "$folder/$id.over" ] || { echo "it was undone already" >&2; exit 1; }
by=$(cat "$folder/$what.held" 2>/dev/null || true)
[ -z "$by" ] || [ "$by" = "$id" ] || { echo "another fault holds it" >&2; exit 1; }
echo "$id" > "$folder/$what.held"`;

const mine = `touch "$folder/$id.over"
[ "$(cat "$folder/$what.held" 2>/dev/null)" = "$id" ] || exit 0`;

/** @param what names the thing, `memory:/sys/fs/cgroup/…` */
export function claim(replica: Replica, what: string): Claim {
  const id = newFaultId();
  const key = createHash("sha256").update(what).digest("hex").slice(0, 16);
  const argv = (script: string, args: readonly (string | number)[]) => [
    "sh",
    "-ec",
    script,
    "fault",
    id,
    key,
    ...args.map(String),
  ];
  return {
    id,
    async apply(script, ...args) {
      return await onNode(replica, what, argv(`${locked}\n${taken}\n${script}`, args));
    },
    undo: (script, ...args) => ({
      do: "exec",
      container: replica.node.containerId,
      argv: argv(`${locked}\n${mine}\n(\n${script}\n)\nrm -f "$folder/$what.held"`, args),
    }),
  };
}

/** Runs a command of a fault on the node. It ends by itself even when the runner dies meanwhile. */
async function onNode(replica: Replica, what: string, argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await replica.node.exec(argv);
  if (code !== 0) throw new Error(`${what} could not be changed: ${stderr.trim().slice(-300) || `exit code ${code}`}`);
  return stdout.trim();
}

/** What a script prints that only looks, run by the node's agent; undefined when it failed. */
export async function look(replica: Replica, script: string, ...args: (string | number)[]): Promise<string | undefined> {
  const seen = await replica.nodeAgent.exec({ argv: ["sh", "-ec", script, "look", ...args.map(String)] });
  return seen.exit === 0 ? seen.stdout.trim() : undefined;
}
