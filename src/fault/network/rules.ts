/** Which packets a fault's own chain sees: those that a task sends, or also those that reach it. */
type Hook = "OUTPUT" | "INPUT";

/** First of the users that proxies run as; fault n's is this + n. The node's script has the same number. */
const proxyUsers = 61_000;

const lastProxyPort = 32_767;

/** Chain of a fault, in every table where it has one. */
const chainOf = (number: number) => `SRF${number}`;

/** Text for `iptables-restore --noflush`: a chain of the fault's own, first in its hooks, whole at once. */
export function chain(table: "filter" | "nat", number: number, hooks: readonly Hook[], rules: readonly string[]): string {
  const name = chainOf(number);
  return [
    `*${table}`,
    `:${name} - [0:0]`,
    ...rules.map((rule) => `-A ${name} ${rule}`),
    ...hooks.map((hook) => `-I ${hook} 1 -j ${name}`),
    "COMMIT",
  ].join("\n");
}

/** Ports of a fault's proxy in its namespace, rising with its number, and below those that the kernel gives to clients. */
export function proxyPorts(number: number): { listen: number; api: number } {
  return { listen: 28_000 + 2 * number, api: 28_001 + 2 * number };
}

/**
 * Sends new connections to these addresses and that port to the fault's proxy instead. What a proxy itself sends passes, its own and those of earlier faults: a later
 * fault's proxy stands before an earlier one's, so two faults of one edge add up.
 */
export function redirect(number: number, { port, addresses }: { port: number; addresses: readonly string[] }): string {
  return chain(
    "nat",
    number,
    ["OUTPUT"],
    [
      `-m owner --uid-owner ${proxyUsers}-${proxyUsers + number} -j RETURN`,
      ...addresses.map((address) => `-p tcp -d ${address} --dport ${port} -j REDIRECT --to-ports ${proxyPorts(number).listen}`),
    ],
  );
}

/**
 * Resets, at its next packet, every connection to these addresses that does not go through the fault's proxy, or through that of a later fault, which stands before it:
 * address translation takes only new ones.
 */
export function resetOthers(number: number, { port, addresses }: { port: number; addresses: readonly string[] }): string {
  const meant = `! --dport ${proxyPorts(number).listen}:${lastProxyPort} -m conntrack --ctorigdstport ${port} --ctdir ORIGINAL`;
  return chain(
    "filter",
    number,
    ["OUTPUT"],
    [
      `-m owner --uid-owner ${proxyUsers}-${proxyUsers + number} -j RETURN`,
      ...addresses.map((address) => `-p tcp ${meant} --ctorigdst ${address} -j REJECT --reject-with tcp-reset`),
    ],
  );
}

/** Nothing passes to or from these addresses; with a port, only of connections to it. */
export function drop(number: number, addresses: readonly string[], port?: number): string {
  const to = port === undefined ? "" : ` -p tcp --dport ${port}`;
  const from = port === undefined ? "" : ` -p tcp --sport ${port}`;
  return chain(
    "filter",
    number,
    ["INPUT", "OUTPUT"],
    addresses.flatMap((address) => [`-d ${address}${to} -j DROP`, `-s ${address}${from} -j DROP`]),
  );
}

/** Each packet to and from these addresses (from and to anybody, when none is given) is lost with this chance; the task's own loopback is spared. */
export function lose(number: number, percent: number, addresses: readonly string[]): string {
  const chance = `-m statistic --mode random --probability ${(percent / 100).toFixed(6)} -j DROP`;
  const whose = addresses.length === 0 ? [""] : addresses.flatMap((address) => [`-d ${address} `, `-s ${address} `]);
  return chain(
    "filter",
    number,
    ["INPUT", "OUTPUT"],
    ["-m addrtype --src-type LOCAL --dst-type LOCAL -j RETURN", ...whose.map((one) => `${one}${chance}`)],
  );
}

/** Questions to name servers vanish, or are refused at once. */
export function silenceDns(number: number, how: "dropped" | "refused"): string {
  // The engine's own resolver answers on 127.0.0.11, on ports that its address translation chose before a packet comes here.
  const asked = ["-d 127.0.0.11", "--dport 53"];
  const refusals = { udp: "REJECT --reject-with icmp-port-unreachable", tcp: "REJECT --reject-with tcp-reset" };
  return chain(
    "filter",
    number,
    ["OUTPUT"],
    (["udp", "tcp"] as const).flatMap((protocol) =>
      asked.map((one) => `-p ${protocol} ${one} -j ${how === "dropped" ? "DROP" : refusals[protocol]}`),
    ),
  );
}
