/** Swarm's names of services and names of secrets that several parts of the reference address. */
export const redisName = "prod-datastores-redis-redis-primary";
export const rabbitmqName = "prod-datastores-rmq-service";
export const coreName = "prod-sprocket-core-service";
export const legacyRedisName = "prod-legacy-redis-redis-primary";
export const dgraphZeroName = "prod-elo-service-dgraph-zero";
export const dgraphAlphaName = "prod-elo-service-dgraph-alpha";

export const redisPassword = "prod-secrets-redis-password";
export const databasePassword = "prod-secrets-db-password";
/** Influx's admin password, which the program makes its API token too. */
export const influxToken = "prod-secrets-influx-token";

/** Where a secret's value stands inside a text of the candidate. */
export const secretText = (secret: string) => `\${secret:${secret}}`;
