import type { ReferenceEntries } from "./entry.ts";
import { secretText } from "./names.ts";

/** What stack layer_1 registers. */
export const layer1: ReferenceEntries = {
  traefik: { role: "traefik", needs: ["traefik-socket-sock-proxy"], core: true },
  "traefik-socket-sock-proxy": { role: "socket-proxy", needs: [], core: true },
  "traefik-fa-service": {
    role: "forward-auth",
    needs: [],
    core: true,
    env: { CLIENT_SECRET: secretText("discord-fa-client-secret") },
  },
};
