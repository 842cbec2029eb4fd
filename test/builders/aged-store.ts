/** The flash of a gateway whose region has aged: some blocks, others' charges dropped after a few days. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { inspectFolder } from "#adapters/flash-store/index.ts";
import { toHex } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import { verifyStore, type Verification } from "#firmware/commands/verification.ts";
import { FlashCard, type FlashSnapshot } from "#hal/mock/flash.ts";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import { AgingRegion, OWN_STATION } from "./aging-region.ts";
import type { ChargeBuilder } from "./charge-builder.ts";
import { crypto, sha256 } from "./ledger-actors.ts";
import { runStore, type RunningStore, type StoreChoice } from "./stored-region.ts";

export const KEEP_DAYS = 3;
export const BLOCKS = 160;
export const KEEP: StoreChoice = { retention: { did: OWN_STATION.did, keepDays: KEEP_DAYS } };

export const region = new AgingRegion(2);
region.extend(5);
/** Evidence stands about this one. */
export const shown = region.lie();
region.extend(BLOCKS - region.builder.chain.head.serial);
export const { builder } = region;

export async function storedUpTo(blocks: number, choice: StoreChoice): Promise<FlashSnapshot> {
  const card = new FlashCard();
  const running = await runStore(card, builder, choice);
  await takeFrom(running, 1, blocks);
  await running.settled();
  await running.close();
  return card.snapshot();
}

export async function takeFrom(running: RunningStore, from: number, to: number): Promise<void> {
  for (let serial = from; serial <= to; serial += 1) {
    const block = builder.chain.at(serial)?.block;
    if (block !== undefined) await running.take(block);
  }
}

export async function startOn(snapshot: FlashSnapshot, choice: StoreChoice): Promise<RunningStore> {
  const card = new FlashCard();
  card.restore(snapshot);
  return runStore(card, builder, choice);
}

export async function verifyCard(snapshot: FlashSnapshot): Promise<Verification> {
  const folder = await mkdtemp(join(tmpdir(), "retention-"));
  try {
    for (const [name, bytes] of snapshot) await writeFile(join(folder, name), bytes);
    return await verifyStore(crypto, { path: "ledger", inspection: await inspectFolder(folder) });
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function holdsReceipt(chain: Chain, { address }: ChargeBuilder, when = "receipt"): void {
  const receipt = makeReceipt(chain, address);
  assert.ok(receipt, `${when}: none of ${toHex(address)}`);
  const read = verifyReceipt(crypto, receipt);
  assert.ok(read.ok, `${when}: ${JSON.stringify(read.ok ? "" : read.fault)}`);
  assert.is(read.value.finality.kind, "final", when);
  assert.is(read.value.result.state, "SETTLED", when);
}

export function sameChain(found: Chain, expected: Chain): void {
  assert.is(toHex(found.head.id), toHex(expected.head.id));
  assert.is(toHex(stateRoot(sha256, found.head.state)), toHex(stateRoot(sha256, expected.head.state)));
  for (let serial = 0; serial <= expected.head.serial; serial += 1) {
    assert.is(found.idAt(serial), expected.idAt(serial));
  }
}
