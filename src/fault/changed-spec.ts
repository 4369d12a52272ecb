import type { ServiceSpec } from "../engine/swarm/swarm.ts";
import type { UndoStep } from "../engine/undo/step.ts";
import type { Replica } from "../replica/up.ts";
import { claim, faultFolder } from "./claim.ts";

/** A service whose spec a fault changed. */
export interface ChangedSpec {
  undo: UndoStep;
  apply(change: (spec: ServiceSpec) => ServiceSpec): Promise<void>;
  /** Whether the manager has the spec as the fault left it. */
  isChanged(): Promise<boolean>;
}

const label = "sprocket-resilience.fault";

/** Gives the saved spec back to a service that still has the fault's own; what it had before is not asked for by name, since `rollback` would also take back an earlier change. */
const giveBack = `spec="$folder/$id.spec"; service="http://docker/v1.41/services/$1"
ask() { curl -sS -f -m 10 --unix-socket /var/run/docker.sock "$@"; }
for try in 1 2 3 4 5; do
  now=$(ask "$service") || { docker service inspect "$1" >/dev/null 2>&1 && continue || break; }
  case \${now%%\\"PreviousSpec\\"*} in *"${label}.$id"*) ;; *) break ;; esac
  version=$(printf %s "$now" | sed -n 's/.*"Version":{"Index":\\([0-9]*\\)}.*/\\1/p')
  ask -X POST -H "Content-Type: application/json" --data "@$spec" "$service/update?version=$version" >/dev/null && break
  [ "$try" -lt 5 ] || exit 1
done
rm -f "$spec"`;

/** Nothing of the spec is in the undo step itself, since it may hold secrets: the node keeps it, in memory. */
export function changedSpec(replica: Replica, service: string): ChangedSpec {
  const held = claim(replica, `spec of ${service}`);
  const mark = `${label}.${held.id}`;
  return {
    undo: held.undo(giveBack, service),
    async apply(change) {
      const path = `${faultFolder}/${held.id}.spec`;
      await held.apply("");
      await replica.swarm.updateService(service, async (spec) => {
        const content = Buffer.from(JSON.stringify(spec)).toString("base64");
        await replica.nodeAgent.file({ action: "write", path, content, mode: 0o600 });
        const changed = change(spec);
        const { ContainerSpec } = changed.TaskTemplate;
        return {
          ...changed,
          TaskTemplate: {
            ...changed.TaskTemplate,
            ContainerSpec: { ...ContainerSpec, Labels: { ...ContainerSpec.Labels, [mark]: "" } },
          },
        };
      });
    },
    async isChanged() {
      const spec = await replica.swarm.specOf(service);
      return spec.TaskTemplate.ContainerSpec.Labels?.[mark] !== undefined;
    },
  };
}
