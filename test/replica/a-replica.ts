import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import type { Candidate } from "../../src/candidate/types.ts";
import { type ProvidedImage, provideImages } from "../../src/engine/images/index.ts";
import { runLabel } from "../../src/engine/labels.ts";
import { openEngine } from "../../src/engine/provision/open.ts";
import { Reaper } from "../../src/engine/reaper/reaper.ts";
import { type Removal, removeRun } from "../../src/engine/remove-run.ts";
import { planFor } from "../../src/experiment/candidate.ts";
import { newRunId } from "../../src/experiment/run-folder.ts";
import type { Tier } from "../../src/history/events.ts";
import { Redactor } from "../../src/history/redactor.ts";
import { HistoryWriter } from "../../src/history/writer.ts";
import { imagesOf } from "../../src/replica/images.ts";
import { type Replica, up } from "../../src/replica/up.ts";
import { withDataDisk } from "../../src/substitute/data-disk.ts";
import type { ReplicaPlan } from "../../src/substitute/plan.ts";

/** What a test starts a replica with; `images` replaces what the catalogue gives. */
export interface Wanted {
  upTo: Tier;
  change?: (candidate: Candidate) => void;
  /** On a node with a data disk. */
  dataDisk?: true;
  images?: (images: ProvidedImage[]) => ProvidedImage[];
  tierWithinMs?: number;
}

/** A replica on its way up, with its history, and the end of both. */
export interface Start {
  docker: Dockerode;
  runId: string;
  plan: ReplicaPlan;
  history: HistoryWriter;
  redactor: Redactor;
  /** Resolves when it is up. */
  replica: Promise<Replica>;
  /** Everything on the user's Docker that carries this run's label. */
  existing(): Promise<{ containers: Dockerode.ContainerInfo[]; networks: Dockerode.NetworkInspectInfo[] }>;
  down(): Promise<Removal>;
}

/** Starts a replica of the reference as `up` does, under a reaper of its own. */
export async function startReplica(wanted: Wanted): Promise<Start> {
  const { docker, endpoint } = await openEngine({ provision: "never", onProgress: () => {} });
  const candidate = structuredClone(referenceCandidate("core"));
  wanted.change?.(candidate);
  const planned = await planFor(candidate, { images: "auto", engine: async () => docker });
  const plan = wanted.dataDisk ? withDataDisk(planned) : planned;
  const provided = await provideImages(docker, imagesOf(plan), { policy: "auto", onProgress: () => {} });
  const images = wanted.images?.(provided) ?? provided;
  const runId = newRunId();
  const folder = mkdtempSync(join(tmpdir(), "sprocket-resilience-replica-"));
  const redactor = new Redactor();
  const history = await HistoryWriter.open(folder, { redact: redactor.redact });
  const reaper = Reaper.start(runId, endpoint);
  const replica = up(
    {
      docker,
      runId,
      plan,
      images,
      append: (event) => void history.append(event),
      zeroNs: history.zeroNs,
      hide: (name, value) => void redactor.add(name, value),
      signal: new AbortController().signal,
      onProgress: () => {},
      upTo: wanted.upTo,
      ...(wanted.tierWithinMs === undefined ? {} : { tierWithinMs: wanted.tierWithinMs }),
    },
    async () => {},
  );
  // Whoever awaits it gets the error; nobody may be waiting yet.
  replica.catch(() => {});
  const filters = JSON.stringify({ label: [`${runLabel}=${runId}`] });
  return {
    docker,
    runId,
    plan,
    history,
    redactor,
    replica,
    existing: async () => ({
      containers: await docker.listContainers({ all: true, filters }),
      networks: await docker.listNetworks({ filters }),
    }),
    async down() {
      await replica.catch(() => {});
      const removal = await removeRun(docker, runId);
      reaper.dismiss();
      await history.close();
      rmSync(folder, { recursive: true, force: true });
      return removal;
    },
  };
}
