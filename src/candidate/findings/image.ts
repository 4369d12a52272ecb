/** The parts of an image reference; `tag` and `digest` are absent where they are not written. */
export interface ImageName {
  /** Last part of the repository: "rejson" of "redislabs/rejson:2.0.7". */
  base: string;
  tag?: string;
  digest?: string;
}

/** Reads an image reference; a colon before the last slash belongs to a registry's port. */
export function imageName(reference: string): ImageName {
  const at = reference.indexOf("@");
  const digest = at < 0 ? undefined : reference.slice(at + 1);
  const name = at < 0 ? reference : reference.slice(0, at);
  const slash = name.lastIndexOf("/");
  const colon = name.indexOf(":", slash + 1);
  const base = name.slice(slash + 1, colon < 0 ? undefined : colon);
  const tag = colon < 0 ? undefined : name.slice(colon + 1);
  return { base, ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) };
}

const moving = new Set(
  "latest main master trunk head edge dev develop development nightly next canary snapshot unstable testing staging stable lts prod production release current".split(
    " ",
  ),
);

/**
 * How much a tag says: `fixed` names one build, `line` a line of versions whose next patch release takes the tag over, `floats` whatever was built last.
 * A digest pins, whatever the tag.
 */
export function tagKind({ tag, digest }: ImageName): "fixed" | "line" | "floats" {
  if (digest !== undefined) return "fixed";
  if (tag === undefined) return "floats";
  const [first = ""] = tag.toLowerCase().split(/[-_.]/);
  // A commit's hash or a date names one build, also behind a branch's name (main-1a7b170).
  const marked =
    /(?:^|[-_.])(?=[0-9a-f]*\d)[0-9a-f]{7,40}(?:$|[-_.])/i.test(tag) ||
    /\d{4}-?\d{2}-?\d{2}/.test(tag) ||
    /\d+\.\d+\.\d+/.test(tag);
  if (marked) return "fixed";
  if (moving.has(first)) return "floats";
  if (/^v?\d+(?:\.\d+)?(?:[-_].*)?$/i.test(tag)) return "line";
  return /\d/.test(tag) ? "fixed" : "floats";
}
