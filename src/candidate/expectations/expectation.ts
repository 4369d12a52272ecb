import type { Candidate } from "../types.ts";

/**
 * Two sets of expectations: `actual`, what the program gives, decides what a check wants; what `documented`, the owners' documents, promises and a definition
 * does not give is a finding.
 */
export type ExpectationSet = "actual" | "documented";

/** What one set says of a subject, in words that follow "promises" or "gives". */
export interface Statement {
  says: string;
  /** Sprocket's document, commit or file. */
  source: string;
}

/** A value of the subject at one place of a candidate. */
export interface Seen<Value> {
  /** `service:NAME`, `network:NAME`, `config:NAME` or "candidate", or the place that the importer knows. */
  place: string;
  value: Value;
  /** What was met there, as a clause. */
  met: string;
}

/** Where a candidate is unlike a set. */
export interface Departure {
  place: string;
  met: string;
}

export interface Expectation extends Record<ExpectationSet, Statement> {
  /** Kebab-case; its finding is `documented/<id>`. */
  id: string;
  subject: string;
  /** Row of the facts sheet's table 0.3, where it has one. */
  row?: number;
  cure: string;
  /** Nothing where the candidate keeps the set, and where it lacks the subject. Pure. */
  departures(candidate: Candidate, set: ExpectationSet): Departure[];
}

interface Told<Value> extends Statement {
  keeps: (value: Value) => boolean;
}

/** An expectation by what is read from a candidate and by what each set makes of the value. */
export function expectation<Value>(told: {
  id: string;
  subject: string;
  row?: number;
  /** Empty where the candidate lacks the subject. */
  read: (candidate: Candidate) => Seen<Value>[];
  documented: Told<Value>;
  actual: Told<Value>;
  cure: string;
}): Expectation {
  const { read, ...rest } = told;
  return {
    ...rest,
    departures: (candidate, set) =>
      read(candidate)
        .filter(({ value }) => !told[set].keeps(value))
        .map(({ place, met }) => ({ place, met })),
  };
}
