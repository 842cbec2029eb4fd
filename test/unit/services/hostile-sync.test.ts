/**
 * Two gateways that were apart come to one head, however long and however good their branches; liars cost them little.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { blockAnnouncement, tipBody } from "#core/mesh/sync-messages.ts";
import { meshRoot, rootName } from "#core/mesh/topics.ts";
import { encodeWrapper } from "#core/mesh/wrapper.ts";
import { schedule } from "#core/ledger/schedule.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { FinalityService } from "#services/finality-service.ts";
import { LedgerService } from "#services/ledger-service.ts";
import { MeshService } from "#services/mesh-service.ts";
import { SyncService } from "#services/sync-service.ts";
import {
  crypto,
  Forge,
  ledgerBench,
  makeIdentity,
  regionOf,
  STARTED_AT,
  type Identity,
} from "#test/builders/hostile-ledger.ts";
import { SimulatedBus } from "#test/simulation/simulated-bus.ts";
import { syncedTime } from "#test/builders/synced-time.ts";

const test = suite("hostile sync");

const MINERS = Array.from({ length: 12 }, (_, index) => makeIdentity(`charger-${index}`, "station"));
const GENESIS = regionOf(MINERS, { cooldownBlocks: 0 });
const ROOT = meshRoot(GENESIS.network, "sim");

interface Node {
  readonly ledger: LedgerService;
  readonly sync: SyncService;
  readonly refusals: ReadonlyMap<string, number>;
}

/** Much later than any block of the tests. */
function worldOf(seed: number): { readonly clock: SimulatedClock; readonly bus: SimulatedBus } {
  const clock = new SimulatedClock({ wallEpochMs: (STARTED_AT + 400 * 86_400) * 1000 });
  return { clock, bus: new SimulatedBus({ clock, chance: new SeededRandom(seed) }) };
}

async function nodeOf({ clock, bus }: ReturnType<typeof worldOf>, who: Identity): Promise<Node> {
  const { chain, journal, boot } = await ledgerBench(GENESIS, who);
  const emit = (): void => undefined;
  const { signer, did } = who;
  const ledger = new LedgerService({ chain, journal, boot, clock: syncedTime(clock), signer, did, emit }, new Set());
  const token = toHex(crypto.sha256(did).slice(0, 16));
  const mesh = new MeshService({ connect: bus.connect, root: ROOT, did: toHex(did), token, clock, crypto, emit });
  const isSettled = (): boolean => false;
  const finality = new FinalityService({ ledger, mesh, boot, clock, signer, did, isSettled, emit });
  const sync = new SyncService({ ledger, mesh, boot, clock, signer, did, finality, emit });
  mesh.handle("reply", (object) => sync.takeReply(object));
  await mesh.start();
  sync.start();
  return { ledger, sync, refusals: mesh.refusals };
}

/** Blocks as the miner of this rank seals them, each as late as its rank must wait. */
async function growBranch({ ledger }: Node, count: number, rank: number): Promise<void> {
  const forge = new Forge(GENESIS);
  for (let index = 0; index < count; index += 1) {
    const places = schedule((message) => crypto.sha256(message), ledger.chain.head.state);
    const miner = MINERS.find(({ did }) => toHex(did) === places[rank]?.did);
    if (miner === undefined) throw new Error("bug: no such rank");
    const added = await ledger.receiveBlock(forge.block(ledger.chain, [], miner));
    if (!added.ok) throw new Error(`bug: ${JSON.stringify(added.fault)}`);
  }
}

const [FIRST, SECOND] = MINERS;

test("a better branch with fewer blocks is asked for", async () => {
  assert.ok(FIRST !== undefined && SECOND !== undefined);
  const world = worldOf(1);
  const [long, good] = [await nodeOf(world, FIRST), await nodeOf(world, SECOND)];
  await growBranch(long, 6, 9);
  await growBranch(good, 5, 0);
  await world.clock.runFor(60_000);
  assert.equal(long.ledger.chain.head.state.id, good.ledger.chain.head.state.id);
  assert.is(long.ledger.chain.head.state.serial, 5);
});

