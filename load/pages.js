// Pages of Sprocket's web client, at WEB_URL.
import http from "k6/http";
import { url } from "./common.js";

const origin = url("WEB_URL");

/** One page as a browser asks for it, without what it would load next. Redirects are not followed: each is a request to look at. */
export function get(path, tags = {}) {
  return http.get(`${origin}${path}`, { redirects: 0, tags, timeout: "10s", headers: { accept: "text/html" } });
}

const header = (response, name) =>
  response.headers[Object.keys(response.headers).find((key) => key.toLowerCase() === name)] ?? "";

export const sendsToLogin = {
  "the home page sends a visitor to the login": (response) =>
    response.status === 302 && /(^|\/\/[^/]+)\/auth\/login$/.test(header(response, "location")),
};
export const isLoginPage = {
  "the login page is there": (response) => response.status === 200 && header(response, "content-type").startsWith("text/html"),
  // Told by the stand-in; the real page does not say.
  "its own server reaches the API": (response) => !String(response.body).includes('data-api="unreachable"'),
};
