import type { Environment } from "./environment.ts";

/** What every command that starts or reads a run is told; a command's own flags come on top. */
export interface RunOptions extends Environment {
  /** Drives everything random of the run; drawn and recorded when not given. */
  seed?: number;
  /** Folder that holds one folder a run. */
  runsDir: string;
  /** Machine-readable: the caller prints the outcome's document and nothing else. */
  json: boolean;
  /** Aborted on SIGINT, SIGTERM and SIGHUP; its reason is a ResilienceError with exit code 130. */
  signal: AbortSignal;
  /** Live progress for a person; goes to stderr, one call a line. */
  onProgress: (line: string) => void;
  /** Whether stderr is a terminal, so that progress may redraw lines. */
  interactive: boolean;
}
