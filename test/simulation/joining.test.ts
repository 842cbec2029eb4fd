/**
 * A gateway that joins late, or was away for long, takes the state from others instead of all blocks: over the simulated
 * mesh, beside one that lies, and whenever it loses its power.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inspectFolder } from "#adapters/flash-store/index.ts";
import { toHex } from "#base/bytes.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import { verifyStore, type Verification } from "#firmware/commands/verification.ts";
import { FinalityWorld, type FinalityWorldOptions } from "./finality-world.ts";
import { crypto, type SimulatedGateway } from "./simulated-gateway.ts";

const MINUTE_MS = 60_000;
const BLOCK_MS = 30_000;
const TUNING = { snapshotBlocks: 16, blocksBehindMax: 12 };

const test = suite("joining by a snapshot");

test("a late gateway goes on from a proven state, has the state of all others, and starts again from its flash", async () => {
  const { world, late, chain } = await grownWorld();
  await late.start();
  const joined = (): boolean => late.running !== undefined && hasOneHead(world);
  await world.runUntil("the late one has caught up", 5 * MINUTE_MS, joined);
  const own = world.chainOf(late);
  assert.ok(own.base.serial >= 16, `it begins with block ${own.base.serial}`);
  assert.is(own.at(3), undefined, "no block from before it");
  sameState(world, late);
  const begun = own.base.serial;
  late.die("power");
  await late.start();
  assert.is(world.chainOf(late).base.serial, begun, "from its own flash");
  await talk(world, 2 * MINUTE_MS);
  await world.runUntil("one head again", 2 * MINUTE_MS, () => hasOneHead(world));
  sameState(world, late);
  assert.ok(chain.final.serial > begun);
  const found = await verifyCard(late);
  assert.ok(found.ok, JSON.stringify(found));
  assert.match("notes" in found ? found.notes.join(" ") : "", new RegExp(`state before block ${begun} `));
});

/** What `verify` says of a copy of its card. */
async function verifyCard({ cards }: SimulatedGateway): Promise<Verification> {
  const files = cards.ledger.snapshot();
  const folder = await mkdtemp(join(tmpdir(), "joined-"));
  try {
    for (const [name, bytes] of files) await writeFile(join(folder, name), Uint8Array.from(bytes));
    return await verifyStore(crypto, { path: "ledger", inspection: await inspectFolder(folder) });
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("B31: of a liar nothing is taken, and of one that goes away the rest is had from others", async () => {
  const lie = (topic: string, payload: Uint8Array): Uint8Array =>
    isSnapshotReply(topic, payload) ? bent(payload) : payload;
  const { world, late } = await grownWorld({ lies: [lie, lie] });
  await late.start();
  await world.runFor(1000);
  const before = world.story.length;
  await world.runUntil("it has caught up", 6 * MINUTE_MS, () => late.running !== undefined && hasOneHead(world));
  assert.ok(world.chainOf(late).base.serial >= 16);
  assert.ok(world.story.slice(0, before + 400).some((line) => /car-0 refused.*(SNAPSHOT|FINALITY)/.test(line)));
  sameState(world, late);
});

test("whenever its power is cut while it joins, it has what it had, or all of it, and comes to the head", async () => {
  const { world } = await grownWorld({ vehicles: 7, latecomers: 7 });
  const taken = { before: 0, after: 0 };
  for (const [place, late] of world.nodes.slice(3).entries()) {
    await late.start();
    const life = { isOver: false };
    void late.cards.ledger.cutPowerAt(3 + 3 * place).then(() => {
      life.isOver = true;
      late.die("power");
    });
    for (let seconds = 0; !life.isOver && seconds < 60; seconds += 1) await world.runFor(1000);
    if (!life.isOver) late.die("power");
    await late.start();
    taken[world.chainOf(late).base.serial > 0 ? "after" : "before"] += 1;
    await world.runUntil("it has caught up", 5 * MINUTE_MS, () => hasOneHead(world));
    assert.ok(world.chainOf(late).base.serial >= 16, `cut at write ${3 + 3 * place}`);
    sameState(world, late);
  }
  assert.ok(taken.before > 0, "some were cut before");
  assert.ok(taken.after > 0, "some were cut behind it");
});

test.run();

/** Answers about states are the only ones with a nonce in front: `[0, { 1: 16 bytes …`. */
function isSnapshotReply(topic: string, payload: Uint8Array): boolean {
  return /\/r\//.test(topic) && payload[3] === 1 && payload[4] === 0x50;
}

/** With a byte changed in the middle of what it brings. */
function bent(payload: Uint8Array): Uint8Array {
  const lied = Uint8Array.from(payload);
  const at = Math.floor(lied.length * 0.7);
  lied[at] = (lied[at] ?? 0) ^ 1;
  return lied;
}

interface Grown {
  readonly world: FinalityWorld;
  readonly late: SimulatedGateway;
  readonly chain: ReturnType<FinalityWorld["chainOf"]>;
}

/** Of three voters and a vehicle that has not begun yet; past a point that is offered. */
async function grownWorld(options: Partial<FinalityWorldOptions> = {}): Promise<Grown> {
  const rules = { epochCheckpoints: 3 };
  const world = new FinalityWorld({ stations: 3, vehicles: 1, latecomers: 1, rules, tuning: TUNING, ...options });
  await world.start();
  await talk(world, 14 * MINUTE_MS);
  const [first, late] = [world.nodes[0], world.nodes[3]];
  if (first === undefined || late === undefined) throw new Error("bug: no such gateway");
  return { world, late, chain: world.chainOf(first) };
}

async function talk(world: FinalityWorld, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= BLOCK_MS) {
    const [speaker] = world.nodes;
    if (speaker !== undefined) world.speak(speaker);
    await world.runFor(Math.min(BLOCK_MS, left));
  }
}

function running(world: FinalityWorld): readonly SimulatedGateway[] {
  return world.nodes.filter((node) => node.running !== undefined);
}

function hasOneHead(world: FinalityWorld): boolean {
  return new Set(running(world).map((node) => toHex(world.chainOf(node).head.id))).size === 1;
}

function sameState(world: FinalityWorld, late: SimulatedGateway): void {
  const hash = (message: Uint8Array): Uint8Array => crypto.sha256(message);
  const roots = running(world).map((node) => toHex(stateRoot(hash, world.chainOf(node).head.state)));
  assert.is(new Set(roots).size, 1, "one state");
  const [first] = world.nodes;
  if (first === undefined) throw new Error("bug: no gateway");
  const [own, others] = [world.chainOf(late).head.state, world.chainOf(first).head.state];
  assert.equal(own.members.entries(), others.members.entries());
  assert.equal(own.tallies.entries(), others.tallies.entries());
  assert.equal(own.finality, others.finality);
}
