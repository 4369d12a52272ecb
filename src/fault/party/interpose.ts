import { randomInt } from "node:crypto";
import { extract } from "tar-stream";
import { standBeside } from "../../engine/beside.ts";
import type { ContainerFile } from "../../engine/docker-files.ts";
import { run } from "../../engine/exec.ts";
import type { Replica } from "../../replica/up.ts";
import type { PreparedFault } from "../fault.ts";
import { freshMark } from "../fresh-mark.ts";
import { dropTable } from "./table.ts";
import { besideParty, type TheParty, theParty } from "./the-party.ts";

/** What is answered in place of the party. */
interface Answer {
  status: number;
  type: string;
  body: string;
}

/** Longest wait of a look, milliseconds. */
const totalMs = 5_000;

/**
 * Stands before a party that speaks HTTP over TLS, in its own network namespace, with its own certificate and behind its own address: new connections lead to a
 * server of ours, kept ones are reset when something is sent on them. All that goes through it carries the fault's mark in its header Via.
 */
export async function interpose(
  replica: Replica,
  party: "s3" | "acme",
  { name, answer, percent }: { name: string; answer: Answer; percent: number },
): Promise<PreparedFault> {
  const it = await theParty(replica, party);
  const beside = await besideParty(replica, it);
  const mark = freshMark();
  const helper = `sr-${replica.runId}-${mark}`;
  const doors = it.ports.map((port, at) => ({ port, own: randomInt(20_000, 30_000) + at }));
  const looks = () => look(replica, party, it);
  return {
    name,
    detail: { party, container: it.id, status: answer.status, percent, doors, helper, mark },
    undo: [
      { do: "remove", container: helper },
      { do: "beside", ...beside, argv: dropTable("ip", mark) },
    ],
    apply: async () => {
      const files = await certificateOf(it);
      const standing = await standBeside(replica.docker, { ...beside, name: helper, files }, [
        "sprocket-agent",
        "answer",
        ...doors.flatMap(({ port, own }) => ["-door", `${own}:${port}`]),
        ...["-status", String(answer.status), "-type", answer.type, "-body", answer.body, "-percent", String(percent)],
        ...["-via", mark, "-cert", "/tls/server.crt", "-key", "/tls/server.key"],
      ]);
      const { code, stderr } = await run(replica.docker, standing.id, ["nft", redirection(mark, doors)]);
      if (code !== 0) throw new Error(`nobody stands before ${party}: ${stderr.trim()}`);
    },
    bites: async () => {
      const { via, status, body } = await looks();
      return via === mark && status === answer.status && body === answer.body;
    },
    healed: async () => {
      const { via, status } = await looks();
      return status !== undefined && via !== mark;
    },
  };
}

/** S3's error in its own words. */
export function s3Error(code: string): { type: string; body: string } {
  return {
    type: "application/xml",
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>by a fault</Message></Error>`,
  };
}

/**
 * New connections to a port go to the one that stands before it. What comes for the port itself is of a connection from before, and is reset. The one that stands
 * there reaches the server over loopback.
 */
export function redirection(mark: string, doors: readonly { port: number; own: number }[]): string {
  return [
    `table ip ${mark} {`,
    "chain prerouting { type nat hook prerouting priority dstnat - 10; policy accept;",
    ...doors.map(({ port, own }) => `iifname != "lo" tcp dport ${port} redirect to :${own};`),
    "}",
    "chain input { type filter hook input priority filter; policy accept;",
    ...doors.map(({ port }) => `iifname != "lo" tcp dport ${port} reject with tcp reset;`),
    "}",
    "}",
  ].join("\n");
}

/** One request without credentials, which both parties answer. */
async function look(replica: Replica, party: "s3" | "acme", { address, ports }: TheParty) {
  const { plan, nodeAgent } = replica;
  const server = plan.issuance?.servers[0];
  const url =
    party === "s3" ? `https://${plan.candidate.parties.s3?.host}/` : `https://${server?.host}:${ports[0]}${server?.path ?? "/"}`;
  const { response } = await nodeAgent.probe<"http">(
    {},
    { kind: "http", url, resolve: { address }, tls: { caPem: replica.authority.certificate }, timeouts: { totalMs } },
  );
  return { status: response?.status, via: response?.headers?.via?.[0], body: response?.bodyText };
}

/** Certificate and key that the party shows. */
async function certificateOf({ container }: TheParty): Promise<ContainerFile[]> {
  const files: ContainerFile[] = [];
  const archive = (await container.getArchive({ path: "/tls" })).pipe(extract());
  for await (const entry of archive) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    if (entry.header.type === "file") files.push({ path: `/${entry.header.name}`, content: Buffer.concat(chunks), mode: 0o644 });
  }
  return files;
}
