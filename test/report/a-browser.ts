import { type Browser, chromium } from "playwright-core";
import { chromiumPath } from "../browser-setup.ts";

/** Debian's Chromium without a window, asking nobody anything of its own accord. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
