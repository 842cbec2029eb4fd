/**
 * Proves updates on the emulated board, from a new card on: what is refused, a power cut in the middle of an
 * installation, an update, a release that does not come up. After each, key, genesis and chain are the same.
 *
 *   npm run image:test-update -- [--image FILE.img --slot FILE.ext4 --authority DIR]
 *   npm run image:test-update -- --from cut|broken
 *   …  --guest-time      on a host with much other work (`../../image/emulate/machine.ts`)
 *
 * Without options the image is built first, with a release authority that is made for this trial. --from goes on with
 * the card and the bundles of a trial that has come to the update and ended after it. Needs root and what `npm run
 * image` needs; one emulator at a time. Half an hour, most of it in the emulator.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { holdEmulator } from "../../image/emulate/hold-emulator.ts";
import { HOST_ADDRESS } from "../../image/emulate/machine.ts";
import { until } from "../../image/emulate/until.ts";
import { serveBundles } from "./bundle-server.ts";
import { VERSIONS } from "./trial-bundles.ts";
import {
  keepUpdatedCard,
  makeTrialCard,
  overwritePartition,
  takeUpdatedCard,
  TRIAL_BUNDLES,
  TRIAL_CARD,
} from "./trial-card.ts";
import { START_MS_MAX, TrialMachine, type Identity } from "./trial-machine.ts";

/** Of the 640 of a slot. */
const WRITTEN_MEBIBYTES_MIN = 100;
const SLOT_A_PARTITION = 2;
const REFUSALS: readonly (readonly [string, string, RegExp])[] = [
  ["a bundle of another authority is refused", "stranger", /signature verification failed/i],
  ["a bundle for another role is refused", "foreign", /Compatible mismatch/i],
  ["an older release is refused", "older", /REFUSED: 0\.0\.1 is not newer/],
  ["the release that runs is refused", "same", /REFUSED: .* is not newer/],
];

const startedMs = performance.now();
let passed = 0;

const { values } = parseArgs({
  options: {
    ...{ image: { type: "string" }, slot: { type: "string" }, authority: { type: "string" } },
    ...{ from: { type: "string" }, "guest-time": { type: "boolean", default: false } },
  },
});
if (values.from !== undefined && values.from !== "cut" && values.from !== "broken") {
  process.stderr.write(
    "usage: npm run image:test-update -- [--image FILE --slot FILE --authority DIR | --from cut|broken] [--guest-time]\n",
  );
  process.exit(64);
}
const version = values.from === undefined ? makeTrialCard(values) : undefined;
if (version === undefined) takeUpdatedCard();
else tell(`bundles are made; the image is ${version}`);
const server = await serveBundles(TRIAL_BUNDLES);
const url = (name: string): string => `http://${HOST_ADDRESS}:${server.port}/${name}.raucb`;
const letGo = await holdEmulator();
const machine = new TrialMachine(TRIAL_CARD, mkdtempSync(join(tmpdir(), "ts-update-")), values["guest-time"]);
try {
  let before = version === undefined ? undefined : await updatedCard(version);
  if (values.from !== "broken") before = await cutWhileInstalling(before);
  await brokenRelease(before ?? (await startUpdated()));
} finally {
  await machine.cutPower();
  server.close();
  letGo();
}
process.stdout.write(`${passed} passed, 0 failed\n`);

/** Leaves the machine switched off. */
async function updatedCard(made: string): Promise<Identity> {
  await machine.start();
  const first = await newCard(made);
  await refusals(first);
  const updated = await update(first);
  await machine.cutPower();
  keepUpdatedCard();
  return updated;
}

async function startUpdated(): Promise<Identity> {
  await machine.start();
  await machine.says(/slot B is good \(gateway: active\)/);
  claim("the updated release runs", await machine.version(), VERSIONS.newer);
  return machine.identity();
}

async function newCard(made: string): Promise<Identity> {
  await machine.says(/slot A is good \(gateway: active\)/);
  claim("a new card starts slot A, and the gateway makes its identity", await machine.version(), made);
  return machine.identity();
}

async function refusals(before: Identity): Promise<void> {
  for (const [says, name, because] of REFUSALS) {
    const { code, output } = await machine.run(
      `rauc install ${url(name)}; echo code $?; journalctl -b -u rauc -n 30 -o cat`,
    );
    claim(says, code === 0 && /code [1-9]/.test(output) && because.test(output), true, output);
  }
  claim("nothing has changed by it", await machine.slots(), "order A B, left A 3 B 3, trial none", undefined);
  await expectSame(before);
}

