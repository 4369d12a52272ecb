import type { UndoStep } from "../engine/undo/step.ts";
import type { Replica } from "../replica/up.ts";
import { faultFolder, look, newFaultId } from "./claim.ts";

/** Longest life of what runs in the background, whatever is forgotten. */
const lifeMs = 30 * 60_000;
/** Variable in the environment of everything that belongs to one fault: its children have it too. */
const variable = "SPROCKET_FAULT";

/** Processes of the node that are a fault as long as they run. They end with the agent, and so with the runner. */
export interface Background {
  id: string;
  /** Begins the script, with arguments `$1`, `$2` …; does not wait for its end. */
  start(script: string, options?: { stdin?: string; args?: readonly (string | number)[] }): void;
  /** Ends all of it, and what did not begin yet. */
  undo: UndoStep;
  /** Its processes by the node's process table. @throws when the script ended by itself */
  running(): Promise<number[]>;
  /** The same once it should be over. */
  left(): Promise<number[]>;
}

/** Ends every process that has the fault's variable; those that would begin later see that it is over. */
const end = `mkdir -p "$1"; touch "$1/$2.over"
for try in 1 2 3 4 5 6 7 8 9 10; do
  left=$(grep -lsxz -- "${variable}=$2" /proc/[0-9]*/environ | cut -d/ -f3 || true)
  [ -n "$left" ] || exit 0
  kill -9 $left 2>/dev/null || true
  sleep 0.05
done
echo "still there: $left" >&2; exit 1`;

/** @param after one more command of the undo, with `$1` as the folder of faults and `$2` as this one's id */
export function background(replica: Replica, after?: string): Background {
  const id = newFaultId();
  let ended: string | undefined;
  const left = async () => {
    const found = await look(replica, 'grep -lsxz -- "$1" /proc/[0-9]*/environ | cut -d/ -f3 || true', `${variable}=${id}`);
    return (found ?? "").split("\n").filter(Boolean).map(Number);
  };
  return {
    id,
    left,
    start(script, { stdin, args = [] } = {}) {
      ended = undefined;
      replica.nodeAgent
        .exec({
          argv: ["sh", "-c", `[ ! -e ${faultFolder}/${id}.over ] || exit 0\n${script}`, "fault", ...args.map(String)],
          env: [`${variable}=${id}`],
          timeoutMs: lifeMs,
          maxBytes: 4096,
          ...(stdin === undefined ? {} : { stdin }),
        })
        .then(
          ({ stderr, exit }) => {
            ended = stderr.trim().slice(-300) || `exit code ${exit}`;
          },
          (error: Error) => {
            ended = error.message;
          },
        );
    },
    undo: {
      do: "exec",
      container: replica.node.containerId,
      argv: ["sh", "-c", after === undefined ? end : `( ${end}\n)\ncode=$?\n${after}\nexit $code`, "fault", faultFolder, id],
    },
    async running() {
      const pids = await left();
      if (pids.length === 0 && ended !== undefined) throw new Error(`what should go on ended by itself: ${ended}`);
      return pids;
    },
  };
}
