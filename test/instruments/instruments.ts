import { buildAgent, startAgent } from "../engine/agent-binary.ts";
import { buildTarget, startTarget } from "./target-binary.ts";

/** Our agent and the target whose truth is known, two processes of this machine. */
export function startInstruments() {
  const binaries = [buildAgent(), buildTarget()] as const;
  const agent = startAgent(binaries[0].path).client;
  const target = startTarget(binaries[1].path);
  return {
    agent,
    target,
    end: async () => {
      target.end();
      await agent.close();
      for (const binary of binaries) binary.remove();
    },
  };
}
