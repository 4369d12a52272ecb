import type { Mutation } from "./mutation.ts";

export const accessSocketsMutations: readonly Mutation[] = [
  {
    name: "vantage-asks-the-internet",
    what: "the public vantage is told to connect to 192.0.2.1, which is in no network of the run",
    reddens: "access/sockets",
    async running(replica) {
      const vantage = replica.vantages.get("public");
      if (!vantage) throw new Error("this replica has no public vantage to mutate");
      await vantage.agent.probe({}, { kind: "tcp", host: "192.0.2.1", port: 443 });
    },
  },
];
