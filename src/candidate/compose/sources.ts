import type { ErrorCode, ResilienceError } from "../../history/errors.ts";
import type { Path, StackDocument } from "./document.ts";
import { refuse } from "./refuse.ts";

/** The stack files of one import, in their order, for errors that name file and line after they were merged. */
export class Sources {
  readonly #documents: readonly StackDocument[];

  constructor(documents: readonly StackDocument[]) {
    this.#documents = documents;
  }

  /** "file:line" of what stands at a path: of the last file that has the most of it. */
  at(path: Path): string {
    let best = { file: this.#documents[0]?.file ?? "", line: 1, depth: -1 };
    for (const { file, line } of this.#documents) {
      const found = line(path);
      if (found.depth >= best.depth) best = { file, ...found };
    }
    return `${best.file}:${best.line}`;
  }

  /** The first file that has a service, and its place for findings: "file: services.name". */
  place(path: Path): { file: string; place: string } {
    const has = this.#documents.find((document) => document.line(path).depth === path.length) ?? this.#documents[0];
    return { file: has?.file ?? "", place: `${has?.file ?? ""}: ${path.join(".")}` };
  }

  /** An error about what stands at a path; the sentence goes on behind the path. */
  fail(path: Path, code: ErrorCode, sentence: string, cure: string): ResilienceError {
    return refuse(code, `${this.at(path)}: ${path.join(".")} ${sentence}.`, cure);
  }
}
