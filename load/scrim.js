// A scrim from its beginning to its replay, each step by another service behind the broker: created, joined (which fills it), read, its replay submitted, the submission read.
import exec from "k6/execution";
import { ask } from "./api.js";
import { api, flow, handleSummary, optionsFor, steadily } from "./common.js";

const steps = ["create", "join", "read", "submit", "submission"];
export const options = optionsFor(
  // Five requests each.
  { scrim: steadily({ rate: 70, duration: "60s" }) },
  { "": api, ...Object.fromEntries(steps.map((step) => [`step:${step}`, api])) },
);
export { handleSummary };

export default () =>
  flow((verify) => {
    const player = `${exec.vu.idInTest}`;
    const created = ask(
      "mutation ($player: ID!) { createScrim(playerId: $player, size: 2) { id status } }",
      { step: "create" },
      { player },
    );
    if (!verify(created, { "a scrim is created, pending": ({ data }) => data?.createScrim?.status === "PENDING" })) return;
    const { id } = created.data.createScrim;

    const joined = ask(
      "mutation ($id: ID!, $player: ID!) { joinScrim(id: $id, playerId: $player) { status players } }",
      { step: "join" },
      { id, player: `${player}-other` },
    );
    if (!verify(joined, { "the second player fills it": ({ data }) => data?.joinScrim?.status === "POPPED" })) return;

    const read = ask("query ($id: ID!) { scrim(id: $id) { status players } }", { step: "read" }, { id });
    verify(read, { "it holds both players": ({ data }) => data?.scrim?.players?.length === 2 });

    const replay = `replay of ${id}`;
    const submitted = ask(
      "mutation ($id: ID!, $replay: String!) { createSubmission(scrimId: $id, replay: $replay) { id bytes } }",
      { step: "submit" },
      { id, replay },
    );
    if (!verify(submitted, { "its replay is taken whole": ({ data }) => data?.createSubmission?.bytes === replay.length }))
      return;

    const submission = ask(
      "query ($id: ID!) { submission(id: $id) { scrimId replay } }",
      { step: "submission" },
      { id: submitted.data.createSubmission.id },
    );
    verify(submission, { "the submission is of that scrim": ({ data }) => data?.submission?.scrimId === id });
  });
