/** `ca init`: a new office. */
import { toHex } from "#base/bytes.ts";
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { folderOf, makeKey } from "../key-folder.ts";
import { OFFICE, PUBLIC_NAME } from "./office.ts";

export async function initOffice(given: CommandArguments, io: CommandIo): Promise<number> {
  const key = await makeKey(OFFICE, given, io);
  const folder = folderOf(given, io);
  io.out(`A new office in ${folder}`);
  io.out(`  public key  ${toHex(key)}`);
  io.out("Next:");
  io.out("  1. keep a copy of ca.key where nobody else can read it: who has it can enrol anybody");
  io.out(`  2. start a region:  tallystick init --role charger --ca ${folder}/${PUBLIC_NAME} …`);
  io.out("  3. on each device:  tallystick ca request --config tallystick.toml");
  io.out("  4. here:            tallystick ca issue enrol.tally");
  return EXIT.ok;
}
