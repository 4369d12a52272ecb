import { createHash } from "node:crypto";
import type Dockerode from "dockerode";
import { Authority } from "../authority.ts";
import { run } from "../exec.ts";
import { kindLabel, labelsOf } from "../labels.ts";
import { createRunNetwork } from "../run-networks.ts";
import { markUsed, pruneStores } from "./golden-stores.ts";
import { SwarmNode, storeVolume } from "./node.ts";

/**
 * A golden store: a Docker data root that holds exactly these images, sealed, never written again; nodes clone it by hard links in a quarter of a second.
 * Its key is the hash of the images' ids and tags. A new one starts as a clone of the sealed store that shares most images, so that one changed image costs one load; those
 * that nobody used for long go then.
 */
export async function ensureGolden(options: {
  docker: Dockerode;
  runId: string;
  runner: string;
  nodeImage: string;
  /** Local tags and ids of the images that tasks need. */
  images: { tag: string; id: string }[];
  onProgress: (text: string) => void;
}): Promise<string> {
  const { docker } = options;
  const ids = options.images.map((image) => image.id).sort();
  const pairs = options.images.map(({ id, tag }) => `${id} ${tag}`).sort();
  const key = createHash("sha256").update(pairs.join("\n")).digest("hex").slice(0, 16);
  await docker.createVolume({ Name: storeVolume, Labels: { [kindLabel]: "store" } });
  const sealed = await sealedStores(options, key);
  if (sealed.has(key)) return key;

  const shared = (store: string[]) => store.filter((id) => ids.includes(id)).length;
  const nearest = [...sealed].filter(([, store]) => shared(store) > 0).sort(([, a], [, b]) => shared(b) - shared(a))[0];
  const present = new Set(nearest?.[1] ?? []);
  const missing = options.images.filter((image) => !present.has(image.id));
  options.onProgress(`loading ${missing.length} of ${ids.length} images into a node's store`);

  const authority = await Authority.create("sprocket-resilience golden store");
  const labels = labelsOf(options.runId, "network", options.runner);
  const network = await createRunNetwork(docker, { name: `sr-${options.runId}-golden`, internal: false, labels });
  const building = `clones/${options.runId}-golden`;
  try {
    const node = await SwarmNode.start({
      docker,
      runId: options.runId,
      runner: options.runner,
      name: `sr-${options.runId}-golden`,
      hostname: "golden",
      image: options.nodeImage,
      ...(nearest ? { golden: nearest[0] } : {}),
      clone: building,
      networks: [network],
      publish: [],
      authority,
    });
    try {
      for (const image of options.images.filter((one) => !missing.includes(one))) {
        // The same image by another tag: a recipe that changed and gave the same. Where the store knows it by another id, it is loaded.
        const [repo, version] = image.tag.split(":") as [string, string];
        const tagged = await node.daemon
          .getImage(image.id)
          .tag({ repo, tag: version })
          .then(
            () => true,
            () => false,
          );
        if (!tagged) missing.push(image);
      }
      for (const image of missing) {
        options.onProgress(`loading ${image.tag}`);
        const archive = await docker.getImage(image.tag).get();
        const answer = await node.daemon.loadImage(archive, { quiet: true });
        await new Promise<void>((resolve, reject) =>
          docker.modem.followProgress(answer, (error) => (error ? reject(error) : resolve())),
        );
      }
      // Tags of images that this set does not want would let a task run what was not asked for.
      const wanted = new Set(options.images.map((image) => image.tag));
      for (const image of await node.daemon.listImages()) {
        for (const tag of image.RepoTags ?? [])
          if (!wanted.has(tag) && tag !== "<none>:<none>") await node.daemon.getImage(tag).remove({ force: true });
      }
      await docker.getContainer(node.containerId).stop({ t: 20 });
    } finally {
      await node.stop();
    }
  } finally {
    await docker.getNetwork(network.id).remove();
  }
  await storeHelper(
    options,
    [
      "sh",
      "-ec",
      `mkdir -p /store/golden && cd /store && printf '%s\\n' "$IDS" > "${building}/sprocket-images" && rm -rf "${building}/swarm" && { mv -T "${building}" "golden/${key}" 2>/dev/null || rm -rf "${building}"; } && ${markUsed}`,
    ],
    { IDS: ids.join("\n"), KEY: key },
  );
  await pruneStores(docker, (argv) => storeHelper(options, argv));
  return key;
}

/** Sealed stores in the volume: key → ids of their images. The wanted one, if it is there, is marked as chosen in the same breath. */
async function sealedStores(
  options: { docker: Dockerode; runId: string; runner: string; nodeImage: string },
  wanted: string,
): Promise<Map<string, string[]>> {
  const output = await storeHelper(
    options,
    [
      "sh",
      "-ec",
      `if [ -f "/store/golden/$KEY/sprocket-images" ]; then ${markUsed}; fi; cd /store; for s in golden/*/sprocket-images; do [ -f "$s" ] && { echo "= \${s%/*}"; cat "$s"; } || true; done`,
    ],
    { KEY: wanted },
  );
  const stores = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of output.split("\n")) {
    const head = /^= golden\/(.+)$/.exec(line);
    if (head) {
      current = [];
      stores.set(head[1] as string, current);
    } else if (line) current.push(line);
  }
  return stores;
}

/** Runs one command with the store volume mounted, in a container that lives as long as the command. */
export async function storeHelper(
  options: { docker: Dockerode; runId: string; runner: string; nodeImage: string },
  argv: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const container = await options.docker.createContainer({
    Image: options.nodeImage,
    Entrypoint: ["sleep", "600"],
    Cmd: [],
    Labels: labelsOf(options.runId, "helper", options.runner),
    HostConfig: { Binds: [`${storeVolume}:/store`], NetworkMode: "none", Init: true },
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
  });
  try {
    await container.start();
    const { code, stdout, stderr } = await run(options.docker, container.id, argv);
    if (code !== 0) throw new Error(`the store helper ended with code ${code}: ${stderr}`);
    return stdout;
  } finally {
    await container.remove({ force: true, v: true });
  }
}
