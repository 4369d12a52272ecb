/**
 * Host names that a text addresses, in lower case. A word counts where a host stands and nowhere else, since names of services are everyday words
 * ("core", "web", "redis") that are keys and queues as well: in a URL, before a port, or as the value of a key that ends in host, address, endpoint, url and the like.
 * Lines that are comments in the usual configuration languages say nothing.
 */
export function hostsIn(text: string): Set<string> {
  const spoken = text.replace(/^[ \t]*(?:#|\/\/|;).*$/gm, "");
  const hosts = new Set<string>();
  for (const pattern of [inUrl, beforePort, underKey]) {
    for (const match of spoken.matchAll(pattern)) {
      const host = (match[1] as string).toLowerCase().replace(/\.+$/, "");
      if (host !== "") hosts.add(host);
    }
  }
  return hosts;
}

const inUrl = /:\/\/(?:[^\s/@"']*@)?([\w.-]+)/g;
const beforePort = /(?<![\w.-])(\w[\w.-]*):\d{2,5}(?!\d)/g;
const underKey =
  /(?:host(?:name)?s?|addr(?:ess)?(?:es)?|servers?|end_?points?|ur[il]s?|brokers?|backend|upstream|target|nodes?)["']?[ \t]*[:=][ \t]*["'[]*([\w.-]+)/gi;
