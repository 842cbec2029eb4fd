/**
 * A gateway's folder with a chain of many settled charges on its flash, as a site has it after months: the blocks are
 * sealed by the production code, only nobody waits for the time between them.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openSafetyRegister, openSegmentLog } from "#adapters/flash-store/index.ts";
import { toHex } from "#base/bytes.ts";
import { loadKeyFile } from "#adapters/keys/key-file.ts";
import { deviceIdOf, encodeInception, inceptionOf, type DeviceRole } from "#core/identity/device-id.ts";
import { Chain } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { makeGenesis } from "#core/ledger/genesis.ts";
import { blockRecordOf, factRecord, genesisRecord } from "#core/ledger/journal.ts";
import { HARDENED_RULES, type LedgerRules } from "#core/ledger/rules.ts";
import { dueAt, schedule } from "#core/ledger/schedule.ts";
import { sealBlock } from "#core/ledger/seal-block.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import { openFlash } from "#hal/linux/flash.ts";
import { Boot } from "#services/boot.ts";
import { ChargeBuilder } from "./charge-builder.ts";
import { crypto, joinFact, named, sha256, type Actor } from "./ledger-actors.ts";
import { MemoryArchive } from "./memory-archive.ts";
import { QuickSigner } from "./quick-signer.ts";

export interface LongChainShape {
  readonly sessions: number;
  /** Charges that run at the same time, and whose facts share blocks. */
  readonly together: number;
  /** Reports of each side after its first. */
  readonly reports: number;
  /** Unix seconds of the newest block. */
  readonly until: number;
}

export interface LongChain {
  readonly blocks: number;
  readonly recordBytes: number;
}

/** Nobody votes here: what is measured is the ledger, and a chain without votes is read back the same way. */
const RULES: LedgerRules = { ...HARDENED_RULES, finality: "off" };
const STATIONS = 8;
const VEHICLES = 100;
const BLOCKS_IN_MEMORY = 1024;
/** Appended to the log at once. */
const BATCH_BLOCKS = 64;

/** Puts a chain into the folder that `tallystick init --role charger` has made: genesis, records and register. */
export async function writeLongChain(home: string, shape: LongChainShape): Promise<LongChain> {
  const { sessions, together, reports, until } = shape;
  const gateway = await actorOf(home);
  // Enough for every block at its earliest, and the newest then lies in the past.
  const rounds = Math.ceil(sessions / together);
  const startedAt = until - (rounds * (reports + 3) + 4) * RULES.blockSeconds;
  const authorities = [[gateway.inception, gateway.organisation] as const];
  const genesis = makeGenesis(crypto, { version: 1, name: "long", startedAt, rules: RULES, authorities });
  await writeFile(join(home, "genesis.tally"), genesis.bytes);

  const archive = new MemoryArchive();
  const chain = new Chain(crypto, genesis, 8, { archive });
  chain.believesSignatures = true;
  const folder = join(home, "flash", "ledger");
  await mkdir(folder, { recursive: true });
  const flash = await openFlash(folder);
  const { log } = await openSegmentLog(flash, { randomness: new SystemRandomness() });
  let appends: Promise<unknown>[] = [log.append(genesisRecord(genesis))];
  let [blocks, recordBytes] = [0, 0];
  const append = (record: Uint8Array, key: string): void => {
    recordBytes += record.length;
    archive.note(key, archive.records.push(record) - 1);
    appends.push(log.append(record));
  };
  const actors = new Map<string, Actor>();
  const seal = async (facts: readonly Fact[]): Promise<void> => {
    const { state } = chain.head;
    const [place] = schedule(sha256, state);
    const sealer = actors.get(place?.did ?? "");
    if (place === undefined || sealer === undefined) throw new Error("bug of the test: nobody may seal");
    const own = { rank: 0, tier: place.tier, miner: sealer.did, signer: sealer.signer };
    const block = sealBlock(state, facts, { ...own, sealedAt: dueAt(state, 0) }, chain.context);
    if (block.facts.length !== facts.length) throw new Error("bug of the test: a block has no room for its facts");
    const added = chain.addBlock(block, undefined);
    if (!added.ok) throw new Error(`bug of the test: ${JSON.stringify(added.fault)}`);
    for (const fact of facts) append(factRecord(fact), fact.key);
    append(blockRecordOf(block), block.key);
    blocks += 1;
    if (blocks % BATCH_BLOCKS !== 0) return;
    // As a gateway does: what is old is not in memory.
    const first = chain.at(chain.head.serial - BLOCKS_IN_MEMORY);
    if (first !== undefined) chain.beginWith(first);
    await Promise.all(appends);
    appends = [];
  };

  const stations = [gateway, ...Array.from({ length: STATIONS - 1 }, (_, each) => newActor(`post ${each}`, "station"))];
  const vehicles = Array.from({ length: VEHICLES }, (_, each) => newActor(`car ${each}`, "vehicle"));
  for (const actor of [...stations, ...vehicles]) actors.set(toHex(actor.did), actor);
  await seal([...stations.slice(1), ...vehicles].map((actor) => joinFact(genesis.network, actor)));
  for (let first = 0; first < sessions; first += together) {
    const count = Math.min(together, sessions - first);
    const startedAtNow = chain.head.state.sealedAt;
    const charges = Array.from({ length: count }, (_, each) => {
      const number = first + each;
      const parties = { station: pick(stations, number), vehicle: pick(vehicles, number) };
      const salt = named(`salt ${number}`).slice(0, 16);
      const start = [number * 10_000_000, number * 9_000_000] as const;
      return new ChargeBuilder(genesis, parties, { startedAt: startedAtNow, salt, startMilliWh: start });
    });
    for (const facts of turnsOf(charges, reports)) await seal(facts);
  }
  await Promise.all(appends);
  const { register } = await openSafetyRegister(flash);
  const slotNow = chain.head.state.tallies.get(toHex(gateway.did))?.lastSlot ?? 0;
  await Boot.begin(register, { isSure: false, nowSeconds: 1, slotNow });
  await register.close();
  await log.close();
  await flash.close();
  return { blocks, recordBytes };
}

