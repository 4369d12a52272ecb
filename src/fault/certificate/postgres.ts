import { putFiles } from "../../engine/docker-files.ts";
import { run } from "../../engine/exec.ts";
import type { Replica } from "../../replica/up.ts";
import type { PreparedFault } from "../fault.ts";
import { freshMark } from "../fresh-mark.ts";
import { askParty } from "../party/ask.ts";
import { theParty } from "../party/the-party.ts";
import type { ToShow } from "./shown.ts";

/** PostgreSQL shows another certificate to new sessions: its files are replaced, and it is told to read them again. Sessions that are open stay. */
export async function onPostgres(
  replica: Replica,
  kind: string,
  issue: (names: string[]) => Promise<ToShow>,
): Promise<PreparedFault> {
  const it = await theParty(replica, "postgres");
  const wanted = replica.plan.candidate.parties.postgres;
  if (!wanted) throw new Error("the candidate addresses no PostgreSQL");
  const toShow = await issue([wanted.host]);
  const saved = `/var/lib/postgresql/${freshMark()}`;
  const shown = async () => (await askParty(replica, "postgres", it)).tls?.chain?.[0];
  return {
    name: `certificate-${kind}/postgres`,
    detail: { party: "postgres", container: it.id, sha256: toShow.sha256 },
    undo: [{ do: "exec", container: it.id, argv: ["sh", "-c", givingBack, saved] }],
    apply: async () => {
      await putFiles(it.container, [
        { path: `${saved}.new/server.crt`, content: toShow.leaf.certificate },
        { path: `${saved}.new/server.key`, content: toShow.leaf.key, mode: 0o600 },
      ]);
      const { code, stderr } = await run(replica.docker, it.id, ["sh", "-c", changing, saved]);
      if (code !== 0) throw new Error(`postgres did not take the certificate: ${stderr.trim()}`);
    },
    bites: async () => toShow.is(await shown()),
    healed: async () => {
      const seen = await shown();
      return seen !== undefined && !toShow.is(seen);
    },
  };
}

/** The server's first process is the container's; on SIGHUP it reads its certificate again. The folder with the former files appears at once or not at all. */
const changing = `set -eu
cd "$PGDATA"
mkdir "$0.part"
cp -p server.crt server.key "$0.part/"
mv "$0.part" "$0"
cat "$0.new/server.key" > server.key
cat "$0.new/server.crt" > server.crt
kill -HUP 1`;

const givingBack = `cd "$PGDATA" || exit 1
if [ -d "$0" ]; then cp -p "$0/server.crt" "$0/server.key" . && kill -HUP 1 || exit 1; fi
rm -rf "$0" "$0.part" "$0.new"`;
