/** `dispute` as people use it: a charger, a vehicle and an arbiter run as processes, and are asked by their sockets. */
import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { commands } from "#firmware/commands/commands.ts";
import type { DeviceRole } from "#core/identity/device-id.ts";
import { makeDisputedSite, type DisputedSite } from "#test/builders/disputed-site.ts";
import { recordIo } from "#test/builders/recorded-io.ts";
import { TallystickProcess } from "#test/builders/tallystick-process.ts";

const ROLES = ["station", "vehicle", "arbiter"] as const;
const WAIT_MS_MAX = 120_000;
const POLL_MS = 250;
const test = suite("tallystick dispute");

let site: DisputedSite;
let gateways: readonly TallystickProcess[] = [];
let [first, second, third] = ["", "", ""];

test.before(async () => {
  site = await makeDisputedSite();
  [first = "", second = "", third = ""] = site.charges;
  gateways = ROLES.map((role) => new TallystickProcess(["run", "--config", site.configs[role]]));
  for (const role of ROLES)
    await until(role, "list", [], (data) => listed(data).length === (role === "arbiter" ? 2 : 3));
});
test.after(async () => {
  for (const gateway of gateways) await gateway.stop();
  rmSync(site.root, { recursive: true });
});

test("list tells each side its own disputes, and the arbiter those that it may judge", async () => {
  const { out } = await dispute("vehicle", "list");
  assert.is(out.match(/you are the vehicle/g)?.length, 3);
  assert.match(out, /the station says 20\.000 kWh, the vehicle 10\.000 kWh/);
  assert.match(out, /billed 10\.000 kWh, 4\.50 EUR; 10\.000 kWh contested, which lapses after 20\d\d-/);
  const arbiter = await data("arbiter", "list");
  assert.equal(
    listed(arbiter)
      .map(({ address }) => address)
      .sort(),
    [first, second].sort(),
  );
});

test("show tells what each says, where they parted, and what each way out costs", async () => {
  const { out } = await dispute("station", "show", second.slice(0, 8));
  for (const pattern of [
    new RegExp(`^Dispute about charge ${second}$`, "m"),
    /you are +the station/,
    /state +DISPUTED by comparison, revision 1/,
    /the vehicle +10\.000 kWh, ended: finished/,
    /verdict +DISAGREE \(vehicle far below\): difference -49\.\d\d %/,
    /undisputed +10\.000 kWh/,
    /20\.000 kWh +10\.000 kWh .*parted$/m,
    /the arbiter rules for the vehicle +10\.000 kWh for 4\.50 EUR/,
    /the arbiter rules for the station +20\.000 kWh for 9\.00 EUR/,
    /nothing is said: the rest lapses +10\.000 kWh for 4\.50 EUR/,
  ]) {
    assert.match(out, pattern);
  }
});

test("one proposes, the other accepts: settled by the next block, at every gateway", async () => {
  const proposed = await dispute("station", "resolve", first, "--energy", "16", "--amount", "6.80");
  assert.is(proposed.code, 0, proposed.err);
  assert.match(proposed.out, /^signed, and stored here; it is not in a block yet$/m);
  const again = await dispute("station", "resolve", first, "--energy", "16.000", "--amount", "6.8");
  assert.match(again.out, /^that was said before; nothing new was signed$/m);
  await until("vehicle", "show", [first], (answer) => JSON.stringify(answer).includes('"amount":680'));
  const accepted = await dispute("vehicle", "resolve", first.slice(0, 6), "--accept");
  assert.is(accepted.code, 0, accepted.err);
  assert.match(accepted.out, /^with the next block the charge is settled: 16\.000 kWh for 6\.80 EUR$/m);
  for (const role of ROLES) await until(role, "list", ["--all"], (answer) => endingOf(answer, first) === "mutual");
  const late = await dispute("vehicle", "resolve", first, "--energy", "12");
  assert.equal([late.code, late.err], [64, "tallystick: nothing is disputed any more: both sides have agreed"]);
});

