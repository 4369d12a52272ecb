import type Dockerode from "dockerode";
import type { Leaf } from "../../authority.ts";
import type { RunNetwork } from "../../run-networks.ts";
import type { PartySite } from "../containers.ts";
import { awaitContainer, hasPrinted, startContainer } from "./container.ts";

/** The tailnet's relay: derper with a certificate of the run's authority, and STUN beside it. */
export async function startDerper(
  docker: Dockerode,
  site: PartySite,
  options: { network: RunNetwork; address: string; hostname: string; tls: Leaf },
): Promise<{ containerId: string }> {
  const { network, address, hostname, tls } = options;
  const container = await startContainer(docker, site, {
    name: "derper",
    image: "derper",
    argv: [
      "derper",
      "--a=:443",
      "--http-port=-1",
      "--c=/var/lib/derper/derper.key",
      "--certmode=manual",
      "--certdir=/tls",
      `--hostname=${hostname}`,
    ],
    stands: { network, address },
    files: [
      { path: `/tls/${hostname}.crt`, content: tls.certificate },
      { path: `/tls/${hostname}.key`, content: tls.key, mode: 0o600 },
    ],
  });
  await awaitContainer(container, "derper to serve", () => hasPrinted(container, "serving on :443 with TLS"));
  return { containerId: container.id };
}
