import { AcmeControl, type AcmeFault } from "../../engine/party/acme.ts";
import type { FaultKind } from "../fault.ts";
import { freshMark } from "../fresh-mark.ts";
import { theParty } from "./the-party.ts";

/** The ACME server fails as such servers do: it limits orders (429), refuses names (403), or resets every connection. */
interface AcmeFails {
  kind: "party/acme-fails";
  how: AcmeFault["kind"];
  /** Host names whose orders fail; absent: all. Of "down" none can be named. */
  hosts?: string[];
}

/** In lower case; nobody orders a certificate for it. */
const nobodys = "look.invalid";
/** Longest wait of a look, milliseconds. */
const totalMs = 5_000;

export const acmeFails: FaultKind<AcmeFails> = {
  kind: "party/acme-fails",
  words: ({ how, hosts }) =>
    how === "down"
      ? "acme resets every connection"
      : `acme answers orders of ${hosts?.join(", ") ?? "any host"} with ${how === "refused" ? "403" : "429"}`,
  async prepare(replica, { how, hosts }) {
    const it = await theParty(replica, "acme");
    const server = replica.plan.issuance?.servers[0];
    const { control } = replica.issuance ?? {};
    if (!server || !control) throw new Error("this target has no ACME server to disturb");
    const mark = freshMark();
    const identifiers = hosts?.map((host) => host.toLowerCase());
    const common = { resolve: { address: it.address }, tls: { caPem: replica.authority.certificate }, timeouts: { totalMs } };
    const at = `https://${server.host}:${server.port}`;
    /** Status of an order that is not signed, so that it can only fail: the server's own answer to it is 400. */
    const look = async () => {
      const directory = await replica.nodeAgent.probe<"http">({}, { kind: "http", url: `${at}${server.path}`, ...common });
      if (!directory.response) return { error: directory.error?.kind };
      const { newOrder } = JSON.parse(directory.response.bodyText ?? "{}") as { newOrder?: string };
      const order = { identifiers: [identifiers?.[0] ?? nobodys].map((value) => ({ type: "dns", value })) };
      const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const { response, error } = await replica.nodeAgent.probe<"http">(
        {},
        {
          kind: "http",
          url: `${at}${new URL(newOrder ?? at).pathname}`,
          method: "POST",
          headers: { "content-type": "application/jose+json" },
          body: JSON.stringify({ protected: encoded({ alg: "none" }), payload: encoded(order), signature: "" }),
          ...common,
        },
      );
      return { status: response?.status, error: error?.kind };
    };
    const wanted = { "rate-limited": 429, refused: 403, down: undefined }[how];
    return {
      name: `acme-${how}/${identifiers?.join("+") ?? "all"}`,
      detail: { party: "acme", container: it.id, how, identifiers, mark },
      undo: [{ do: "exec", container: it.id, argv: AcmeControl.taking(mark) }],
      apply: () => control.add({ kind: how, ...(identifiers ? { identifiers } : {}), mark }),
      bites: async () => {
        const { status, error } = await look();
        return how === "down" ? error !== undefined : status === wanted;
      },
      healed: async () => {
        const { status, error } = await look();
        return error === undefined && status !== undefined && status !== wanted;
      },
    };
  },
};
