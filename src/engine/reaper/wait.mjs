// The reaper while it waits: holds the other end of a pipe from the runner. `done` on it means that the runner cleaned up itself; its end without that word
// means that the runner died, whatever killed it, and `main` removes everything of the run.
// Plain JavaScript without an import, since it waits through the whole run: stripping types alone costs 20 MB.
let said = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  said += chunk;
});
process.stdin.on("end", () => {
  if (said.includes("done")) process.exit(0);
  import(process.argv[2]);
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
