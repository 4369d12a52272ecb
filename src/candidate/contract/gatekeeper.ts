import { configsIn, parsed } from "../expectations/read.ts";
import type { Candidate, CandidateService } from "../types.ts";

/** What a candidate's forward-auth is told: whom each rule admits, and what its cookie is. */
export interface Gatekeeper {
  /** Rule → role ids of which a member needs one. */
  rules: Record<string, string[]>;
  cookie: string;
  cookieDomain: string;
  callback: string;
}

/** Number of roles of each rule, as Sprocket's configuration has it (facts sheet, section 4.4). */
export const documentedRules: Readonly<Record<string, number>> = {
  SprocketAdmin: 2,
  SprocketStaff: 7,
  SprocketDeveloper: 3,
  AlphaTesters: 8,
  EloTeam: 3,
};

/** Name of the cookie where the configuration leaves it to the image. */
const imagesCookie = "sprocket_fa";

/** Reads the configuration that forward-auth mounts, in either of its spellings; undefined when none of its files is one. */
export function gatekeeperOf(candidate: Candidate, service: CandidateService): Gatekeeper | undefined {
  for (const { content } of configsIn(candidate, service)) {
    const settings = documentOf(content);
    const rules = rulesIn(settings?.rules);
    const callback = settings?.discord?.callbackUrl ?? settings?.oauth?.callbackUrl;
    const cookieDomain = settings?.cookie?.domain ?? settings?.cookieDomain;
    if (rules && callback !== undefined && cookieDomain !== undefined)
      return { rules, callback, cookieDomain, cookie: settings?.cookie?.name ?? imagesCookie };
  }
  return undefined;
}

interface Written {
  rules?: unknown;
  discord?: { callbackUrl?: string };
  oauth?: { callbackUrl?: string };
  cookie?: { name?: string; domain?: string };
  cookieDomain?: string;
}

function documentOf(content: string): Written | undefined {
  const document = parsed(content);
  return typeof document === "object" && document !== null ? (document as Written) : undefined;
}

function rulesIn(raw: unknown): Record<string, string[]> | undefined {
  if (typeof raw !== "object" || raw === null) return undefined;
  const named: [string, unknown][] = Array.isArray(raw)
    ? raw.map((rule: { key?: unknown; roleIds?: unknown } | null) => [String(rule?.key), rule?.roleIds])
    : Object.entries(raw);
  return Object.fromEntries(named.map(([name, roles]) => [name, Array.isArray(roles) ? roles.map(String) : []]));
}
