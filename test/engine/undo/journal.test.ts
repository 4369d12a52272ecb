import { appendFileSync } from "node:fs";
import { expect, test } from "vitest";
import { UndoJournal } from "../../../src/engine/undo/journal.ts";
import type { UndoStep } from "../../../src/engine/undo/step.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const steps: UndoStep[] = [{ do: "unpause", container: "c" }];

test("what was announced and not closed is left, in order, whoever asks later", async () => {
  const folder = await temporaryFolder();
  const journal = new UndoJournal(folder);
  const first = journal.open("a", steps);
  journal.open("b", steps);
  journal.close(first);
  journal.open("c", []);
  expect(new UndoJournal(folder).left().map(({ fault }) => fault)).toEqual(["b", "c"]);
});

test("a second process goes on with numbers of its own", async () => {
  const folder = await temporaryFolder();
  new UndoJournal(folder).open("a", steps);
  const second = new UndoJournal(folder);
  const id = second.open("b", steps);
  second.close(id);
  expect(new UndoJournal(folder).left()).toEqual([{ id: 0, fault: "a", steps }]);
});

test("a last line that a crash cut is of a fault that was not applied yet", async () => {
  const journal = new UndoJournal(await temporaryFolder());
  journal.open("a", steps);
  appendFileSync(journal.path, '{"open":1,"fault":"b","ste');
  expect(journal.left().map(({ fault }) => fault)).toEqual(["a"]);
});
