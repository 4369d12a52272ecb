import type { Command } from "../command.ts";
import { bench } from "./bench.ts";
import { chaos } from "./chaos.ts";
import { doctor } from "./doctor.ts";
import { down } from "./down.ts";
import { drift } from "./drift.ts";
import { exportCompose } from "./export-compose.ts";
import { gate } from "./gate.ts";
import { images } from "./images.ts";
import { judge } from "./judge.ts";
import { mutate } from "./mutate.ts";
import { plan } from "./plan.ts";
import { sweep } from "./sweep.ts";
import { up } from "./up.ts";
import { verify } from "./verify.ts";

/** Every command, in the order that `--help` shows them: the way through a first day. */
export const commands: readonly Command[] = [
  doctor,
  plan,
  exportCompose,
  images,
  gate,
  up,
  verify,
  down,
  chaos,
  judge,
  drift,
  mutate,
  bench,
  sweep,
];
