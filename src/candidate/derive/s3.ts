import type { CandidateConfig, CandidateSecret, DefinedService, S3Party } from "../types.ts";
import { address, commonest, isExternal, secretIn, secretNamed } from "./party.ts";
import { type Settings, settingsOf } from "./settings.ts";

const accessSecret = "party-s3-access";
const keySecret = "party-s3-secret";

/** The object storage that services are told of: settings of MinIO or S3, Vault's storage block, environment variables. Undefined where none names a host outside. */
export function s3Party(
  services: readonly DefinedService[],
  configs: readonly CandidateConfig[],
  secrets: readonly CandidateSecret[],
): S3Party | undefined {
  const all = services.flatMap((service) => settingsOf(service, configs).filter(ofStorage));
  const host = commonest(all.map(hostOf).filter((name) => isExternal(name, services)));
  if (host === undefined) return undefined;
  const seen = all.filter((settings) => hostOf(settings) === host);
  const users = seen.map(({ service }) => service);
  const given = (...keys: string[]) =>
    commonest(seen.flatMap(({ values }) => keys.flatMap((key) => secretIn(values.get(key)) ?? [])));
  const buckets = [...seen.flatMap(bucketsOf), ...services.flatMap(legacyBucket)].filter((name) =>
    /^[a-z0-9][a-z0-9.-]+$/.test(name),
  );
  return {
    host,
    accessSecret:
      given("accesskey", "accesskeyid") ?? secretNamed(/(?:s3|minio|spaces|bucket)[\w-]*access/i, users, secrets) ?? accessSecret,
    keySecret:
      given("secretkey", "secretaccesskey") ??
      secretNamed(/^(?!.*access).*(?:s3|minio|spaces|bucket)[\w-]*(?:secret|key)/i, users, secrets) ??
      keySecret,
    buckets: [...new Set(buckets)].sort(),
  };
}

const ofStorage = ({ of }: Settings) => /(?:^|[_-])(?:s3|minio|aws|spaces|object[_-]?storage)$/.test(of);

function hostOf({ values }: Settings): string {
  const keys = ["endpoint", "endpointurl", "endpointurls3", "hostname", "host", "url"];
  return address(keys.map((key) => values.get(key)).find((value) => value !== undefined) ?? "").host;
}

function bucketsOf({ values }: Settings): string[] {
  return [...values].filter(([key]) => /^bucket(?:name|names|s)?(?:\.|$)/.test(key)).map(([, name]) => name);
}

/** The legacy platform names its bucket in a variable of its own and has the endpoint in its code. */
function legacyBucket({ env }: DefinedService): string[] {
  return env.file_bucket === undefined ? [] : [env.file_bucket];
}
