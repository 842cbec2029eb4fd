/** A service that gives signs of life, and hangs in its own loop after some of them. Started by a test. */
import { openSupervision } from "#firmware/commands/supervision.ts";

const supervision = await openSupervision({ env: process.env, err: (line) => process.stderr.write(`${line}\n`) });
let asked = 0;
supervision.ready(() => {
  asked += 1;
  if (asked > Number(process.argv[2])) for (;;);
  return undefined;
});
