/** `tallystick bench`: charges from plug-in to verified receipt, over real protocols, with one command. */
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";
import { readBenchOptions } from "./bench-options.ts";
import { summaryData, summaryLines } from "./bench-summary.ts";
import { BenchFailure } from "./bench-watch.ts";
import { runBench } from "./run-bench.ts";

export async function runBenchCommand(given: CommandArguments, io: CommandIo): Promise<number> {
  const options = readBenchOptions(given);
  try {
    const report = await runBench(options, io);
    if (options.json) io.out(JSON.stringify(summaryData(report), replaceBytes));
    else for (const line of summaryLines(report)) io.out(line);
    return report.isGood ? EXIT.ok : EXIT.verificationFailed;
  } catch (error) {
    if (error instanceof BenchFailure)
      throw new CommandError(EXIT.verificationFailed, `bench: ${error.message}`, error);
    throw error;
  }
}

function replaceBytes(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}
