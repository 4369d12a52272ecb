import type { ReferenceEntries } from "./entry.ts";
import { legacyRedisName, secretText } from "./names.ts";
import type { ReferenceParties } from "./parties.ts";

const password = "prod-legacy-redis-password";

/** The legacy platform of stack platform: all that its programs know comes by the environment, credentials included. */
export function legacy({ postgres, s3 }: ReferenceParties): ReferenceEntries {
  const needs = ["party:postgres", "party:s3", legacyRedisName];
  const env = (botToken: string) => ({
    REDIS_HOST: legacyRedisName,
    REDIS_PASSWORD: secretText(password),
    SPROCKET: "yes",
    bot_token: secretText(botToken),
    // A role of its own, on the platform's database.
    connstring: `postgresql://sprocket_prod_legacy:${secretText("postgres-password-legacy")}@${postgres.host}:${postgres.port}/sprocket_main?ssl=true`,
    file_bucket: "sprocket-main-1",
    file_token: secretText(s3.accessSecret),
    file_token_secret: secretText(s3.keySecret),
  });
  return {
    [legacyRedisName]: { role: "legacy-redis", needs: [], password },
    // The worker speaks with the second bot's token.
    "prod-legacy-worker": { role: "legacy-worker", needs, env: env("legacy-bot-token-emilia") },
    "prod-legacy-bot-service-emilio": {
      role: "legacy-bot-1",
      needs,
      env: { ...env("legacy-bot-token-emilio"), bot: "Emilio" },
    },
    "prod-legacy-bot-service-emilia": {
      role: "legacy-bot-2",
      needs,
      env: { ...env("legacy-bot-token-emilia"), bot: "Emilia" },
    },
  };
}
