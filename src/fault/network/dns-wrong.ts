import type { Role } from "../../candidate/types.ts";
import { run } from "../../engine/exec.ts";
import type { Replica } from "../../replica/up.ts";
import type { FaultKind, PreparedFault } from "../fault.ts";
import { addressesOf, hostOf, isParty, type PartyName } from "./edge.ts";
import { joined, type Namespace, told, victimsOf } from "./namespace.ts";
import { newNumber, onNode, undoOnNode } from "./node-script.ts";

/**
 * A name leads to somebody else. For the tasks of one role it stands so in their hosts files; for everybody the run's own name server says so, which knows parties'
 * names only: those of services are the engine's.
 */
interface DnsWrong {
  kind: "network/dns-wrong";
  /** Whose name. */
  of: Role | PartyName;
  leadsTo: Role | PartyName;
  for: Role | "everybody";
}

export const dnsWrong: FaultKind<DnsWrong> = {
  kind: "network/dns-wrong",
  words: ({ of, leadsTo, for: whom }) => `the name of ${of} leads ${whom} to ${leadsTo}`,
  async prepare(replica, { of, leadsTo, for: whom }) {
    const [address] = await addressesOf(replica, leadsTo);
    if (!address) throw new Error(`${leadsTo} has no address that ${of} could be taken for`);
    const name = `dns-wrong/${of}-${leadsTo}/${whom}`;
    if (whom !== "everybody") return await inHostsFiles(replica, { name, host: hostOf(replica, of), address, role: whom });
    if (!isParty(of)) throw new Error(`the engine answers for ${of}: a wrong answer can be given to one role, not to everybody`);
    return await inNameServer(replica, { name, of, address });
  },
};

async function inHostsFiles(
  replica: Replica,
  { name, host, address, role }: { name: string; host: string; address: string; role: Role },
): Promise<PreparedFault> {
  const victims = await victimsOf(replica, role);
  const files = await Promise.all(
    victims.map(async ({ containerId }) => (await replica.node.daemon.getContainer(containerId).inspect()).HostsPath),
  );
  const number = await newNumber(replica);
  /** As a program there resolves it: hosts file first. The agent is not told of the fault. */
  const answers = async ({ pid }: Namespace) => {
    const timeouts = { connectMs: 500, totalMs: 500 };
    const { resolved } = await replica.nodeAgent.probe({ netnsPid: pid }, { kind: "tcp", host, port: 9, timeouts });
    return resolved?.answers ?? [];
  };
  return {
    name,
    detail: { number, victims: told(victims), host, address },
    undo: files.map((file) => undoOnNode(replica, "undo-hosts", number, file)),
    apply: async () => {
      for (const file of files) await onNode(replica, "hosts", number, file, `${address} ${host}`);
    },
    bites: async () => (await Promise.all(victims.map(answers))).every((seen) => seen[0] === address),
    healed: async () => (await Promise.all(victims.map(answers))).every((seen) => !seen.includes(address)),
    stale: () => joined(replica, [role], victims),
  };
}

/** Where the run's name server has its records; it reads them again at a hang-up. */
const records = "/etc/sprocket-hosts";

async function inNameServer(
  replica: Replica,
  { name, of, address }: { name: string; of: PartyName; address: string },
): Promise<PreparedFault> {
  const server = replica.parties.get("dns");
  if (!server) throw new Error("this target has no name server of its own");
  const right = await addressesOf(replica, of);
  const host = hostOf(replica, of);
  const number = await newNumber(replica);
  const mark = `# sprocket-fault-${number}`;
  const undone = `/run/sprocket-fault-${number}.undone`;
  const asked = async () => {
    const timeouts = { connectMs: 1000, totalMs: 1000 };
    const { response } = await replica.nodeAgent.probe({}, { kind: "dns", name: host, type: "A", timeouts });
    return response?.answers.map(({ data }) => data) ?? [];
  };
  // Each right line stays there as a comment, so that what was there comes back to the letter.
  const lie = right.flatMap((one) => [
    "-e",
    `s/^${one.replaceAll(".", "\\.")}\\( .*\\)$/${mark} ${one}\\1\\n${address}\\1 ${mark}/`,
  ]);
  const truth = ["-e", `/ ${mark}$/d`, "-e", `s/^${mark} //`];
  const edit = (before: string, expressions: string[]) => [
    "flock",
    `${records}.lock`,
    "sh",
    "-ec",
    `${before}; sed -i "$@" ${records}; kill -HUP 1`,
    "sh",
    ...expressions,
  ];
  return {
    name,
    detail: { number, server, host, right, address },
    undo: [{ do: "exec", container: server, argv: edit(`: > ${undone}`, truth) }],
    apply: async () => {
      const { code, stderr } = await run(
        replica.docker,
        server,
        edit(`if [ -e ${undone} ]; then echo "fault ${number} was undone already" >&2; exit 4; fi`, lie),
      );
      if (code !== 0) throw new Error(`the name server did not take it: ${stderr.trim()}`);
    },
    bites: async () => (await asked()).includes(address),
    healed: async () => {
      const seen = await asked();
      return seen.length > 0 && !seen.includes(address);
    },
  };
}
