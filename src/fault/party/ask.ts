import type { Sample } from "../../history/sample.ts";
import type { Replica } from "../../replica/up.ts";
import type { PartyName, TheParty } from "./the-party.ts";

/** Longest wait for one answer, milliseconds. */
const totalMs = 5_000;

/** Asks a party from the node as its clients do, with the credentials that the candidate holds; nobody is asked for its address. */
export async function askParty(replica: Replica, name: PartyName, { address, ports }: TheParty): Promise<Sample> {
  const { plan, secrets, nodeAgent, authority } = replica;
  const { postgres, s3 } = plan.candidate.parties;
  const resolve = { address };
  const timeouts = { totalMs };
  const tls = { caPem: authority.certificate };
  if (name === "dns")
    return await nodeAgent.probe<"dns">({}, { kind: "dns", name: plan.candidate.domain, server: `${address}:53`, timeouts });
  if (name === "postgres" && postgres)
    return await nodeAgent.probe<"postgres">(
      {},
      {
        kind: "postgres",
        host: postgres.host,
        port: postgres.port,
        user: postgres.user,
        password: secrets.get(postgres.passwordSecret),
        database: postgres.databases[0] ?? "postgres",
        sslmode: "require",
        queries: [{ sql: "SELECT 1" }],
        resolve,
        timeouts,
      },
    );
  if (name === "s3" && s3)
    return await nodeAgent.probe<"s3">(
      {},
      {
        kind: "s3",
        endpoint: `https://${s3.host}`,
        accessKey: secrets.get(s3.accessSecret),
        secretKey: secrets.get(s3.keySecret),
        actions: [{ do: "listBuckets" }],
        resolve,
        tls,
        timeouts,
      },
    );
  const server = plan.issuance?.servers[0];
  if (name !== "acme" || !server) throw new Error(`the candidate addresses no party ${name}`);
  const url = `https://${server.host}:${ports[0] ?? server.port}${server.path}`;
  return await nodeAgent.probe<"http">({}, { kind: "http", url, resolve, tls, timeouts });
}
