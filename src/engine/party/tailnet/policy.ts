/** Deliberate changes of the tailnet's access rules, for proving that checks can fail. */
export type PolicyMutation = "nobody" | "everybody";

const tags = ["tag:ingress", "tag:client", "tag:stranger"] as const;
/** What a machine is to the access rules. */
export type Tag = (typeof tags)[number];

/** Owner of every machine. */
export const owner = "sprocket";

const clients = { action: "accept", src: ["tag:client"], dst: ["tag:ingress:80,443"] };
// A stranger that could do nothing at all would look the same as one whose tunnel is dead: this one may ask whether the ingress is there, and no more.
const strangers = { action: "accept", proto: "icmp", src: ["tag:stranger"], dst: ["tag:ingress:*"] };
const anybody = { action: "accept", src: ["*"], dst: ["*:*"] };

/** The tailnet's access rules, in headscale's form: clients reach the entry points, a stranger is answered to a ping and to nothing else. */
export function policyText(mutation?: PolicyMutation): string {
  const acls = { nobody: [strangers], everybody: [clients, strangers, anybody], none: [clients, strangers] }[mutation ?? "none"];
  return JSON.stringify({ tagOwners: Object.fromEntries(tags.map((tag) => [tag, [`${owner}@`]])), acls });
}
