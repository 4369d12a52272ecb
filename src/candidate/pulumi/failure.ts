import { type ErrorCode, ResilienceError } from "../../history/errors.ts";

/** What to do about each way in which a program fails its evaluation. */
const cures: Record<string, string> = {
  E_PULUMI_CONFIG: "Set the key in the stack's file; a secret one may hold any value, it is never read.",
  E_PULUMI_DUPLICATE: "Give one of them another name, or another parent.",
  E_PULUMI_EXIT: "Let the program end by itself; an error should be thrown.",
  E_PULUMI_INVOKE: "Give the program what it asks its provider for (a name, an id) in the stack's configuration.",
  E_PULUMI_MEMORY: "Give the engine more memory, or look for an endless growth in the program.",
  E_PULUMI_NETWORK: "Look-ups of image digests on Docker Hub are answered; take anything else from the stack's configuration.",
  E_PULUMI_PROCESS: "Take what the other program would say from the stack's configuration.",
  E_PULUMI_PROGRAM: "Correct the program: `pulumi preview` would fail likewise.",
  E_PULUMI_REFERENCE: "Give the whole checkout, or export the output from the stack that is referred to.",
  E_PULUMI_REJECTED: "Correct the program, or handle the rejection: what depends on it would silently be missing.",
  E_PULUMI_SDK: "Add @pulumi/pulumi to the package's dependencies.",
  E_PULUMI_TIMEOUT: "Look for an endless loop or a timer that is never cleared.",
  E_PULUMI_UNFINISHED: "Look for a promise that is never resolved.",
  E_PULUMI_WRITE: "Write to the system's folder for temporary files.",
};

/** The error of a program that failed its evaluation: `<place>: <what>`, with the cure of its code. */
export function programError(folder: string, failure: { code: string; what: string; at?: string | undefined }): ResilienceError {
  const code = (failure.code in cures ? failure.code : "E_PULUMI_PROGRAM") as ErrorCode;
  return new ResilienceError(code, `${failure.at ?? folder}: the program should register its resources but ${failure.what}.`, {
    cure: cures[code] as string,
    exitCode: 3,
  });
}
