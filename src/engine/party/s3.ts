import type { S3Party } from "../../candidate/types.ts";
import type { Leaf } from "../authority.ts";
import { containers, type Party, type PartySite } from "./containers.ts";

/** Object storage under the candidate's own host name, with TLS; buckets are addressed both as `bucket.host` and by path. */
export async function startS3(site: PartySite, wanted: S3Party, access: string, secret: string, tls: Leaf): Promise<Party> {
  const { GenericContainer, Wait } = await containers();
  const start = [
    `mkdir -p ${wanted.buckets.map((bucket) => `/data/${bucket}`).join(" ")}`,
    `exec versitygw --port :443 --cert /tls/server.crt --key /tls/server.key --virtual-domain ${wanted.host} posix /data`,
  ].join(" && ");
  const container = await new GenericContainer(site.image("s3"))
    .withName(`sr-${site.runId}-s3`)
    .withLabels(site.labels)
    .withNetworkMode(site.network)
    .withEnvironment({ ROOT_ACCESS_KEY: access, ROOT_SECRET_KEY: secret })
    .withCopyContentToContainer([
      { content: tls.certificate, target: "/tls/server.crt", mode: 0o644 },
      { content: tls.key, target: "/tls/server.key", mode: 0o644 },
    ])
    .withEntrypoint(["/bin/sh", "-c"])
    .withCommand([start])
    .withWaitStrategy(Wait.forLogMessage(/:443/))
    .start();
  return { name: "s3", container, address: container.getIpAddress(site.network) };
}