/** The facts of some charges, block by block: contracts and first reports, further reports, last words. */
function turnsOf(charges: readonly ChargeBuilder[], reports: number): readonly (readonly Fact[])[] {
  const each = (make: (charge: ChargeBuilder) => readonly Fact[]): readonly Fact[] => charges.flatMap(make);
  const both = (charge: ChargeBuilder, share: number): readonly Fact[] => [
    charge.report("station", [share, share, share, share, share]),
    charge.report(
      "vehicle",
      [share, share, share, share, share].map((step) => Math.floor(step * 0.985)),
    ),
  ];
  return [
    each((charge) => [charge.open, charge.report("station", [0]), charge.report("vehicle", [0])]),
    ...Array.from({ length: reports }, () => each((charge) => both(charge, 183_333))),
    each((charge) => [charge.complete("station"), charge.complete("vehicle")]),
  ];
}

async function actorOf(home: string): Promise<Actor> {
  const keys = await loadKeyFile(join(home, "gateway.key"));
  const config = await readFile(join(home, "tallystick.toml"), "utf8");
  const organisation = /^organisation = "(.*)"$/m.exec(config)?.[1] ?? "";
  const secrets = [keys.signing.reveal(), keys.next.reveal()] as const;
  return actorWith({ name: "gateway", role: "station", organisation }, secrets);
}

function newActor(name: string, role: DeviceRole): Actor {
  return actorWith({ name, role, organisation: name }, [named(`${name} key 0`), named(`${name} key 1`)]);
}

function actorWith(
  who: Pick<Actor, "name" | "role" | "organisation">,
  [signing, next]: readonly [Uint8Array, Uint8Array],
): Actor {
  const signer = new QuickSigner(signing);
  const inception = encodeInception(inceptionOf(crypto, who.role, signer.publicKey, new QuickSigner(next).publicKey));
  return { ...who, signer, inception, did: deviceIdOf(crypto, inception) };
}

function pick(actors: readonly Actor[], number: number): Actor {
  const actor = actors[number % actors.length];
  if (actor === undefined) throw new Error("bug of the test: nobody is there");
  return actor;
}
