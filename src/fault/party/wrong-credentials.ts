import { randomUUID } from "node:crypto";
import { run } from "../../engine/exec.ts";
import type { Replica } from "../../replica/up.ts";
import type { FaultKind, PreparedFault } from "../fault.ts";
import { freshMark } from "../fresh-mark.ts";
import { askParty } from "./ask.ts";
import { interpose, s3Error } from "./interpose.ts";
import { theParty } from "./the-party.ts";

/** What the candidate holds is no longer valid at the party: somebody changed the password or withdrew the key, and told nobody. */
interface WrongCredentials {
  kind: "party/wrong-credentials";
  party: "postgres" | "s3";
  /** Of PostgreSQL: sessions that are open are ended too, as an operator would; without it they stay, as PostgreSQL keeps them. */
  endSessions?: boolean;
}

export const wrongCredentials: FaultKind<WrongCredentials> = {
  kind: "party/wrong-credentials",
  words: ({ party, endSessions }) =>
    party === "s3"
      ? "s3 knows the candidate's access key no more: every request is answered 403 InvalidAccessKeyId"
      : `the password of the candidate's account at postgres is another one${endSessions ? ", and its open sessions are ended" : ""}`,
  prepare: async (replica, { party, endSessions }) =>
    party === "s3"
      ? await interpose(replica, "s3", {
          name: "party-wrong-credentials/s3",
          answer: { status: 403, ...s3Error("InvalidAccessKeyId") },
          percent: 100,
        })
      : await otherPassword(replica, endSessions ?? false),
};

async function otherPassword(replica: Replica, endSessions: boolean): Promise<PreparedFault> {
  const it = await theParty(replica, "postgres");
  const wanted = replica.plan.candidate.parties.postgres;
  if (!wanted) throw new Error("the candidate addresses no PostgreSQL");
  const saved = `/var/lib/postgresql/${freshMark()}`;
  const refused = async () => (await askParty(replica, "postgres", it)).error?.kind === "auth";
  return {
    name: "party-wrong-credentials/postgres",
    detail: { party: "postgres", container: it.id, account: wanted.user, endSessions },
    undo: [{ do: "exec", container: it.id, argv: ["sh", "-c", givingBack, saved] }],
    apply: async () => {
      const { code, stderr } = await run(replica.docker, it.id, [
        ...["sh", "-c", changing, saved, String(wanted.port), wanted.databases[0] ?? "postgres", wanted.user],
        randomUUID(),
        String(endSessions),
      ]);
      if (code !== 0) throw new Error(`the password was not changed: ${stderr.trim()}`);
    },
    bites: refused,
    healed: async () => (await askParty(replica, "postgres", it)).error === undefined,
  };
}

/**
 * As the provider's own account, over the socket inside the machine. What undoes it is written first: the statement that sets the verifier as it is stored, byte for byte, so no
 * password is known to anybody. Its name appears at once or not at all.
 */
const changing = `set -eu
sql() { psql -v ON_ERROR_STOP=1 -qAt -U "$POSTGRES_USER" -p "$port" -d "$database" -v account="$account" "$@"; }
port=$1 database=$2 account=$3
umask 077
{ echo "$port $database"; echo "SELECT format('ALTER ROLE %I PASSWORD %L;', rolname, rolpassword) FROM pg_authid WHERE rolname = :'account'" | sql; } > "$0.part"
mv "$0.part" "$0"
echo "ALTER ROLE :\\"account\\" PASSWORD :'password'" | sql -v password="$4"
[ "$5" = true ] || exit 0
echo "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :'account'" | sql > /dev/null`;

const givingBack = `rm -f "$0.part"
[ -e "$0" ] || exit 0
read -r port database < "$0" || exit 1
tail -n +2 "$0" | psql -v ON_ERROR_STOP=1 -q -U "$POSTGRES_USER" -p "$port" -d "$database" && rm -f "$0"`;
