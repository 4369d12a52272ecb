import type { FaultKind } from "../fault.ts";
import { interpose, s3Error } from "./interpose.ts";

/** A party that speaks HTTP answers a share of requests with this status, as an overloaded or broken one does; the rest is its own. */
interface Answers {
  kind: "party/answers";
  party: "s3" | "acme";
  status: 403 | 429 | 500 | 503;
  /** Share of requests, 1 to 100; absent: all. */
  percent?: number;
}

/** S3's own codes for them; 429 is not S3's, but what stands before it says so. */
const codes = { 403: "AccessDenied", 429: "TooManyRequests", 500: "InternalError", 503: "SlowDown" } as const;
const problems = { 403: "unauthorized", 429: "rateLimited", 500: "serverInternal", 503: "serverInternal" } as const;

export const answers: FaultKind<Answers> = {
  kind: "party/answers",
  words: ({ party, status, percent = 100 }) =>
    `${party} answers ${percent === 100 ? "every request" : `${percent} % of requests`} with ${status}`,
  async prepare(replica, { party, status, percent = 100 }) {
    if (!Number.isInteger(percent) || percent < 1 || percent > 100)
      throw new Error(`${percent} is no share of requests in percent`);
    const answer =
      party === "s3"
        ? { status, ...s3Error(codes[status]) }
        : {
            status,
            type: "application/problem+json",
            body: JSON.stringify({ type: `urn:ietf:params:acme:error:${problems[status]}`, detail: "by a fault", status }),
          };
    return await interpose(replica, party, { name: `party-answers-${status}/${party}`, answer, percent });
  },
};
