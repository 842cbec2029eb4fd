/** An operator's way from a list to gateways with certificates and labels; the boards are those of first boot. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { commands } from "#firmware/commands/commands.ts";
import { CardBoard } from "#test/builders/card-boots.ts";
import { recordIo } from "#test/builders/recorded-io.ts";

const home = mkdtempSync(join(tmpdir(), "provision-test-"));
const boards = new Map<string, CardBoard>();
const test = suite("tallystick provision");
test.after(() => {
  rmSync(home, { recursive: true });
  for (const board of boards.values()) board.remove();
});

async function run(...words: readonly string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const io = recordIo({ cwd: home });
  const exitCode = await runCommandLine(words, commands, io);
  return { exitCode, out: io.outLines.join("\n"), err: io.errLines.join("\n") };
}

const provision = (verb: string, ...words: readonly string[]): ReturnType<typeof run> =>
  run("provision", verb, "list.csv", "--out", "out", ...words);

/** Puts the folder onto a card, starts a board with it, and brings the card's files back. */
async function start(name: string): Promise<string> {
  const folder = join(home, "out", `card-${name}`);
  const board = boards.get(name) ?? new CardBoard();
  boards.set(name, board);
  const copy = (from: string, to: string): void => {
    for (const file of readdirSync(from)) copyFileSync(join(from, file), join(to, file));
  };
  copy(folder, board.places.card);
  const outcome = await board.boot();
  assert.ok(outcome.isReady, JSON.stringify(outcome));
  copy(board.places.card, folder);
  return outcome.shortId;
}

const LIST = [
  "name,role,organisation,region.name,tariff.file,tariff.time_zone,broker.url,network.wifi_ssid,network.wifi_password",
  "post-1,charger,Works,North,tariff.json,Europe/Berlin,,,",
  'post-2,charger,"Works",,,,mqtt://10.0.0.1,Hall,correct horse',
  "car-1,vehicle,Fleet,,,,mqtt://10.0.0.1,,",
];
const TARIFF = {
  ...{ country_code: "DE", party_id: "TAL", id: "1", currency: "EUR", last_updated: "2026-01-01T00:00:00Z" },
  elements: [{ price_components: [{ type: "ENERGY", price: 0.3, step_size: 1 }] }],
};

test("a list with a fault writes nothing, and names line and key", async () => {
  writeFileSync(join(home, "list.csv"), LIST.join("\n"));
  const faulty = await provision("cards");
  assert.is(faulty.exitCode, 65);
  assert.match(faulty.err, /list\.csv, line 2, post-1: tariff\.file: found "tariff\.json": there is no such file/);
  assert.match(faulty.err, /nothing was written/);
  assert.not.ok(existsSync(join(home, "out")));
});

test("cards come from the list, wait for the region, and get it when the first charger has founded it", async () => {
  writeFileSync(join(home, "tariff.json"), JSON.stringify(TARIFF));
  assert.is((await run("ca", "init", "--folder", "office")).exitCode, 0);
  const first = await provision("cards", "--ca", "office/ca.pub");
  assert.is(first.exitCode, 0, first.err);
  assert.match(first.out, /card-car-1: new, waits for its region/);
  assert.equal(readdirSync(join(home, "out/card-post-1")).sort(), [
    ...["README.txt", "ca.pub", "tallystick.toml", "tariff.json"],
  ]);
  await start("post-1");
  const second = await provision("cards");
  assert.match(second.out, /card-post-1: as before\n.*card-post-2: changed\n.*card-car-1: changed/);
  assert.match(
    (await provision("status")).out,
    /post-1 +charger +[0-9A-Z]{13} +no certificate yet\npost-2 +charger +card to be started/,
  );
});

test("certificates go beside the requests that came back, and the gateways take them", async () => {
  await start("post-2");
  const some = await provision("certify", "--office", "office");
  assert.is(some.exitCode, 0, some.err);
  assert.match(some.out, /2 issued, 0 good for more than 7 days, 1 not back yet\n +car-1: no enrol\.tally/);
  const id = await start("car-1");
  const rest = await provision("certify", "--office", "office");
  assert.match(rest.out, /1 issued, 2 good/);
  await start("car-1");
  assert.match(readFileSync(join(home, "out/card-car-1/REPORT.txt"), "utf8"), /Certificate +good until/);
  assert.match((await provision("status")).out, new RegExp(`car-1 +vehicle +${id} +certificate until`));
});

test("labels are printed for those who have answered", async () => {
  const sheet = await provision("stickers");
  assert.is(sheet.exitCode, 0, sheet.err);
  assert.is(readFileSync(join(home, "out/stickers.html"), "utf8").match(/<article>/g)?.length, 3);
});

test("a card that was brought back into another's folder is told, and nothing is issued", async () => {
  const [from, to] = ["post-1", "car-1"].map((name) => join(home, `out/card-${name}/enrol.tally`));
  const kept = readFileSync(to ?? "");
  copyFileSync(from ?? "", to ?? "");
  const refused = await provision("certify", "--office", "office");
  assert.is(refused.exitCode, 65);
  assert.match(refused.err, /line 4, car-1: .*the request is of a station, the list says vehicle/);
  writeFileSync(to ?? "", kept);
  copyFileSync(from ?? "", join(home, "out/card-post-2/enrol.tally"));
  assert.match((await provision("stickers")).err, /post-2: .*the request is that of post-1, too/);
  writeFileSync(to ?? "", "torn");
  assert.match((await provision("status")).err, /car-1: .*holds no ENROL/);
});

test("a list without a charger needs the region's file, and folders of two regions are told", async () => {
  mkdirSync(join(home, "cars"));
  writeFileSync(join(home, "cars/list.csv"), `${LIST[0] ?? ""}\n${LIST[3] ?? ""}`);
  const cars = ["provision", "cards", "cars/list.csv", "--out", "cars/out"] as const;
  assert.match((await run(...cars)).err, /--genesis is missing/);
  const given = await run(...cars, "--genesis", "out/card-post-1/genesis.tally");
  assert.is(given.exitCode, 0, given.err);
  assert.ok(existsSync(join(home, "cars/out/card-car-1/genesis.tally")));
  const stranger = new CardBoard();
  boards.set("stranger", stranger);
  await stranger.put("tallystick.toml", 'role = "charger"\n').boot();
  copyFileSync(join(stranger.places.card, "genesis.tally"), join(home, "out/card-post-2/genesis.tally"));
  assert.match((await provision("cards")).err, /folders of post-1 and post-2 hold the genesis\.tally of two regions/);
});

test.run();
