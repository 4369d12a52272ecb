/** Pulumi's mark of a value that is not plain JSON, and what each signature means. */
const mark = "4dabf18193072939515e22adb298388d";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
/** What stands for a value that was not known when the state was written. */
const computed = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value that cannot be known: ciphertext, a secret in plain that is not kept, or one that was not known. */
export class Unknowable {
  readonly secret: boolean;
  constructor(secret: boolean) {
    this.secret = secret;
  }
}

/** Deepest nesting that is followed; what lies below is unknowable. */
const deepest = 24;

/** A recorded value as plain data, with an `Unknowable` in the place of every secret; the secret itself is read nowhere. */
export function plainValue(value: unknown, depth = 0): unknown {
  if (value === computed) return new Unknowable(false);
  if (typeof value !== "object" || value === null) return value;
  if (depth > deepest) return new Unknowable(false);
  if (Array.isArray(value)) return value.map((one) => plainValue(one, depth + 1));
  if (mark in value) {
    const { [mark]: signature, secret, value: inner } = value as Record<string, unknown>;
    if (signature === outputSignature) return secret === true ? new Unknowable(true) : plainValue(inner, depth + 1);
    return new Unknowable(true);
  }
  const plain: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) plain[key] = plainValue(inner, depth + 1);
  return plain;
}

/** Follows a path into plain data: the value, undefined where it ends, or the `Unknowable` that stands in the way. */
export function at(value: unknown, ...path: string[]): unknown {
  let here = value;
  for (const key of path) {
    if (here instanceof Unknowable) return here;
    if (typeof here !== "object" || here === null || Array.isArray(here)) return undefined;
    here = (here as Record<string, unknown>)[key];
  }
  return here;
}
