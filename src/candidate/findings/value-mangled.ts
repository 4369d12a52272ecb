import type { Finding } from "../../history/events.ts";
import type { CandidateConfig, CandidateService } from "../types.ts";
import { credentialsByForm, namesCredential } from "./credentials.ts";
import { found, list, placeOf, type StaticRule } from "./rule.ts";
import { longest, readersOf, textsOf, withoutUserinfo } from "./text.ts";

/** What rendering leaves behind when it goes wrong, whatever file it is in. */
const everywhere: [RegExp, string][] = [
  [/\[object [A-Z]\w{1,30}\]|%5Bobject%20\w{1,30}%5D/g, "an object printed as text"],
  [/Calling \[(?:toString|toJSON)\] on an \[Output<T>\]|\bOutput<T>/g, "an Output printed as text"],
  [/\[secret\]/g, "a secret's mask instead of its value"],
  [/(?<=["'=:/@.-])undefined(?=["'/:.@?&,}\s-]|$)/gm, "`undefined` as a value"],
  [/(?<=["'=])NaN(?=["'&,}\s]|$)/gm, "`NaN` as a value"],
];
/** Handlebars and its like write these for `=`, quotes and ampersands where nobody reads HTML. */
const entity = /&(?:#x[0-9a-f]{1,4}|#\d{1,4}|amp|quot|apos|lt|gt);/gi;

/**
 * A template's escape, an object printed as text, a placeholder that nobody filled: the service gets another value than was meant, and mostly only fails
 * when it uses it. What programs fill by themselves (Swarm's and Go's `{{.Name}}`, variables of shells, of Fluentd, Grafana or Telegraf) is left alone.
 */
export const valueMangled: StaticRule = {
  id: "static/value-mangled",
  title: "Mangled value in a rendered config",
  cure: "Render without HTML escapes ({{{value}}} in Handlebars), wait for Outputs with `apply`, and give every placeholder its value.",
  find(candidate) {
    const findings: Finding[] = [];
    for (const service of candidate.services) {
      const met = textsOf(service).flatMap(({ where, text }) => inText(text, where, ofService(service, where)));
      if (met.length > 0)
        findings.push(found(valueMangled, placeOf("service", service), `${service.name} is given ${list(met)}.`));
    }
    for (const config of candidate.configs) {
      const met = inText(config.content, "", ofConfig(config, readersOf(candidate, config.name)));
      if (met.length > 0)
        findings.push(found(valueMangled, placeOf("config", config), `Config ${config.name} holds ${list(met)}.`));
    }
    return findings;
  },
};

type Form = [form: RegExp, what: string];

function ofService(service: CandidateService, where: string): Form[] {
  const shell = [...(service.command ?? []), ...(service.args ?? [])].some(
    (part) => /(?:^|\/)(?:ba|da|a|z)?sh$/.test(part) || part === "-c",
  );
  // A rule may capture with ${1}, and a shell fills its own variables; nothing fills those of an environment.
  const variables = where.startsWith("label") || (shell && /^(?:command|argument)/.test(where));
  return [
    [entity, "an HTML entity"],
    ...(variables ? [] : [[/\$\{(?!secret:)[A-Za-z_][\w.]{0,80}\}/g, "an unfilled placeholder"] as Form]),
    [handlebars, "an unfilled template"],
  ];
}

const handlebars = /\{\{\{?\s{0,5}[a-z_][\w.-]{0,80}\s{0,5}\}?\}\}/gi;

function ofConfig({ content }: CandidateConfig, readers: readonly CandidateService[]): Form[] {
  const forms: Form[] = [];
  const markup =
    /^\s*</.test(content) ||
    readers.some((service) => service.configs.some((file) => /\.(?:x?html?|xml|svg|md)$/i.test(file.target)));
  if (!markup) forms.push([entity, "an HTML entity"]);
  // Grafana's legends and Loki's labels are written {{label}}, in files that say so.
  if (!/legendFormat|__interval|"panels"/.test(content)) forms.push([handlebars, "an unfilled template"]);
  // JSON is read as it is; other formats are often filled by their readers.
  if (isJson(content)) forms.push([/\$\{(?!secret:)[A-Za-z_][\w.]{0,80}\}/g, "an unfilled placeholder"]);
  return forms;
}

/** What was met of each form, the first with its surroundings. */
function inText(text: string, where: string, forms: readonly Form[]): string[] {
  const cut = text.slice(0, longest);
  return [...everywhere, ...forms].flatMap(([form, what]) => {
    const all = [...cut.matchAll(form)];
    const [first] = all;
    if (!first) return [];
    const more = all.length > 1 ? ` (${all.length} times)` : "";
    return [
      `${what}, \`${around(cut, first.index, first[0])}\`${more}${where ? ` in ${where}` : ` in line ${cut.slice(0, first.index).split("\n").length}`}`,
    ];
  });
}

/** The value that something stands in, shortened; only the thing itself where the value is, or may hold, a credential. */
function around(text: string, at: number, met: string): string {
  const start = Math.max(text.lastIndexOf("\n", at) + 1, at - 200);
  const line = text.slice(start, at + met.length + 200).split("\n")[0] ?? "";
  const before = line.slice(0, at - start);
  const name = /["']?([\w.-]{1,80})["']?\s{0,5}[:=]\s{0,5}["']?[^"'\s]{0,200}$/.exec(before)?.[1] ?? "";
  const value = `${/[^\s"'`]{0,60}$/.exec(before)?.[0] ?? ""}${met}${/^[^\s"'`]{0,20}/.exec(line.slice(at - start + met.length))?.[0] ?? ""}`;
  if (namesCredential(name) || credentialsByForm(line).length > 0 || /pass|secret|token|key/i.test(value)) return met;
  return withoutUserinfo(value);
}

function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