/**
 * The machine is off. The slot that is written was proven before: neither that release nor the new one is in it after
 * the cut. @param earlier what the card must still be, where this trial has seen it before
 */
async function cutWhileInstalling(earlier: Identity | undefined): Promise<Identity> {
  const log = "/tmp/update.log";
  overwritePartition(SLOT_A_PARTITION);
  const before = await startUpdated();
  if (earlier !== undefined) await expectSame(earlier);
  await machine.run(`( (tallystick-update ${url("broken")} --now; echo "ended $?") >${log} 2>&1 & ) ; true`);
  let writtenMebibytes = 0;
  await until("a part of slot A is written", START_MS_MAX, async () => {
    // Field 7 of a block device's stat: sectors written since the start.
    const look = await machine.read(`sleep 1; set -- $(cat /sys/class/block/vda2/stat); echo $7; tail -n 20 ${log}`);
    const [sectors, ...said] = look.split("\n");
    writtenMebibytes = Math.round(Number(sectors) / 2048);
    if (said.some((line) => line.startsWith("ended"))) throw new Error(`the installation ended:\n${said.join("\n")}`);
    return writtenMebibytes >= WRITTEN_MEBIBYTES_MIN;
  });
  await machine.cutPower();
  tell(`the power goes in the middle of an installation, ${writtenMebibytes} MiB written`);
  await machine.start();
  await machine.says(/slot B is good \(gateway: active\)/);
  claim("after a power cut in mid-install the same release runs as before", await machine.version(), VERSIONS.newer);
  claim("and the half-written slot is not in the order", await machine.slots(), /order B, left A 0 B 3/);
  await expectSame(before);
  return machine.identity();
}

async function update(before: Identity): Promise<Identity> {
  const fromMs = performance.now();
  await machine.run(`(tallystick-update ${url("newer")} >/dev/console 2>&1 &) ; true`);
  await machine.says(/tallystick-update: installed/);
  const installedMs = performance.now();
  machine.leaveShell();
  await machine.says(/slot B is on trial; it must have: ([a-z,]+)/);
  await machine.says(/slot B is good from now on/);
  tell(`installed in ${seconds(installedMs - fromMs)}, good ${seconds(performance.now() - installedMs)} later`);
  claim("an update brings the new release", await machine.version(), VERSIONS.newer);
  claim("which has proven itself", await machine.slots(), /order B A, left A 3 B 3, trial none/);
  await expectSame(before);
  return machine.identity();
}

async function brokenRelease(before: Identity): Promise<void> {
  await machine.run(`(tallystick-update ${url("broken")} >/dev/console 2>&1 &) ; true`);
  await machine.says(/tallystick-update: installed/);
  const fromMs = performance.now();
  machine.leaveShell();
  for (let turn = 1; turn <= 3; turn += 1)
    await machine.says(/slot A is not in order \(the gateway ends again and again\)/);
  await machine.says(new RegExp(`the release ${VERSIONS.broken.replaceAll(".", "\\.")} in slot A did not come up`));
  await machine.says(/slot B is good \(gateway: active\)/);
  tell(`a release that does not come up was left after three tries, in ${seconds(performance.now() - fromMs)}`);
  claim("the release before runs again, by itself", await machine.version(), VERSIONS.newer);
  await expectSame(before);
  const again = await machine.run(`rauc install ${url("broken")}; journalctl -b -u rauc -n 30 -o cat`);
  claim(
    "and the broken one is not taken a second time",
    /REFUSED: 900\.0\.2 was tried here/.test(again.output),
    true,
    again.output,
  );
}

async function expectSame(before: Identity): Promise<void> {
  const { key, genesis, did } = await machine.identity();
  claim(
    "key, genesis and device id are the same",
    `${key} ${genesis} ${did}`,
    `${before.key} ${before.genesis} ${before.did}`,
  );
  claim(`the chain holds block ${before.serial} as before`, await machine.holds(before), true);
}

function claim(says: string, found: unknown, wanted: unknown, more = ""): void {
  const holds = wanted instanceof RegExp ? wanted.test(String(found)) : String(found).startsWith(String(wanted));
  if (!holds) {
    process.stdout.write(`FAILED ${says}\n  found    ${String(found)}\n  expected ${String(wanted)}\n${more}\n`);
    throw new Error(says);
  }
  passed += 1;
  tell(`ok  ${says}`);
}

function tell(text: string): void {
  process.stdout.write(`[${seconds(performance.now() - startedMs).padStart(6)}] ${text}\n`);
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
