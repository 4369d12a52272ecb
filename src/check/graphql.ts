import type { EventOf } from "../history/events.ts";
import type { Sample } from "../history/sample.ts";
import type { Judgement } from "./check.ts";
import { fail, pass, show } from "./expect.ts";
import { errorWords, httpOf, notLooked } from "./http.ts";

/** An answer to a GraphQL question: data and errors, as the body of the response had them. */
export interface GraphqlAnswer {
  status: number;
  data: Record<string, unknown>;
  errors: { message: string; code?: string; dependency?: string }[];
}

/** The GraphQL answer in a sample's body; undefined when no such answer came. */
export function graphqlOf(sample: Sample): GraphqlAnswer | undefined {
  if (sample.probe !== "http" || sample.error || sample.response?.bodyText === undefined) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(sample.response.bodyText);
  } catch {
    return undefined;
  }
  if (typeof body !== "object" || body === null || !("data" in body || "errors" in body)) return undefined;
  const { data, errors } = body as { data?: unknown; errors?: unknown };
  return {
    status: sample.response.status,
    data: typeof data === "object" && data !== null ? (data as Record<string, unknown>) : {},
    errors: Array.isArray(errors) ? errors.map(errorOf) : [],
  };
}

/** The question was answered with 200 and without an error. GraphQL tells its errors in the body of a 200. */
export function answeredWell(sample: Sample): boolean {
  const answer = graphqlOf(sample);
  return answer !== undefined && answer.status === 200 && answer.errors.length === 0;
}

/**
 * A GraphQL question is answered without errors, and with what `wanted` says of the data. An error is told in the server's own words, with its code and the
 * dependency that it names.
 *
 * @param wanted undefined when the data are right, else what is wrong with them
 */
export function answersGraphql(
  event: EventOf<"sample">,
  expectation: string,
  wanted: (data: Record<string, unknown>) => string | undefined = () => undefined,
): Judgement {
  const expected = expectation;
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const answer = graphqlOf(event.sample);
  if (!answer) {
    const { response, error } = httpOf(event);
    const met = response ? `status ${response.status}, ${show(response.bodyText ?? "no body")}` : errorWords(error);
    return fail(`no GraphQL answer came: ${met}`, { expected, observed: met });
  }
  const [first] = answer.errors;
  if (first) {
    const met = `${first.code ?? "error"}${first.dependency ? ` (${first.dependency})` : ""}: ${first.message}`;
    return fail(`the API answers ${met}`, { expected, observed: met });
  }
  const wrong = wanted(answer.data);
  const observed = show(answer.data);
  if (answer.status !== 200) return fail(`status is 200 (met ${answer.status})`, { expected, observed });
  return wrong === undefined ? pass(expectation, { expected, observed }) : fail(wrong, { expected, observed });
}

function errorOf(error: unknown): GraphqlAnswer["errors"][number] {
  const { message, extensions } = (error ?? {}) as { message?: unknown; extensions?: { code?: unknown; dependency?: unknown } };
  return {
    message: String(message),
    ...(typeof extensions?.code === "string" ? { code: extensions.code } : {}),
    ...(typeof extensions?.dependency === "string" ? { dependency: extensions.dependency } : {}),
  };
}