test("a better branch of more blocks than one answer holds is fetched to its end", async () => {
  assert.ok(FIRST !== undefined && SECOND !== undefined);
  const world = worldOf(2);
  const [long, good] = [await nodeOf(world, FIRST), await nodeOf(world, SECOND)];
  await growBranch(long, 126, 9);
  await growBranch(good, 110, 0);
  await world.clock.runFor(120_000);
  assert.equal(long.ledger.chain.head.state.id, good.ledger.chain.head.state.id);
  assert.is(long.ledger.chain.head.state.serial, 110);
});

test("a better branch that begins deep below the head is found, though the ids that are told lie far apart there", async () => {
  assert.ok(FIRST !== undefined && SECOND !== undefined);
  const world = worldOf(5);
  const [long, good] = [await nodeOf(world, FIRST), await nodeOf(world, SECOND)];
  for (const node of [long, good]) await growBranch(node, 100, 0);
  await growBranch(long, 140, 9);
  await growBranch(good, 125, 0);
  await world.clock.runFor(120_000);
  assert.equal(long.ledger.chain.head.state.id, good.ledger.chain.head.state.id);
  assert.is(long.ledger.chain.head.state.serial, 225);
});

test("tips of made-up gateways are remembered up to a limit, and no claim keeps the truth from being heard", async () => {
  assert.ok(FIRST !== undefined && SECOND !== undefined);
  const world = worldOf(3);
  const [node, peer] = [await nodeOf(world, FIRST), await nodeOf(world, SECOND)];
  await growBranch(peer, 3, 0);
  const lie = (did: Uint8Array, serial: number): Uint8Array => {
    const zero = new Uint8Array(32);
    const body = { version: 1, network: GENESIS.network, did, serial, head: did, waiting: [0, zero] as const };
    const payload = encodeShape(tipBody, { ...body, order: [2 ** 53 - 1, 2 ** 53 - 1], at: 0 });
    return encodeWrapper(0, encodeSigned(payload, [new Uint8Array(64).fill(1)]));
  };
  await world.clock.runFor(1000);
  for (let index = 0; index < 5000; index += 1) {
    const did = crypto.sha256(new TextEncoder().encode(`nobody ${index}`));
    world.bus.inject(`${rootName(ROOT)}/tip/${toHex(did).slice(0, 16)}`, lie(did, 10 ** 6), [toHex(FIRST.did)]);
  }
  await world.clock.runFor(60_000);
  assert.ok(node.sync.peers.size <= 600, `${node.sync.peers.size} peers`);
  assert.is(node.ledger.chain.head.state.serial, 3);
});

test("announcements in the name of nobody make a gateway ask nobody", async () => {
  assert.ok(FIRST !== undefined && SECOND !== undefined);
  const world = worldOf(4);
  const node = await nodeOf(world, FIRST);
  await growBranch(node, 1, 0);
  const forge = new Forge(GENESIS);
  const apart = await ledgerBench(GENESIS, SECOND);
  const places = schedule((message) => crypto.sha256(message), apart.chain.head.state);
  const miner = MINERS.find(({ did }) => toHex(did) === places[1]?.did) ?? FIRST;
  const block = forge.block(apart.chain, [], miner);
  await world.clock.runFor(1000);
  const before = world.bus.counts.delivered;
  const unsigned = Uint8Array.from(block.headerBytes);
  unsigned.fill(1, unsigned.length - 40);
  const announced = encodeShape(blockAnnouncement, { header: unsigned, shortIds: new Uint8Array(8), certificates: [] });
  world.bus.inject(`${rootName(ROOT)}/blk`, encodeWrapper(0, announced), [toHex(FIRST.did)]);
  await world.clock.runFor(1000);
  assert.is(world.bus.counts.delivered, before + 1, "nothing but the announcement was carried");
  assert.ok(
    [...node.refusals.keys()].some((key) => key.startsWith("block ")),
    [...node.refusals.keys()].join(),
  );
});

test.run();
