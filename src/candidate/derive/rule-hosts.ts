/** Host names that a Traefik rule matches, in lower case: every argument of every Host() and HostSNI(); the wildcard of HostSNI is none. */
export function ruleHosts(rule: string): string[] {
  const hosts: string[] = [];
  for (const [, list] of rule.matchAll(/\bHost(?:SNI)?\(([^)]*)\)/g)) {
    for (const [, host] of (list as string).matchAll(/[`"]([^`"]+)[`"]/g)) {
      if (/^[\w.-]+$/.test(host as string)) hosts.push((host as string).toLowerCase());
    }
  }
  return hosts;
}

/** Host names under which Traefik is told to reach a service. */
export function routedHosts(labels: Readonly<Record<string, string>>): string[] {
  const hosts = Object.entries(labels).flatMap(([label, rule]) =>
    /^traefik\.(http|tcp)\.routers\..+\.rule$/i.test(label) ? ruleHosts(rule) : [],
  );
  return [...new Set(hosts)];
}
