/** `vehicle probe` from the command line. */
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { probeLines, probeObject } from "./probe-report.ts";
import { probeVehicle } from "./probe.ts";
import { explainVehicleFault } from "./vehicle-fault-text.ts";
import { vehicleOptions } from "./vehicle-options.ts";

/** Exit 0 when the car could be read; else as the fault says. */
export async function runProbe(given: CommandArguments, io: CommandIo): Promise<number> {
  const options = await vehicleOptions(given, io);
  const probed = await probeVehicle(options, new SystemClock());
  if (options.json) io.out(JSON.stringify(probeObject(probed)));
  else for (const line of probeLines(probed)) io.out(line);
  return probed.fault === undefined ? EXIT.ok : explainVehicleFault(probed.fault).exitCode;
}
