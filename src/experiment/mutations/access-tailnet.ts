import { startedTailnet } from "../../fault/tailnet.ts";
import type { Mutation } from "./mutation.ts";

export const accessTailnetMutations: readonly Mutation[] = [
  {
    name: "tailnet-rules-for-nobody",
    what: "the tailnet's access rules let nobody reach the entry points",
    reddens: "access/tailnet-direct",
    replica: { tailnet: { policy: "nobody" } },
  },
  {
    name: "tailnet-rules-for-everybody",
    what: "the tailnet's access rules let everybody reach everything",
    reddens: "access/tailnet-stranger",
    replica: { tailnet: { policy: "everybody" } },
  },
  {
    name: "tailnet-relay-elsewhere",
    what: "the machines are told of a relay where nobody listens",
    reddens: "access/tailnet-derp",
    replica: { tailnet: { relayElsewhere: true } },
  },
  {
    name: "tailnet-through-its-control",
    what: "the control server's machine is the only way between the tailnet's machines, and goes with it",
    reddens: "access/tailnet-control-gone",
    replica: { tailnet: { relayElsewhere: true } },
    async running(replica) {
      const tailnet = startedTailnet(replica);
      const [stop, start] = [tailnet.stopControl.bind(tailnet), tailnet.startControl.bind(tailnet)];
      tailnet.stopControl = async () => {
        await tailnet.cutDirect();
        await stop();
      };
      tailnet.startControl = async () => {
        await tailnet.healDirect();
        await start();
      };
    },
  },
  {
    name: "tailnet-keys-reusable",
    what: "an auth key that a machine has joined with lets the next one in, too",
    reddens: "access/tailnet-key-expired",
    replica: { tailnet: { reusableKeys: true } },
  },
];
