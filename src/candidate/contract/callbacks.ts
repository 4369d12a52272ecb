import { configsIn } from "../expectations/read.ts";
import type { Candidate, Role } from "../types.ts";
import { gatekeeperOf } from "./gatekeeper.ts";

/** An address that a login provider sends people back to. */
export interface Callback {
  /** Dotted name in the configuration of the service. */
  setting: string;
  service: string;
  url: string;
  /** Role of the service that must be reached there: an application's own callbacks come to itself, `frontend_callback` to the web client. */
  expects?: Role;
}

/** Every callback address in the candidate's configurations. */
export function callbacksOf(candidate: Candidate): Callback[] {
  return candidate.services.flatMap((service) => {
    if (service.role === "forward-auth") {
      const url = gatekeeperOf(candidate, service)?.callback;
      return url === undefined ? [] : [{ setting: "callbackUrl", service: service.name, url, expects: service.role }];
    }
    return configsIn(candidate, service).flatMap(({ content }) => {
      return textsIn(jsonOf(content))
        .filter(({ path, text }) => /callback/i.test(path.at(-1) ?? "") && URL.canParse(text))
        .map(({ path, text }) => {
          const expects = /frontend/i.test(path.at(-1) ?? "") ? "web" : service.role;
          return { setting: path.join("."), service: service.name, url: text, ...(expects ? { expects } : {}) };
        });
    });
  });
}

function jsonOf(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return undefined;
  }
}

function textsIn(value: unknown, path: string[] = []): { path: string[]; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, [...path, key]));
}
