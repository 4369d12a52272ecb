// Questions as Sprocket's pages and bots ask them: eight in ten read (database, cache, events), three in twenty write (database, broker), one in twenty goes to the object store. Each kind in turn, so that
// none is left out.
import exec from "k6/execution";
import { ask } from "./api.js";
import { api, flow, handleSummary, optionsFor, steadily } from "./common.js";

const isText = (value) => typeof value === "string" && value !== "";
const some = (name) => `${name} ${exec.vu.idInTest}-${exec.vu.iterationInInstance}`;

const reads = {
  time: { query: "{ databaseTime }", good: (data) => !Number.isNaN(Date.parse(data.databaseTime)) },
  players: { query: "{ players(last: 20) { id name createdAt } }", good: (data) => Array.isArray(data.players) },
  cached: { query: `{ cached(key: "sprocket-resilience-load") { value hit } }`, good: (data) => isText(data.cached?.value) },
  events: { query: "{ events(last: 20) { topic receivedAt } }", good: (data) => Array.isArray(data.events) },
};
const writes = {
  createPlayer: {
    query: "mutation ($text: String!) { createPlayer(name: $text) { id name } }",
    variables: () => ({ text: some("load") }),
    good: (data) => isText(data.createPlayer?.id),
  },
  notify: {
    query: `mutation ($text: String!) { notify(userId: "1", message: $text) { id } }`,
    variables: () => ({ text: some("load") }),
    good: (data) => isText(data.notify?.id),
  },
};
const stores = { storage: { query: "{ storage { bytes intact } }", good: (data) => data.storage?.intact === true } };

const kinds = [reads, writes, stores].flatMap((kind) => Object.keys(kind));
export const options = optionsFor(
  {
    reads: steadily({ rate: 350, duration: "60s", exec: "read", share: 0.8 }),
    writes: steadily({ rate: 350, duration: "60s", exec: "write", share: 0.15 }),
    stores: steadily({ rate: 350, duration: "60s", exec: "store", share: 0.05 }),
  },
  { "": api, ...Object.fromEntries(kinds.map((kind) => [`operation:${kind}`, api])) },
);
export { handleSummary };

function next(operations) {
  const names = Object.keys(operations);
  const name = names[exec.scenario.iterationInTest % names.length];
  const { query, variables, good } = operations[name];
  flow((verify) => {
    const answer = ask(query, { operation: name }, variables?.());
    verify(answer, { [`${name} is answered well`]: ({ data }) => data !== undefined && good(data) });
  });
}
export const read = () => next(reads);
export const write = () => next(writes);
export const store = () => next(stores);
