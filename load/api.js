// Questions to Sprocket's GraphQL API, at TARGET_URL.
import http from "k6/http";
import { flow, measuringOnly, url } from "./common.js";

const target = url("TARGET_URL");
const headers = { "content-type": "application/json" };

/**
 * One GraphQL question by POST; connections are kept by each virtual user, as k6 does it unless told otherwise.
 * @returns what came, with the data of its answer beside it: undefined when it was none, or told of errors, which GraphQL does with a status of 200
 */
export function ask(query, tags = {}, variables = {}) {
  const response = http.post(target, JSON.stringify({ query, variables }), { headers, tags, timeout: "5s" });
  return { status: response.status, data: response.status === 200 ? dataOf(response.body) : undefined };
}

function dataOf(body) {
  try {
    const { data, errors } = JSON.parse(body);
    return errors || !data ? undefined : data;
  } catch {
    return undefined;
  }
}

/** The question that costs the API least, answered well. */
export function askTypename(tags = {}) {
  if (measuringOnly) {
    // The body is read and dropped, as our agent does in a series.
    http.post(target, JSON.stringify({ query: "{ __typename }" }), { headers, tags, responseType: "none", timeout: "5s" });
    return;
  }
  flow((verify) => {
    verify(ask("{ __typename }", tags), { "is answered as GraphQL does": ({ data }) => data?.__typename === "Query" });
  });
}
