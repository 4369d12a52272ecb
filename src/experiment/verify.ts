import { loadSuites } from "../../suites/index.ts";
import { type OnKeptOptions, type OnKeptOutcome, runOnKept } from "./on-kept.ts";
import { refuseUnmatched, select } from "./selection.ts";

/** What `verify` is told. */
export interface VerifyCommandOptions extends OnKeptOptions {
  only?: string[];
}

/** Looks at a kept replica with the checks that only observe, and judges it. */
export async function runVerify(options: VerifyCommandOptions): Promise<OnKeptOutcome> {
  await loadSuites();
  const among = { effects: ["observe"] };
  refuseUnmatched(options.only, among);
  return await runOnKept(options, {
    command: "verify",
    select: (plan, lacking) => select(plan, options.only, among, lacking),
    async observe(observer, { observations }) {
      await observer.together(observations.filter((one) => !one.alone));
      await observer.oneByOne(observations.filter((one) => one.alone));
    },
  });
}
