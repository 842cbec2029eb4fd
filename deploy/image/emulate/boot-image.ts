/**
 * `npm run image:boot -- --image FILE [--write] [--folder DIR] [--forward HOST:GUEST]… [--line PORT] [--watchdog]
 * [--guest-time] [--run COMMAND]…`: starts an image in the emulator and leaves it running until Ctrl-C, or until the
 * commands have run.
 *
 * FILE is copied unless --write says that it may be written to. Each COMMAND runs in the guest as root once it has
 * started, by a shell that the emulator gives it. --guest-time is for a host with much other work (`machine.ts`). What
 * the guest says on its console is in DIR/console.log, U-Boot's words in DIR/boot.log.
 */
import { copyFile, mkdtemp } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { holdEmulator } from "./hold-emulator.ts";
import { Machine } from "./machine.ts";
import { folderForMachine } from "./toolbox.ts";
import { until } from "./until.ts";

const START_MS = 1_800_000;
const COMMAND_MS = 900_000;

const { values } = parseArgs({
  options: {
    image: { type: "string" },
    write: { type: "boolean", default: false },
    folder: { type: "string" },
    forward: { type: "string", multiple: true, default: [] },
    line: { type: "string" },
    watchdog: { type: "boolean", default: false },
    "guest-time": { type: "boolean", default: false },
    run: { type: "string", multiple: true, default: [] },
  },
});
const forwards = values.forward
  .map((pair) => /^(\d{1,5}):(\d{1,5})$/.exec(pair))
  .map((found) => ({ host: Number(found?.[1]), guest: Number(found?.[2]) }));
if (values.image === undefined || forwards.some(({ host, guest }) => Number.isNaN(host) || Number.isNaN(guest))) {
  process.stderr.write(
    "usage: npm run image:boot -- --image FILE [--write] [--folder DIR] [--forward HOST:GUEST]… [--line PORT] [--watchdog] [--guest-time] [--run COMMAND]…\n",
  );
  process.exit(64);
}
const folder = values.folder === undefined ? await mkdtemp("/tmp/tallystick-boot-") : folderForMachine(values.folder);
if (values.write) folderForMachine(dirname(values.image));
const release = await holdEmulator();
const image = values.write ? resolve(values.image) : join(folder, "card.img");
const machine = await startMachine(values.image);
process.once("SIGINT", () => void end());
process.once("SIGTERM", () => void end());
process.stdout.write(`process ${machine.processId}, logs in ${folder}\n`);
const shell = await machine.shell(START_MS);
process.stdout.write("there is a shell\n");
if (values.run.length > 0) await waitForStart();
for (const command of values.run) {
  const { code, output } = await shell.run(command, COMMAND_MS);
  process.stdout.write(`# ${command}\n${output}${code === 0 ? "" : `(exit ${code})\n`}`);
}
if (values.run.length > 0) await end();

async function startMachine(original: string): Promise<Machine> {
  const machineFolder = join(folder, "machine");
  if (!values.write) await copyFile(original, image);
  return Machine.start({
    ...{ image, folder: machineFolder, forwards, shell: true, watchdog: values.watchdog },
    guestTime: values["guest-time"],
    ...(values.line === undefined ? {} : { linePort: Number(values.line) }),
  });
}

/** The shell is there before /data and the gateway are; commands are asked of a system that has come to rest. */
async function waitForStart(): Promise<void> {
  let state = "";
  await until("the guest has started", START_MS, async () => {
    state = (await shell.run("systemctl is-system-running; sleep 5", COMMAND_MS)).output.trim();
    return /^(running|degraded|maintenance|stopping)$/m.test(state);
  });
  process.stdout.write(`the guest has started: ${state}\n`);
}

async function end(): Promise<never> {
  await machine.cutPower();
  release();
  process.exit(0);
}
