/** `--keep-days`: how long others' charges stay on flash. */
import { readKeepDays, type KeepDays } from "#config/keep-days.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import { EXIT } from "./exit-code.ts";

/** Undefined when it is not given. Throws a CommandError for anything but days or "all". */
export function keepDaysOption(given: CommandArguments): KeepDays | undefined {
  const text = given.text("keep-days");
  if (text === undefined) return undefined;
  const read = readKeepDays(text);
  if (read.ok) return read.value;
  throw new CommandError(EXIT.usage, `--keep-days: found "${text}", expected ${read.fault}`);
}
