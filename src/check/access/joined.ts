import { accessModes } from "../../history/access.ts";
import type { AccessMatrix } from "./matrix.ts";

/** What several checks saw of the access modes as one matrix; a mode that none of them looked from stands in it and says so. */
export function joinedMatrix(parts: readonly AccessMatrix[]): AccessMatrix {
  const routes = new Map(parts.flatMap((part) => part.routes).map((route) => [route.id, route]));
  return {
    decides: parts[0]?.decides ?? "actual",
    modes: accessModes.map(
      (mode) =>
        parts.flatMap((part) => part.modes).find((one) => one.mode === mode) ?? {
          mode,
          from: "",
          resolver: "",
          trust: "",
          looked: false,
          why: "this run did not look from there",
        },
    ),
    routes: [...routes.values()],
    cells: parts.flatMap((part) => part.cells),
  };
}
