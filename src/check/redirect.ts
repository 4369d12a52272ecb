import type { EventOf } from "../history/events.ts";
import type { Judgement } from "./check.ts";
import { fail, pass } from "./expect.ts";
import { errorWords, header, httpOf, notLooked } from "./http.ts";

const redirects = [301, 302, 303, 307, 308];

/**
 * A stranger is sent to another host: a door that its gatekeeper keeps closed.
 *
 * Every other answer is named for what it means. A 500 is a broken gatekeeper, not a closed door: Traefik answers it when forward-auth cannot be
 * reached or trusted, and then the people who should come in do not either.
 *
 * @param host expected in `Location`; `{host}` stands for the candidate's domain.
 * @param domain the candidate's domain; by default the requested host name without its first label.
 */
export function redirectsTo(event: EventOf<"sample">, host: string, domain?: string): Judgement {
  const mine = notLooked(event);
  if (mine) return { ...mine, expected: `redirect to ${host}` };
  const asked = askedHost(event);
  const wanted = host.replace("{host}", domain ?? asked?.split(".").slice(1).join(".") ?? "{host}").toLowerCase();
  const expected = `redirect to ${wanted}`;
  const { response, error } = httpOf(event);
  if (!response)
    return fail(`no answer instead of a redirect to ${wanted}: ${errorWords(error)}`, { expected, observed: errorWords(error) });
  const { status } = response;
  const location = header(response, "location");
  if (!redirects.includes(status))
    return fail(`${meaning(status)} (expected a redirect to ${wanted})`, { expected, observed: `status: ${status}` });
  if (location === undefined)
    return fail(`status ${status} without a Location (expected ${wanted})`, {
      expected,
      observed: `status: ${status}, no Location`,
    });
  const met = hostOf(location) ?? asked;
  const observed = `status: ${status}, Location: ${location}`;
  return met === wanted
    ? pass(`redirects to ${wanted}`, { expected, observed })
    : fail(`redirects to ${met ?? location} instead of ${wanted}`, { expected, observed });
}

function meaning(status: number): string {
  if (status >= 500) return `the gatekeeper is broken, which is not a closed door: status ${status}`;
  if (status === 404) return "there is no such route: status 404";
  if (status >= 400) return `refused without a way to log in: status ${status}`;
  if (status >= 300) return `status ${status}, which is no redirect`;
  return `the door is open to strangers: status ${status}`;
}

function askedHost(event: EventOf<"sample">): string | undefined {
  // A target is a method and a URL.
  return hostOf(event.target.replace(/^[A-Z]+ /, "")) ?? event.sample.tls?.serverName.toLowerCase();
}

/** Host name of an absolute URL; nothing for a relative one, which stays where it was. */
function hostOf(url: string): string | undefined {
  try {
    return new URL(url).hostname.toLowerCase() || undefined;
  } catch {
    return undefined;
  }
}
