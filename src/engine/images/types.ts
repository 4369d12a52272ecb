/** Who an image is for: the candidate's services, parties outside its Swarm, the harness itself, or a stand-in of ours. */
export type ImageKind = "service" | "party" | "harness" | "stand-in";

/**
 * What the official image promises to whoever runs it. A test reads it and the image that was built.
 * `source` cites the upstream definition as "owner/repository path (tag or branch)", or says that the image is ours.
 */
export interface ImagePromise {
  /** As in the image's configuration: "" is root by default. */
  user: string;
  entrypoint: string[];
  cmd: string[];
  /** Variables that must be set, by value. */
  env: Record<string, string>;
  /** Exposed ports, "80/tcp". */
  ports: string[];
  /** Files and directories that must exist. */
  paths: string[];
  volumes: string[];
  source: string;
}

/** A difference that a user of the image may meet: see "substitution" in docs/architecture.md. */
export interface ImageSubstitution {
  asked: string;
  got: string;
  why: string;
  /** What a check must not conclude from this image: words that checks name in `needs`. */
  hides: string[];
}

/** A step whose product is copied into the image: it lands in an artifact image of its own, keyed by all that goes into it. */
export interface ArtifactBuild {
  name: string;
  /** `go`: a container with a Go toolchain; `pip`: a container with pip; `npm`: the host's npm (lock file, no scripts). */
  with: "go" | "pip" | "npm";
  /** Debian packages that a `go` step compiles with, beside Go; C is compiled only where there are some. */
  packages?: string[];
  /** Folders copied to the work folder, relative to the package's root. `optional` ones may be missing. */
  inputs: { from: string; to: string; optional?: boolean }[];
}

/** How the image is had from package registries alone. */
export interface ImageRecipe {
  /** Folder below fixtures/images with `Dockerfile` and, below `files/`, what it copies. */
  folder: string;
  /** Debian packages of the layer below the Dockerfile. */
  packages: string[];
  /** Artifacts whose `/out` the Dockerfile may copy, by the build argument that names each. */
  artifacts?: Record<string, ArtifactBuild>;
  /** Versions by part, for people: the packages' own pins are in the folder. */
  versions: Record<string, string>;
  /** Replaced in the Dockerfile, `@NAME@` by its value, before the build. */
  args?: Record<string, string>;
  /** Seconds that it took cold on two cores: the longest start first. */
  coldSeconds: number;
}

/** One entry of the catalogue. */
export interface ImageEntry {
  name: string;
  kind: ImageKind;
  /** The registry reference of the line that Sprocket uses, or undefined where no registry has the image. */
  reference?: string;
  /** References of candidates that this entry answers for: a repository, with a tag or digest only where that matters. */
  aliases: string[];
  promise: ImagePromise;
  recipe: ImageRecipe;
  /** What differs when the recipe's image is used; absent where nothing does. */
  substitution?: ImageSubstitution;
}

export type ImageSource = "registry" | "recipe" | "stand-in";
export type ImageOrigin = "present" | "pulled" | "built" | "loaded";

/** An image that is there, ready to run. */
export interface ProvidedImage {
  name: string;
  /** Local tag, `sprocket-resilience/<name>:<key>`; the key is the recipe's hash, or `pulled-` and the reference's hash. */
  tag: string;
  id: string;
  sizeBytes: number;
  source: ImageSource;
  origin: ImageOrigin;
  asked: string;
  got: string;
  substitution?: ImageSubstitution;
  /** How long having it took. */
  seconds: number;
}

/** `auto`: what is there, else pull, else build. The others force one way; `local` never acts. */
export type ImagePolicy = "auto" | "pull" | "build" | "local";

export type ImagePhase = "look" | "pull" | "base" | "packages" | "artifact" | "assemble" | "done" | "failed";

/** One step of progress: the last line that the tool behind it printed, and the seconds since this image was begun. */
export interface ImageProgress {
  name: string;
  phase: ImagePhase;
  line: string;
  seconds: number;
}
