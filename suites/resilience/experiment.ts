import type { Role } from "../../src/candidate/types.ts";
import { type CheckOptions, check, type Judgement, type Seen } from "../../src/check/check.ts";
import { experimentAccount } from "../../src/check/experiment/account.ts";
import { ledgerSurvives } from "../../src/check/experiment/kept.ts";
import { holdsMeanwhile } from "../../src/check/experiment/meanwhile.ts";
import { victimsRecover } from "../../src/check/experiment/recovers.ts";
import { sideEffectsSmall } from "../../src/check/experiment/side-effects.ts";
import { victimsBackAtSpeed } from "../../src/check/experiment/speed.ts";
import { asFarAsItWent, type Story, storyOf } from "../../src/check/experiment/story.ts";
import { bystandersUnharmed } from "../../src/check/experiment/unharmed.ts";
import type { Fault } from "../../src/fault/kinds.ts";
import type { ClientUse, ExperimentDefinition, LedgerUse } from "../../src/history/experiment.ts";
import { type Need, observation } from "../../src/probe/observation.ts";
import { type ClientName, clients } from "./clients.ts";
import { gauges } from "./gauges.ts";
import { type LedgerName, ledgers } from "./ledgers.ts";

type Use = ClientUse & { client: ClientName };

/** An experiment as its file declares it. */
export interface Declared extends Omit<ExperimentDefinition<Fault>, "tags" | "withinMs" | "mayEnd"> {
  needs: readonly Need[];
  tags?: readonly string[];
  withinMs?: number;
  mayEnd: readonly Role[];
  victims: readonly Use[];
  bystanders: readonly Use[];
  ledger?: LedgerUse & { store: LedgerName };
}

const declared: ExperimentDefinition<Fault>[] = [];

/**
 * Registers an experiment: one observation, whose acting is the runner's, and a check each for what it asks: victims recover, bystanders notice nothing, what was
 * acknowledged is kept.
 */
export function experiment({ needs, ...given }: Declared): void {
  const definition: ExperimentDefinition<Fault> = { tags: [], withinMs: 480_000, ...given };
  const { name, title, tier, service } = definition;
  const id = `resilience/${name}`;
  declared.push(definition);
  const watched = observation(id, {
    tier,
    needs: [...needs],
    effect: "disrupt",
    experiment: true,
    // The runner's own bound comes first, so that what it undoes and records is whole.
    withinMs: definition.withinMs + 60_000,
    collect: (context) => context.experiment(definition, { clients, gauges, ledgers }),
  });
  const goodOf = (client: string) => clients[client as ClientName].good;
  const judge = (
    suffix: string,
    promise: string,
    judged: (seen: Seen, story: Story) => Judgement,
    more: Partial<CheckOptions> = {},
  ) =>
    check(`${id}-${suffix}`, watched, { title: `${title}: ${promise}`, service, ...more }, (seen) => {
      const story = storyOf(seen, id);
      return asFarAsItWent(story, judged(seen, story));
    });
  judge("recovers", "every victim is served again in time", (seen, story) => victimsRecover(seen, story, goodOf), {
    account: (seen) => experimentAccount(seen, storyOf(seen, id), goodOf),
  });
  judge("back-at-speed", "afterwards it is as fast as before", (seen, story) => victimsBackAtSpeed(seen, story, goodOf));
  if (definition.bystanders.length > 0)
    judge("spares-others", "nobody else notices", (seen, story) => bystandersUnharmed(seen, story, goodOf));
  if (definition.meanwhile) judge("holds", "what must hold meanwhile does", (seen, story) => holdsMeanwhile(seen, story, goodOf));
  judge("side-effects", "what it leaves beside bad answers is little", (seen, story) => sideEffectsSmall(seen, story, gauges));
  const { ledger } = definition;
  if (ledger)
    judge("keeps", "what was acknowledged is kept", (seen, story) =>
      ledgerSurvives(seen, story, ledgers[ledger.store as LedgerName].acknowledgement),
    );
}

/** Every experiment, in the order of registration. */
export function experiments(): readonly ExperimentDefinition<Fault>[] {
  return declared;
}
