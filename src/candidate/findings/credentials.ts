import { longest } from "./text.ts";

/** Names whose value is a credential, by their last word: `POSTGRES_PASSWORD`, `clientSecret`, `influx.token`; not `passwordFile`, `token_ttl`, `secretName`. */
const named =
  /(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|hmac|(?:api|access|private|secret|hmac|encryption|signing|auth)[_.-]?key)$/i;
/** Names that end like one and are none. */
const harmless = /(?:public|token[_.-]?type|csrf|require[_.-]?pass|max[_.-]?token|num[_.-]?token|by[_.-]?token)/i;

export function namesCredential(name: string): boolean {
  return named.test(name) && !harmless.test(name);
}

/**
 * Whether a value is a credential written out, given that its name asks for one: not a mark, not a reference to a variable or a file, not a switch, not
 * what stands for a value that was taken out.
 */
export function isLiteralCredential(name: string, value: string): boolean {
  const text = value.trim();
  if (text === "" || text.length > 4096 || /[\r\n]/.test(text)) return false;
  if (/\$\{|^\$[A-Za-z_]|\{\{|%[A-Z_]+%|<[a-z ]+>|\[secret\]|\[object|^undefined$|^null$/i.test(text)) return false;
  if (
    /^(?:true|false|yes|no|on|off|none|disabled|enabled|required?|optional|default|redacted|changeme|nopass(?:word)?|dummy|placeholder|unused|x+|\*+|-?\d+(?:\.\d+)?[smhd]?)$/i.test(
      text,
    )
  )
    return false;
  // A file, an address without user part (looked at by itself), or words: no credential.
  if (/^(?:\.{0,2}\/|[a-z]+:\/\/|file:|env:|vault:)/i.test(text) || /\s/.test(text)) return false;
  // Passwords may be short and plain; a token or key is neither, or it is the name of one.
  if (/pass|pwd/i.test(name)) return true;
  return text.length >= 12 && (/\d/.test(text) || /[a-z][A-Z]|[A-Z][a-z].*[A-Z]/.test(text));
}

interface LiteralCredential {
  /** What it is, in words that do not repeat it. */
  what: string;
}

/** Credentials that show by their form, whatever they are called. */
const forms: [RegExp, string][] = [
  [/[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'`${}<[]{1,200}:([^\s/@"'`]{1,200})@/gi, "an address with a password"],
  [
    /\bhttps?:\/\/(?:[a-z]{1,20}\.)?discord(?:app)?\.com\/api\/webhooks\/\d{5,25}\/([\w-]{20,200})/gi,
    "a Discord webhook's address",
  ],
  [/\bhttps?:\/\/hooks\.slack\.com\/services\/([\w/]{20,200})/gi, "a Slack webhook's address"],
  [/-----BEGIN (?:[A-Z]{1,20} )?PRIVATE KEY-----()/g, "a private key"],
  [/\b(AKIA[0-9A-Z]{16})\b/g, "an AWS access key"],
  [/\b(gh[pousr]_[A-Za-z0-9]{36,100})\b/g, "a GitHub token"],
  [/\b(xox[abprs]-[A-Za-z0-9-]{10,200})/g, "a Slack token"],
  [/\b([MNO][A-Za-z\d]{23,27}\.[\w-]{6}\.[\w-]{27,40})\b/g, "a Discord bot token"],
];

/** What a text holds of credentials by their form; an address whose password is a mark or a variable holds none. */
export function credentialsByForm(text: string): LiteralCredential[] {
  const cut = text.slice(0, longest);
  return forms.flatMap(([form, what]) => {
    for (const met of cut.matchAll(form)) {
      const value = met[1] ?? "";
      if (value === "" || !/^[$<{[%]|^\*+$/.test(value)) return [{ what }];
    }
    return [];
  });
}

/** Names in a file of settings (JSON, YAML, TOML, HCL, ini) whose values are credentials written out. */
export function credentialsByName(text: string): string[] {
  const names = new Set<string>();
  for (const line of text.slice(0, longest).split("\n")) {
    if (line.length > 5000 || /^\s*(?:#|\/\/|;)/.test(line)) continue;
    for (const met of line.matchAll(
      /["']?([\w.-]{1,80})["']?\s{0,10}[:=]\s{0,10}(?:"([^"]{0,4096})"|'([^']{0,4096})'|([^\s,;{}"']{1,4096}))/g,
    )) {
      const [, name = "", double, single, bare] = met;
      if (namesCredential(name) && isLiteralCredential(name, double ?? single ?? bare ?? "")) names.add(name);
    }
  }
  return [...names];
}
