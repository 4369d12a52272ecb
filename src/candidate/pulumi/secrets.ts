import { createHash } from "node:crypto";
import { ResilienceError } from "../../history/errors.ts";
import type { CandidateSecret } from "../types.ts";
import type { Placeholder, Registration } from "./evaluation.ts";
import { placeOf } from "./place.ts";
import { text, unmark } from "./values.ts";

/** A `docker.Secret` as the program registers it; `data` decoded. */
interface SwarmSecret {
  name: string;
  place: string;
  data: string;
}

/** Literals shorter than this are no secrets that a text could be searched for. */
const shortestLiteral = 8;

/** Names may stand in `${secret:NAME}`. */
const nameable = (name: string) => name.replace(/[^\w-]+/g, "-");

/**
 * Every secret value of an evaluation under one name, and the texts in which they stood without them.
 *
 * A value is called as the `docker.Secret` that holds it and nothing else; where none does, as its configuration key or its resource.
 * What a `docker.Secret` holds in clear is a secret too: it is generated like the others, and what the program says is not passed on.
 */
export class Secrets {
  readonly #names = new Map<string, string>();
  readonly #lengths = new Map<string, number>();
  readonly #plain = new Map<string, string>();
  readonly #swarm: SwarmSecret[];
  readonly #taken = new Set<string>();
  readonly #used = new Set<string>();
  /** Longest first, so that no value is cut by a shorter one inside it. */
  #values: string[] = [];
  /** Names of the secrets whose literal in the program was replaced by a generated one. */
  readonly literals: string[] = [];

  constructor(
    placeholders: readonly Placeholder[],
    stacks: readonly { folder: string; registrations: readonly Registration[] }[],
  ) {
    this.#swarm = stacks.flatMap(({ folder, registrations }) =>
      registrations
        .filter((each) => each.type === "docker:index/secret:Secret")
        .map((each) => ({
          name: text(unmark(each.outputs.name)) ?? each.name,
          place: placeOf(folder, each.urn),
          data: decoded(text(unmark(each.inputs.data)) ?? ""),
        })),
    );
    const names = namesOf(stacks);
    const known = new Map(placeholders.map((each) => [each.value, each]));
    for (const each of placeholders) {
      // A random string that names something is no secret: everybody sees it.
      if (each.loose && names.some((name) => name.includes(each.value))) this.#plain.set(each.value, ordinary(each));
    }
    for (const { name, data } of this.#swarm) {
      this.#taken.add(nameable(name));
      if (this.#names.has(data) || this.#plain.has(data)) continue;
      const placeholder = known.get(data);
      const composite = placeholders.some((each) => data.includes(each.value));
      if (placeholder === undefined && (composite || data.length < shortestLiteral)) continue;
      if (placeholder === undefined) this.literals.push(nameable(name));
      this.#add(data, nameable(name), placeholder?.length ?? data.length);
    }
    for (const each of placeholders) {
      if (!this.#names.has(each.value) && !this.#plain.has(each.value))
        this.#add(each.value, this.#free(nameable(each.name)), each.length);
    }
    this.#sort();
  }

  /** The name of a value that a provider is given; one that the program says in clear gets the name that is proposed. */
  nameOf(value: string, proposed: string): string {
    const known = this.#names.get(value);
    if (known !== undefined) {
      this.#used.add(known);
      return known;
    }
    const name = this.#free(nameable(proposed));
    this.#add(value, name, value.length);
    this.literals.push(name);
    this.#used.add(name);
    this.#sort();
    return name;
  }

  /** Names of the secrets whose placeholders these are. */
  namesOf(values: readonly string[]): string[] {
    return [...new Set(values.map((value) => this.#names.get(value)).filter((name) => name !== undefined))].sort();
  }

  /**
   * A text with `${secret:NAME}` in place of every secret value.
   *
   * @param place for the error
   * Errors: E_PULUMI_ENCODED where a secret stands in it in another shape (base64 or upper case), in which it cannot be replaced.
   */
  replace(content: string, place: string): string {
    let out = content;
    for (const [value, plain] of this.#plain) out = out.replaceAll(value, plain);
    for (const value of this.#values) {
      if (!out.includes(value)) continue;
      const name = this.#names.get(value) as string;
      this.#used.add(name);
      out = out.replaceAll(value, `\${secret:${name}}`);
    }
    const value = this.#hiddenIn(out);
    if (value !== undefined) {
      throw new ResilienceError(
        "E_PULUMI_ENCODED",
        `${place} should hold the secret "${this.#names.get(value)}" as it is but holds it in another encoding.`,
        { cure: "Give the plain value to the service, or the encoded one as a secret of its own.", exitCode: 3 },
      );
    }
    return out;
  }

  /** All secrets that Swarm is given, and those that were met in a text. */
  list(): CandidateSecret[] {
    const out: CandidateSecret[] = this.#swarm.map(({ name, place, data }) => {
      const own = this.#names.get(data);
      const shape = { length: this.#lengths.get(data) ?? Math.max(1, data.length), alphabet: "alphanumeric" as const };
      if (own === nameable(name)) return { name, place, shape };
      const content = this.replace(data, place);
      return content === data ? { name, place, shape } : { name, place, shape, content };
    });
    const there = new Set(out.map((each) => nameable(each.name)));
    for (const [value, name] of this.#names) {
      if (this.#used.has(name) && !there.has(name))
        out.push({ name, shape: { length: this.#lengths.get(value) as number, alphabet: "alphanumeric" } });
    }
    return out.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The value that stands in a text in base64 or upper case. */
  #hiddenIn(content: string): string | undefined {
    const shapes = [content.toLowerCase()];
    // A run may begin anywhere before the encoded text, so all four alignments are read.
    for (const [run] of content.matchAll(/[A-Za-z0-9+/_-]{24,}/g))
      for (const from of [0, 1, 2, 3]) shapes.push(Buffer.from(run.slice(from), "base64").toString("latin1"));
    return this.#values.find((value) => shapes.some((shape) => shape.includes(value)));
  }

  #add(value: string, name: string, length: number): void {
    this.#names.set(value, name);
    this.#lengths.set(value, length);
    this.#taken.add(name);
  }

  #free(name: string): string {
    for (let at = 1; ; at += 1) {
      const tried = at === 1 ? name : `${name}-${at}`;
      if (!this.#taken.has(tried)) return tried;
    }
  }

  #sort(): void {
    this.#values = [...this.#names.keys()].sort((a, b) => b.length - a.length);
  }
}

/** Text of a base64 `data`; what is not base64 is taken as it is, as the provider would refuse it. */
export function decoded(data: string): string {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(data)) return data;
  return Buffer.from(data, "base64").toString("utf8");
}

/** What names something in Swarm, a database or a bucket. */
function namesOf(stacks: readonly { registrations: readonly Registration[] }[]): string[] {
  return stacks.flatMap(({ registrations }) =>
    registrations
      .filter((each) => each.custom)
      .flatMap((each) => [each.outputs.name, each.outputs.bucket].map((value) => text(unmark(value)) ?? "")),
  );
}

/** What a random string that is no secret stands for: as long as it was asked, the same in every evaluation. */
function ordinary(placeholder: Placeholder): string {
  const digits = createHash("sha512").update(placeholder.value).digest("hex");
  return digits.repeat(Math.ceil(placeholder.length / digits.length)).slice(0, placeholder.length);
}
