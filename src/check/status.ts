import type { EventOf } from "../history/events.ts";
import type { Judgement } from "./check.ts";
import { condition, fail } from "./expect.ts";
import { errorWords, httpOf, notLooked } from "./http.ts";

/** The HTTP status of a sample is the one expected, or one of several. No answer at all fails; a harness that could not look is unknown. */
export function statusIs(event: EventOf<"sample">, expected: number | readonly number[]): Judgement {
  const allowed = typeof expected === "number" ? [expected] : expected;
  const wanted = allowed.length === 1 ? `is ${allowed[0]}` : `is one of ${allowed.join(", ")}`;
  const mine = notLooked(event);
  if (mine) return { ...mine, expected: `status ${wanted}` };
  const { response, error } = httpOf(event);
  if (!response) {
    const met = errorWords(error);
    return fail(`status ${wanted} (met no answer: ${met})`, { expected: `status ${wanted}`, observed: `no answer: ${met}` });
  }
  return condition("status", response.status, wanted, allowed.includes(response.status));
}

/** The status is anything but this one: a proxy that must not refuse, a route that must not exist. */
export function statusIsNot(event: EventOf<"sample">, refused: number): Judgement {
  const mine = notLooked(event);
  if (mine) return { ...mine, expected: `status is not ${refused}` };
  const { response, error } = httpOf(event);
  if (!response) {
    const met = errorWords(error);
    return fail(`status is not ${refused} (met no answer: ${met})`, {
      expected: `status is not ${refused}`,
      observed: `no answer: ${met}`,
    });
  }
  return condition("status", response.status, `is not ${refused}`, response.status !== refused);
}
