/**
 * A process that owns a folder and appends numbered records until it is killed. It prints `owner`, and then the number
 * of each record that is durable; or the code of its refusal.
 */
import { openFlash } from "#hal/linux/flash.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import { FlashError } from "#hal/ports/flash.ts";
import { openSegmentLog, openSafetyRegister } from "#adapters/flash-store/index.ts";
import { numbered } from "./flash-store.ts";

const [folder = "", firstId = "0"] = process.argv.slice(2);
try {
  const flash = await openFlash(folder);
  const { log } = await openSegmentLog(flash, { randomness: new SystemRandomness(), segmentBytes: 64 * 1024 });
  const { register } = await openSafetyRegister(flash);
  process.stdout.write("owner\n");
  for (let id = Number(firstId); ; id += 3) {
    const ids = [id, id + 1, id + 2];
    await Promise.all([...ids.map((each) => log.append(numbered(each, 200))), register.write(numbered(id, 100))]);
    process.stdout.write(`${ids.join("\n")}\n`);
  }
} catch (error) {
  process.stdout.write(`${error instanceof FlashError ? error.code : String(error)}\n`);
}
