import { clientLabel } from "../../history/experiment.ts";
import type { Judgement, Seen } from "../check.ts";
import { all, fail, named, unknown } from "../expect.ts";
import { errorRateWithin, type Good, percentileWithin } from "../latency.ts";
import { hurtOf, onClientClock, type Story, samplesOf } from "./story.ts";

/** Who must not notice does not: from the fault's announcement to the end, bad answers and p95 stay within the owners' objectives for the API. */
export function bystandersUnharmed(seen: Seen, story: Story, goodOf: (client: string) => Good): Judgement {
  const moments = hurtOf(story);
  if (story.aborted?.guard === "error-budget" || story.aborted?.guard === "blast-radius")
    return fail(`ended by a guardrail (${story.aborted.guard}): ${story.aborted.why}`);
  const errors = seen.objective("error-rate");
  const p95 = seen.objective("api-p95");
  const judged = story.definition.bystanders.map((client) => {
    const { atNs } = onClientClock(seen, client, moments.announced);
    const during = samplesOf(seen, client).filter(({ sample }) => sample.due >= atNs);
    const good = goodOf(client.client);
    // What a bystander met is no measurement of the objective itself.
    const { measured: _errors, ...share } = errorRateWithin(during, errors, good);
    const { measured: _p95, ...speed } = percentileWithin(during, 95, p95, good);
    // A client that looks once a second cannot show one in a hundred in half a minute: none bad is all that it can say.
    const told = share.verdict === "unknown" && during.length > 0 && during.every(({ sample }) => good(sample));
    const kept: Judgement = told ? { ...share, verdict: "pass", reason: `none of ${during.length} answers is bad` } : share;
    return named(clientLabel(client), all([kept, ...(during.length >= 20 ? [speed] : [])]));
  });
  return judged.length === 0 ? unknown("nobody else was watched") : all(judged);
}
