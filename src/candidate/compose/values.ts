import type { Path, Plain } from "./document.ts";
import type { Sources } from "./sources.ts";
import { bytes, durationNs, nanoCpus } from "./units.ts";

/** Reads single values where they stand; every one that is wrong is refused with its place. */
export class Values {
  readonly #sources: Sources;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  text(value: Plain | undefined): string | undefined {
    return value === undefined || value === null || typeof value === "object" || value === "" ? undefined : String(value);
  }

  flag(value: Plain | undefined, path: Path): boolean {
    if (value === undefined || value === null || value === "") return false;
    const word = String(value).toLowerCase();
    if (["true", "yes", "on", "y", "1"].includes(word)) return true;
    if (["false", "no", "off", "n", "0"].includes(word)) return false;
    throw this.#sources.fail(path, "E_COMPOSE_VALUE", `should be true or false but is ${shown(value)}`, "Write true or false.");
  }

  /** A whole number from `min` to `max`. */
  integer(value: Plain | undefined, path: Path, min = 0, max: number = 2 ** 31 - 1): number | undefined {
    if (value === undefined || value === null || value === "") return undefined;
    const number = /^\d+$/.test(String(value)) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw this.#sources.fail(
      path,
      "E_COMPOSE_VALUE",
      `should be a whole number from ${min} to ${max} but is ${shown(value)}`,
      "Correct the number.",
    );
  }

  port(value: Plain | undefined, path: Path): number {
    const number = /^\d{1,5}$/.test(String(value)) ? Number(value) : Number.NaN;
    if (number >= 1 && number <= 65535) return number;
    throw this.#sources.fail(
      path,
      "E_COMPOSE_PORT",
      `should be one port from 1 to 65535 but is ${shown(value)}`,
      "Correct the port.",
    );
  }

  duration(value: Plain | undefined, path: Path): number | undefined {
    if (value === undefined || value === null) return undefined;
    const ns = durationNs(String(value));
    if (ns !== undefined) return ns;
    throw this.#sources.fail(
      path,
      "E_COMPOSE_DURATION",
      `should be a duration with its unit, such as 30s or 1m30s, but is ${shown(value)}`,
      "Correct the duration: a number with ns, us, ms, s, m or h.",
    );
  }

  bytes(value: Plain | undefined, path: Path): number | undefined {
    if (value === undefined || value === null) return undefined;
    const size = bytes(String(value));
    if (size !== undefined) return size;
    throw this.#sources.fail(
      path,
      "E_COMPOSE_BYTES",
      `should be a size such as 512M or 1G but is ${shown(value)}`,
      "Correct the size: a number with b, k, m, g or t.",
    );
  }

  cpus(value: Plain | undefined, path: Path): number | undefined {
    if (value === undefined || value === null) return undefined;
    const nano = nanoCpus(String(value));
    if (nano !== undefined) return nano;
    throw this.#sources.fail(
      path,
      "E_COMPOSE_VALUE",
      `should be a number of processors such as 0.5 but is ${shown(value)}`,
      "Correct the number.",
    );
  }

  /** One of a few words. */
  word<Word extends string>(value: Plain | undefined, path: Path, words: readonly Word[]): Word | undefined {
    if (value === undefined || value === null || value === "") return undefined;
    const found = words.find((word) => word === value);
    if (found) return found;
    throw this.#sources.fail(
      path,
      "E_COMPOSE_VALUE",
      `should be ${words.slice(0, -1).join(", ")} or ${words.at(-1)} but is ${shown(value)}`,
      "Correct the word.",
    );
  }
}

function shown(value: Plain | undefined): string {
  return `"${String(typeof value === "object" ? JSON.stringify(value) : value).slice(0, 60)}"`;
}
