import { acmeResolvers } from "../../candidate/contract/acme.ts";
import { clientRoute } from "../../candidate/contract/client-routes.ts";
import { routesOf } from "../../candidate/routes.ts";
import type { Role } from "../../candidate/types.ts";
import { AcmeControl } from "../../engine/party/acme.ts";
import type { UndoStep } from "../../engine/undo/step.ts";
import { onTheNode } from "../../replica/certificates.ts";
import type { Replica } from "../../replica/up.ts";
import type { PreparedFault } from "../fault.ts";
import { freshMark } from "../fresh-mark.ts";
import { taskOf } from "../victim.ts";
import type { ToShow } from "./shown.ts";

/** Longest wait for a handshake, milliseconds. */
const totalMs = 3_000;

/**
 * The entry point shows another certificate for a host: its store is changed, and since Traefik reads that only at its start, its process is killed, by the fault and by
 * its undo; both times Swarm brings it back. The ACME server refuses the host meanwhile, for Traefik would order a new one at once.
 */
export async function onEntryPoint(
  replica: Replica,
  role: Role,
  kind: string,
  issue: (names: string[]) => Promise<ToShow>,
): Promise<PreparedFault> {
  const { candidate, issuance } = replica.plan;
  const traefik = replica.service("traefik").candidate;
  const route = clientRoute(candidate, role);
  const resolver = routesOf(replica.service(role).candidate).find(({ hosts }) =>
    hosts.some((host) => host.toLowerCase() === route?.host),
  )?.resolver;
  const storage = resolver === undefined ? undefined : acmeResolvers(candidate, traefik).get(resolver)?.storage;
  const file = storage === undefined ? undefined : await onTheNode(replica, traefik, storage);
  if (!route?.tls || !resolver || !file)
    throw new Error(`the certificate of ${role}'s host is in no store of Traefik's that outlives it`);
  const { host } = route;
  const toShow = await issue([host]);
  const mark = freshMark();
  const saved = `${file}.${mark}`;
  const acme = issuance?.resolvers.includes(resolver) ? replica.parties.get("acme") : undefined;
  const agent = replica.vantages.get("public")?.agent;
  const address = replica.entryAddress("public");
  if (!agent || !address) throw new Error("this target has no public network to look from");
  const shown = async () => {
    const { tls } = await agent.probe<"tls">(
      {},
      {
        kind: "tls",
        host,
        port: 443,
        resolve: { address },
        tls: { serverName: host, insecure: true, caPem: replica.authority.certificate },
        timeouts: { totalMs },
      },
    );
    return { leaf: tls?.chain?.[0], trusted: tls?.chain !== undefined && tls.verifyError === undefined };
  };
  const undo: UndoStep[] = [
    {
      do: "exec",
      container: replica.node.containerId,
      argv: ["sh", "-c", givingBack, saved, file, resolver, host, traefik.name],
    },
    ...(acme ? [{ do: "exec" as const, container: acme, argv: AcmeControl.taking(mark) }] : []),
  ];
  return {
    name: `certificate-${kind}/${host}`,
    detail: { host, store: file, sha256: toShow.sha256, traefik: traefik.name },
    undo,
    apply: async () => {
      if (acme) await replica.issuance?.control.add({ kind: "refused", identifiers: [host], mark });
      const { exit, stderr } = await replica.nodeAgent.exec({
        argv: ["sprocket-agent", "acme-store", "put", file, resolver, host, saved],
        stdin: JSON.stringify({
          domain: { main: host },
          certificate: Buffer.from(toShow.leaf.certificate).toString("base64"),
          key: Buffer.from(toShow.leaf.key).toString("base64"),
          Store: "default",
        }),
      });
      if (exit !== 0) throw new Error(`Traefik's store was not changed: ${stderr.trim()}`);
      const { task } = await taskOf(replica, "traefik");
      return await replica.nodeAgent.signal(task.pid, "SIGKILL");
    },
    bites: async () => toShow.is((await shown()).leaf),
    healed: async () => {
      const { leaf, trusted } = await shown();
      return trusted && !toShow.is(leaf);
    },
  };
}

/** Arguments: the former certificate's file, the store, resolver, host, Traefik's service. That file goes last, so whoever does it again does all of it. */
const givingBack = `[ -e "$0" ] || exit 0
sprocket-agent acme-store back "$1" "$2" "$3" "$0" || exit 1
for container in $(docker ps -q --filter "label=com.docker.swarm.service.name=$4"); do
  kill -KILL "$(docker inspect -f '{{.State.Pid}}' "$container")"
done
rm -f "$0"`;
