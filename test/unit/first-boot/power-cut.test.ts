/** A device is made once: also when the power goes in between, and when its card says something else later. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { realDisk } from "#firmware/commands/first-boot/disk.ts";
import {
  boardsOf,
  CHARGER,
  cutAfter,
  faultsOf,
  genesisOf,
  PowerCut,
  ready,
  reportOf,
  textOf,
  VEHICLE,
} from "#test/builders/card-boots.ts";

const test = suite("first boot and what stays");
const newBoard = boardsOf(test);

test("cut off after any step, the next start makes one whole gateway, with the keys that were there first", async () => {
  for (const content of [CHARGER, VEHICLE]) {
    const genesis = await genesisOf(newBoard());
    let isDone = false;
    for (let steps = 1; !isDone; steps += 1) {
      assert.ok(steps < 200, "it ends");
      const board = newBoard().put("tallystick.toml", content);
      if (content === VEHICLE) board.put("genesis.tally", genesis);
      const keyPath = join(board.places.state, "gateway.key");
      try {
        const outcome = await board.boot(cutAfter(steps).disk);
        // A card that fails only becomes a warning.
        isDone = outcome.isReady && outcome.warnings.length === 0;
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error;
      }
      const keys = existsSync(keyPath) ? textOf(keyPath) : undefined;
      const onCard = existsSync(join(board.places.card, "genesis.tally"));
      const told = onCard ? readFileSync(join(board.places.card, "genesis.tally")) : undefined;
      ready(await board.boot(cutAfter(10_000).disk));
      if (keys !== undefined) assert.is(textOf(keyPath), keys);
      if (told !== undefined) assert.equal(readFileSync(join(board.places.state, "genesis.tally")), told);
      assert.ok(existsSync(join(board.places.state, "device.json")));
      const left = readdirSync(board.root, { recursive: true, encoding: "utf8" });
      assert.equal(
        left.filter((name) => /unfinished|draft/.test(name)),
        [],
      );
      const counted = cutAfter(10_000);
      ready(await board.boot(counted.disk));
      assert.is(counted.writes(), 0, `whole after a cut at step ${steps}`);
      board.remove();
    }
  }
});

test("keys that a power cut left under a draft's name are cleaned away", async () => {
  const board = newBoard().put("tallystick.toml", CHARGER);
  await realDisk.makeFolder(board.places.state);
  const draft = join(board.places.state, "gateway.key.0123456789abcdef.draft");
  writeFileSync(draft, "tallystick keys 1\nK0 ", { mode: 0o600 });
  ready(await board.boot());
  assert.not.ok(existsSync(draft));
});

test("a gateway stays what it was made as: another role or region on the card is told, and nothing is changed", async () => {
  const board = newBoard();
  const genesis = await genesisOf(board);
  const before = textOf(join(board.places.state, "gateway.key"));
  const [role] = faultsOf(await board.put("tallystick.toml", VEHICLE).boot());
  assert.is(role?.path, "role");
  assert.match(role?.advice ?? "", /fresh card/);
  assert.match(reportOf(board), /does not start: one thing/);
  const other = await genesisOf(newBoard());
  board.put("tallystick.toml", CHARGER).put("genesis.tally", other);
  const [region] = faultsOf(await board.boot());
  assert.is(region?.path, "genesis.tally");
  assert.match(region?.advice ?? "", /Delete genesis\.tally/);
  board.put("genesis.tally", genesis).put("tallystick.toml", `${CHARGER}[region]\nname = "Elsewhere"\n`);
  const [name] = faultsOf(await board.boot());
  assert.is(name?.path, "region.name");
  assert.is(textOf(join(board.places.state, "gateway.key")), before);
  ready(await board.put("tallystick.toml", CHARGER).boot());
  assert.match(reportOf(board), /is in order/, "a good card replaces the report");
});

test("lost or exchanged keys of a gateway with a history are told, never made again", async () => {
  const board = newBoard();
  await genesisOf(board);
  const key = join(board.places.state, "gateway.key");
  const kept = textOf(key);
  rmSync(key);
  assert.is(faultsOf(await board.boot())[0]?.path, "gateway.key");
  assert.not.ok(existsSync(key));
  writeFileSync(key, kept.slice(0, 40), { mode: 0o600 });
  assert.match(faultsOf(await board.boot())[0]?.found ?? "", /KEY_FILE_DAMAGED/);
  const stranger = newBoard();
  await genesisOf(stranger);
  writeFileSync(key, textOf(join(stranger.places.state, "gateway.key")));
  assert.match(faultsOf(await board.boot())[0]?.advice ?? "", /exchanged/);
  writeFileSync(key, kept);
  ready(await board.boot());
});

test("a ledger without a record is taken over when its role fits, and refused without its keys", async () => {
  const board = newBoard();
  await genesisOf(board);
  const { state } = board.places;
  rmSync(join(state, "device.json"));
  writeFileSync(join(state, "flash/ledger/00000001.log"), "x");
  const first = ready(await board.boot());
  assert.ok(first.isNew);
  rmSync(join(state, "device.json"));
  assert.is(faultsOf(await board.put("tallystick.toml", VEHICLE).boot())[0]?.path, "role");
  rmSync(join(state, "gateway.key"));
  assert.is(faultsOf(await board.put("tallystick.toml", CHARGER).boot())[0]?.path, "gateway.key");
});

test.run();
