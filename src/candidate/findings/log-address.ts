import { found, list, type StaticRule } from "./rule.ts";

/** A daemon's log driver needs an address of the host; a literal one holds only as long as Docker happens to give it, and loopback always does. */
export const logAddress: StaticRule = {
  id: "static/log-address",
  title: "Log driver's address assumed",
  cure: "Publish the collector on the host and name 127.0.0.1, or give the bridge network its subnet in the definition.",
  find(candidate) {
    const users = new Map<string, string[]>();
    for (const { name, logDriver } of candidate.services)
      for (const [option, value] of Object.entries(logDriver?.options ?? {})) {
        if (!/address$|-host$|^host$|-url$/.test(option)) continue;
        const address = /(?:^|\/\/|@)(\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?(?:$|\/)/.exec(value)?.[1];
        if (address === undefined || address.startsWith("127.")) continue;
        const at = `${logDriver?.name} ${value}`;
        users.set(at, [...(users.get(at) ?? []), name]);
      }
    return [...users].map(([at, names]) =>
      found(
        logAddress,
        `log-driver:${at}`,
        `${names.length} services send their logs to ${at}, an address that nothing in the definition fixes: ${list(names)}.`,
      ),
    );
  },
};
