/** What is taken out of a text when its content cannot be known beforehand: a pattern, and the name that stands in its place. */
interface Pattern {
  name: string;
  /** What a text must contain for the pattern to be tried at all; most texts are spared the regular expression. */
  hint: string | RegExp;
  expression: RegExp;
  /** `$1`… are kept; `%` becomes `[redacted:<name>]`. */
  replacement: string;
}

/**
 * Shapes of secrets that nobody announces. Each group that is kept names the place, so that a reader still sees what stood there.
 * Vault: service, batch and recovery tokens (`hvs.`, `hvb.`, `hvr.`; before 1.10 `s.` and 24 characters), Shamir key shares (33 bytes).
 */
const patterns: Pattern[] = [
  {
    name: "private-key",
    hint: "PRIVATE KEY",
    expression: /-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    replacement: "%",
  },
  { name: "vault-token", hint: "hv", expression: /\bhv[sbr]\.[A-Za-z0-9_-]{8,}/g, replacement: "%" },
  { name: "vault-token", hint: /[sbr]\./, expression: /(?<![\w.-])[sbr]\.[A-Za-z0-9]{24,}(?![\w-])/g, replacement: "%" },
  {
    name: "vault-key",
    hint: "Key",
    expression: /((?:Unseal|Recovery) Key(?: \d+)?(?: \(will be hidden\))?: )(?!\[redacted:)\S+/g,
    replacement: "$1%",
  },
  { name: "vault-key", hint: /[0-9a-f]{16}/, expression: /(?<![0-9A-Za-z])[0-9a-f]{66}(?![0-9A-Za-z])/g, replacement: "%" },
  {
    name: "vault-key",
    hint: /[A-Za-z0-9+/]{44}/,
    expression:
      /(?<![A-Za-z0-9+/=_.-])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*\d)[A-Za-z0-9+/]{44}(?![A-Za-z0-9+/=_-])/g,
    replacement: "%",
  },
  {
    name: "url-password",
    hint: "://",
    // Not `https://registry:5000/image@sha256:…`: digits and a slash are a port.
    expression: /([a-z][a-z0-9+.-]*:\/\/[^\s:/@"'\\]*:)(?!\d+\/|\[redacted:)[^\s@"'\\]+(?=@)/gi,
    replacement: "$1%",
  },
  {
    name: "authorization",
    hint: /authorization/i,
    expression: /(authorization["'\\]*\s*[:=]\s*["'\\]*(?:Basic|Bearer)\s+)(?!\[redacted:)[A-Za-z0-9._~+/=-]{4,}/gi,
    replacement: "$1%",
  },
  {
    name: "authorization",
    hint: /^(Basic|Bearer) /i,
    expression: /^((?:Basic|Bearer) +)[A-Za-z0-9._~+/-]{8,}=*$/gi,
    replacement: "$1%",
  },
  { name: "jwt", hint: "eyJ", expression: /\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*/g, replacement: "%" },
  {
    name: "password",
    hint: /passw(or)?d|secret/i,
    expression: /((?:password|passwd|secret_?(?:access_?)?key)\\?["']?\s*[=:]\s*\\?["']?)(?!\[redacted:)[^\s"'\\&,;}]{4,}/gi,
    replacement: "$1%",
  },
];

/** A secret that was announced, in every spelling in which it may turn up. */
interface Known {
  name: string;
  spelling: string;
}

const shortestSecret = 4;
const rememberedTexts = 4096;

/**
 * Takes secrets out of everything before it is written: those that were announced (`add`), in plain, JSON-escaped, URL-encoded and base64
 * spelling, and those whose shape gives them away. Idempotent: a text that was redacted is not changed again.
 */
export class Redactor {
  readonly #known: Known[] = [];
  #expression: RegExp | undefined;
  #names = new Map<string, string>();
  readonly #remembered = new Map<string, string>();

  /**
   * Announces a secret; from now on it is written `[redacted:<name>]`.
   * @returns false when it is too short (under 4 characters) to be told from ordinary text, and so is not taken.
   */
  add(name: string, secret: string): boolean {
    const label = name.replace(/[^A-Za-z0-9._/-]+/g, "-");
    if (secret.trim().length < shortestSecret) return false;
    for (const spelling of spellings(secret)) {
      if (!this.#known.some((known) => known.spelling === spelling)) this.#known.push({ name: label, spelling });
    }
    this.#expression = undefined;
    this.#remembered.clear();
    return true;
  }

  /** Every announced secret in its plain spelling and the others: what `scanForSecrets` looks for in our own artifacts. */
  secrets(): { name: string; spelling: string }[] {
    return this.#known.map((known) => ({ ...known }));
  }

  /** The text without its secrets. An arrow function, so that it can be handed on as `redact`. */
  readonly redact = (text: string): string => {
    if (text.length < shortestSecret) return text;
    const remembered = this.#remembered.get(text);
    if (remembered !== undefined) return remembered;
    let clean = text;
    const known = this.#knownExpression();
    if (known) clean = clean.replace(known, (met) => `[redacted:${this.#names.get(met)}]`);
    for (const pattern of patterns) {
      const worthTrying = typeof pattern.hint === "string" ? clean.includes(pattern.hint) : pattern.hint.test(clean);
      if (worthTrying) clean = clean.replace(pattern.expression, pattern.replacement.replace("%", `[redacted:${pattern.name}]`));
    }
    // Targets, labels and header names repeat in every sample of a load; remembering them keeps redaction out of the profile.
    if (text.length <= 128) {
      if (this.#remembered.size >= rememberedTexts) this.#remembered.clear();
      this.#remembered.set(text, clean);
    }
    return clean;
  };

  #knownExpression(): RegExp | undefined {
    if (this.#known.length === 0) return undefined;
    if (!this.#expression) {
      // Longest first: a secret that contains another is taken out whole.
      const sorted = [...this.#known].sort((a, b) => b.spelling.length - a.spelling.length);
      this.#names = new Map(sorted.map((known) => [known.spelling, known.name]));
      this.#expression = new RegExp(sorted.map((known) => RegExp.escape(known.spelling)).join("|"), "g");
    }
    return this.#expression;
  }
}

/** A secret as it may be met: plain, inside JSON (once and twice encoded), in a URL, in base64, and line by line when it has several. */
function spellings(secret: string): string[] {
  const all = new Set<string>();
  const add = (text: string) => {
    if (text.length < shortestSecret) return;
    all.add(text);
    const once = JSON.stringify(text).slice(1, -1);
    all.add(once);
    all.add(JSON.stringify(once).slice(1, -1));
    all.add(encodeURIComponent(text));
    all.add(encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/g, (met) => met.toLowerCase()));
  };
  add(secret);
  add(secret.trim());
  if (secret.length >= 8) {
    all.add(Buffer.from(secret).toString("base64"));
    all.add(Buffer.from(secret.trim()).toString("base64"));
  }
  // A log shows a key one line at a time. The frame of a PEM file is no secret.
  const lines = secret.split(/\r?\n/);
  if (lines.length > 1) for (const line of lines) if (line.length >= 20 && !line.startsWith("-----")) add(line);
  return [...all];
}

const tellingKeys =
  /^(root_token|token_accessor|keys_base64|keys_b64|keys_hex|unseal_keys?(_b64|_hex)?|recovery_keys?(_b64|_hex|_base64)?|password|client_token)$/i;

/**
 * Redacts every text in a plain value, keys included, and returns a new value as JSON would carry it.
 * Strings of one list are also looked at as one text, since a secret of several lines arrives as a list of log lines.
 */
export function redactDeep<T>(value: T, redact: (text: string) => string): T {
  return walk(value, redact) as T;
}

function walk(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return walkList(value, redact);
  if (value === null || typeof value !== "object") return value;
  if (typeof (value as { toJSON?: unknown }).toJSON === "function")
    return walk((value as { toJSON: () => unknown }).toJSON(), redact);
  const clean: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    clean[redact(key)] = tellingKeys.test(key) ? hide(inner, key) : walk(inner, redact);
  }
  return clean;
}

function walkList(list: unknown[], redact: (text: string) => string): unknown[] {
  const single = list.map((inner) => (inner === undefined ? null : walk(inner, redact)));
  if (list.length < 2 || !list.every((inner) => typeof inner === "string")) return single;
  const whole = redact(list.join("\n"));
  return whole === single.join("\n") ? single : whole.split("\n");
}

/** The value of a field whose name says that it is a secret; empty ones say something and stay. */
function hide(value: unknown, name: string): unknown {
  if (typeof value === "string") return value === "" || value.startsWith("[redacted:") ? value : `[redacted:${name}]`;
  if (Array.isArray(value)) return value.map((inner) => hide(inner, name));
  return value;
}
