import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { $ } from "zx";

/**
 * Runs the gate inside a network namespace of its own that has loopback and nothing else: no default route, no other interface, no way out. The engine is one of its own
 * in there, with the images of the engine outside. `node scripts/no-way-out.ts [ARGUMENTS OF gate]`; by default the checks of the four ways in. Linux, root.
 */
process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const args = process.argv.length > 2 ? process.argv.slice(2) : ["--only", "access/*"];
const folder = await mkdtemp(join(tmpdir(), "sprocket-no-way-out-"));
const images = join(folder, "images.tar");

console.error("the images of the engine outside are saved");
await $({ stdio: ["ignore", "ignore", "inherit"] })`node bin/sprocket-resilience.mjs images save ${images}`;

// $1: folder; the rest: arguments of the gate. The daemon is ended by its id, whatever comes of the gate.
const inside = `
set -eu
folder=$1; shift
ip link set lo up
routes=$(ip route show; ip -6 route show default)
echo "interfaces: $(ip -brief link | awk '{ print $1 }' | tr '\\n' ' ')" >&2
[ -z "$routes" ] || { echo "the namespace has routes: $routes" >&2; exit 1; }
export DOCKER_HOST="unix://$folder/docker.sock"
dockerd --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$folder/docker.pid" --host "$DOCKER_HOST" >"$folder/dockerd.log" 2>&1 &
daemon=$!
trap 'kill "$daemon"; wait "$daemon" 2>/dev/null || true' EXIT
tries=0
until docker version >/dev/null 2>&1; do
  tries=$((tries + 1))
  { [ "$tries" -lt 300 ] && kill -0 "$daemon"; } || { tail -20 "$folder/dockerd.log" >&2; exit 1; }
  sleep 0.1
done
export SPROCKET_PROVISION=never SPROCKET_IMAGES=local
node bin/sprocket-resilience.mjs images load "$folder/images.tar" >/dev/null
rm "$folder/images.tar"
ended=0
node bin/sprocket-resilience.mjs gate "$@" || ended=$?
[ -z "$(ip route show default)" ] || { echo "a default route came up" >&2; exit 1; }
echo "no default route before, none after" >&2
exit "$ended"
`;
try {
  const gate = await $({ stdio: "inherit", nothrow: true })`unshare --net --mount sh -c ${inside} no-way-out ${folder} ${args}`;
  process.exitCode = gate.exitCode ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
