import type { ReferenceEntries } from "./entry.ts";
import { databasePassword, influxToken, rabbitmqName, redisName, redisPassword, secretText } from "./names.ts";
import type { ReferenceParties } from "./parties.ts";

/** What stack layer_2 registers, and the two data stores of the platform stack that by what they are stand in layer 2, where the documents have them. */
export function layer2(domain: string, { postgres }: ReferenceParties): ReferenceEntries {
  return {
    [redisName]: { role: "redis", needs: [], core: true, tier: "layer2", password: redisPassword },
    [rabbitmqName]: { role: "rabbitmq", needs: [], core: true, tier: "layer2" },
    "layer2redis-redis-primary": { role: "layer2-redis", needs: [], password: "layer2redis-password" },
    influx: {
      role: "influx",
      needs: [],
      env: {
        DOCKER_INFLUXDB_INIT_USERNAME: "admin",
        DOCKER_INFLUXDB_INIT_PASSWORD: secretText(influxToken),
        DOCKER_INFLUXDB_INIT_ADMIN_TOKEN: secretText(influxToken),
      },
    },
    loki: { role: "loki", needs: [] },
    "fluent-service": { role: "fluentd", needs: ["loki"] },
    "grafana-service": {
      role: "grafana",
      needs: ["influx", "loki", "party:postgres"],
      env: {
        GF_SERVER_ROOT_URL: `https://grafana.${domain}`,
        GF_DATABASE_HOST: `${postgres.host}:${postgres.port}`,
        GF_DATABASE_NAME: "grafana",
        GF_DATABASE_USER: postgres.user,
        GF_DATABASE_PASSWORD: secretText(databasePassword),
        // Mail cannot work in the program either: user and password of its relay are dummies.
        GF_SMTP_HOST: "smtp.relay.example:465",
        GF_SMTP_USER: "none",
        GF_SMTP_PASSWORD: "none",
        // Not Grafana's names of these two settings, so it takes no notice.
        GF_FROM_ADDRESS: `noreply@${domain}`,
        GF_FROM_NAME: "Sprocket Noreply",
        INFLUX_TOKEN: secretText(influxToken),
      },
    },
    "replicated-telegraf-service": {
      role: "telegraf",
      needs: ["influx"],
      env: {
        HOSTNAME: "{{.Node.Hostname}}",
        INFLUX_HOSTNAME: "influx",
        INFLUX_TOKEN: secretText(influxToken),
        POSTGRES_HOST: postgres.host,
        POSTGRES_USER: postgres.user,
        POSTGRES_PASSWORD: secretText(databasePassword),
      },
    },
    "gatus-internal": { role: "gatus", needs: [] },
  };
}
