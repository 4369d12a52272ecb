import { credentialsByForm, namesCredential } from "../findings/credentials.ts";

/**
 * One field of a service as one source has it. `text` is what is compared; `also` are other names of the same thing (an id and its name); `hide` keeps a text
 * that may be a credential from being shown. `secret` is there and cannot be known; `opaque` may or may not be there.
 */
export type FieldValue =
  | { kind: "text"; text: string; also?: string[]; hide?: boolean }
  | { kind: "secret" }
  | { kind: "opaque" };

/** A service as one source has it, field by field; a field that is missing is not set. What a group's key says is unknown is unknown of every field of it. */
export interface ServiceView {
  name: string;
  fields: Map<string, FieldValue>;
  /** Beginnings of fields that this source cannot tell at all, such as "environment ". */
  opaque: string[];
}

/** Collects the fields of a view; what is empty or Swarm's own default is left out, so that unset and default are the same. */
export class ViewWriter {
  readonly view: ServiceView;

  constructor(name: string) {
    this.view = { name, fields: new Map(), opaque: [] };
  }

  /** Sets a text; undefined, empty and the default set nothing. */
  text(field: string, text: string | undefined, options: { default?: string; also?: string[] } = {}): void {
    if (text === undefined || text === "" || text === options.default) return;
    const also = (options.also ?? []).filter((one) => one !== "");
    this.view.fields.set(field, {
      kind: "text",
      text,
      ...(also.length > 0 ? { also } : {}),
      ...(hides(field, text) ? { hide: true } : {}),
    });
  }

  /** Sets words, such as a command line, with what has spaces in quotes. */
  words(field: string, words: readonly string[] | undefined): void {
    this.text(field, words?.map((word) => (/^[^\s"']+$/.test(word) ? word : JSON.stringify(word))).join(" "));
  }

  /** Sets a set of names, whose order says nothing. */
  names(field: string, names: readonly string[] | undefined): void {
    this.text(field, names === undefined ? undefined : [...names].sort().join(", "));
  }

  /** Sets a duration in nanoseconds; 0 is unset, as Swarm has it. */
  duration(field: string, ns: number | undefined, options: { default?: number } = {}): void {
    if (ns !== undefined && ns !== 0 && ns !== options.default) this.text(field, `${ns / 1e9} s`);
  }

  /** Sets a number; 0 is unset. */
  number(field: string, value: number | undefined, options: { default?: number } = {}): void {
    if (value !== undefined && value !== 0 && value !== options.default) this.text(field, String(value));
  }

  /** Sets a number that may be 0 and mean it. */
  count(field: string, value: number | undefined, options: { default: number }): void {
    if (value !== undefined && value !== options.default) this.text(field, String(value));
  }

  secret(field: string): void {
    this.view.fields.set(field, { kind: "secret" });
  }

  opaque(prefix: string): void {
    this.view.opaque.push(prefix);
  }
}

function hides(field: string, text: string): boolean {
  return (
    namesCredential(field) ||
    /--?(?:requirepass|[\w-]*(?:password|secret|token))\b/i.test(text) ||
    credentialsByForm(text).length > 0
  );
}

/** A name without the seven hexadecimal digits that Pulumi adds. */
export function plainName(name: string): string {
  return name.replace(/-[0-9a-f]{7}$/, "");
}

/** A mount's text; the target is part of the field. */
export function mountText(mount: { type: string; source: string; readOnly: boolean }): string {
  const source = mount.type === "volume" ? plainName(mount.source) : mount.source;
  return `${mount.type} ${source}${mount.readOnly ? ", read-only" : ""}`;
}

/** A published port's text. */
export function portText(port: { published: number; target: number; protocol: string; mode: string }): string {
  return `${port.published}/${port.protocol} to ${port.target} (${port.mode})`;
}

/** A file's mode as it is written; Swarm's default 0444 is left out. */
export function modeText(mode: number | undefined): string {
  return mode === undefined || mode === 0o444 ? "" : ` mode 0${mode.toString(8)}`;
}