test("the arbiter rules, and nobody else can", async () => {
  const ruling = ["--energy", "12.5", "--fault", "station", "--reason", "Zähler geprüft: 20 % zu viel"];
  for (const role of ["station", "vehicle"] as const) {
    const refused = await dispute(role, "adjudicate", second, ...ruling);
    assert.is(refused.code, 64);
    assert.match(refused.err, /judges this charge, which is another gateway/);
  }
  const below = await dispute("arbiter", "adjudicate", second, ...ruling.with(1, "9.9"));
  assert.match(below.err, /from 10\.000 kWh, which is undisputed, to 20\.000 kWh, which the station has signed for/);
  const resolving = await dispute("arbiter", "resolve", second, "--energy", "12.5");
  assert.match(resolving.err, /only the two parties propose and accept/);
  const ruled = await dispute("arbiter", "adjudicate", second, ...ruling, "--json");
  assert.is(ruled.code, 0, ruled.err);
  const answer = JSON.parse(ruled.out) as Record<string, unknown>;
  assert.equal([answer["ok"], answer["isNew"], "lines" in answer], [true, true, false]);
  for (const role of ROLES) await until(role, "list", ["--all"], (each) => endingOf(each, second) === "arbiter");
  const { out } = await dispute("vehicle", "show", second);
  assert.match(out, /state +SETTLED by arbiter, revision 2/);
  assert.match(out, /ruling +12\.500 kWh, fault: station$/m);
  assert.match(out, /reason +Zähler geprüft: 20 % zu viel/);
  assert.match(out, /billed +12\.500 kWh, 5\.6[23] EUR/);
});

test("what cannot be is refused with the reason", async () => {
  for (const [words, expected] of [
    [["resolve", third, "--energy", "20.000001"], /at most 20\.000 kWh, which the station has signed for/],
    [["resolve", third, "--energy", "20", "--amount", "9.01"], /from 0\.00 EUR to 9\.00 EUR/],
    [["resolve", third, "--amount", "9.015"], /EUR as text with at most 2 decimals/],
    [["resolve", third, "--accept"], /the station has proposed nothing yet/],
    [["resolve", third], /either --accept, or --energy KWH/],
    [["resolve", third, "--accept", "--energy", "1"], /either --accept, or --energy KWH/],
    [["resolve", third, "--energy", "1e3"], /expected kWh such as 12\.5/],
    [["resolve", "ffff".padEnd(64, "0"), "--energy", "1"], /no charge at "ffff/],
    [["show", "abc"], /at least 4 digits of an address/],
    [["show", "xyz!"], /expected hex digits/],
    [["show"], /dispute show which/],
    [["list", third], /dispute list takes no address/],
    [["list", "--energy", "1"], /dispute list takes no --energy/],
    [["adjudicate", third, "--energy", "1", "--fault", "none", "--reason", "x"], /terms that name no arbiter/],
    [["adjudicate", third, "--energy", "1", "--reason", "x"], /--fault is missing/],
    [["argue", third], /dispute what\?/],
  ] as const) {
    const [word, ...rest] = words;
    const refused = await dispute("vehicle", word, ...rest);
    assert.is(refused.code, 64, refused.err);
    assert.match(refused.err, expected);
  }
});

test("--amount alone buys as much energy as it pays for", async () => {
  const paid = await dispute("vehicle", "resolve", third, "--amount", "6");
  assert.is(paid.code, 0, paid.err);
  const { out } = await dispute("vehicle", "show", third);
  // 13.344444 kWh at 0.45 EUR are 6.0049998 EUR, which is 6.00; the next step would be 6.005.
  assert.match(out, /proposal +vehicle 0: 13\.344 kWh for 6\.00 EUR/);
});

test.run();

interface Answered {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function dispute(role: DeviceRole, ...words: readonly string[]): Promise<Answered> {
  const io = recordIo();
  const code = await runCommandLine(["dispute", ...words, "--config", site.configs[role]], commands, io);
  return { code, out: io.outLines.join("\n"), err: io.errLines.join("\n") };
}

async function data(role: DeviceRole, ...words: readonly string[]): Promise<unknown> {
  const { out } = await dispute(role, ...words, "--json");
  return out === "" ? undefined : (JSON.parse(out) as unknown);
}

async function until(
  role: DeviceRole,
  word: string,
  rest: readonly string[],
  holds: (answer: unknown) => boolean,
): Promise<void> {
  for (let waitedMs = 0; waitedMs < WAIT_MS_MAX; waitedMs += POLL_MS) {
    if (holds(await data(role, word, ...rest))) return;
    await delay(POLL_MS);
  }
  throw new Error(`${role}: dispute ${word} ${rest.join(" ")} never became what was expected`);
}

function listed(answer: unknown): readonly { readonly address: string; readonly ending: string }[] {
  const { disputes = [] } = (answer ?? {}) as { disputes?: { address: string; ending: string }[] };
  return disputes;
}

function endingOf(answer: unknown, address: string): string | undefined {
  return listed(answer).find((each) => each.address === address)?.ending;
}
