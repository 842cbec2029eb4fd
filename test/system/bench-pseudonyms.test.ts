/** A car charges as one, goes on as another between two charges, and nothing on the chain says that it is one car. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { toHex } from "#base/bytes.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { decodeCbor } from "#core/wire/cbor.ts";
import { verifyPath } from "#firmware/commands/chain-source.ts";
import { waitForOneChain } from "#firmware/commands/bench/one-chain.ts";
import { stopGateways } from "#firmware/commands/bench/stop-gateways.ts";
import { waitForFinal } from "#firmware/commands/bench/wait-for-final.ts";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import { PseudonymDrive } from "#test/builders/pseudonym-drive.ts";
import { tallystick } from "#test/builders/tallystick-process.ts";

const crypto = new NodeCryptography();
const test = suite("bench, one identity after the other");

test("a car charges, is left alone, goes on as another and charges; both receipts hold and share nothing", async () => {
  const drive = await PseudonymDrive.prepare();
  try {
    await playTwoCharges(drive);
  } finally {
    await drive.close();
  }
});

async function playTwoCharges(drive: PseudonymDrive): Promise<void> {
  const { site, watch, charger, car, news } = drive;
  const { path, configPath, did: first } = car.gateway.folder;
  await drive.beginTurn(300);
  await drive.start(charger);
  await drive.start(car);
  const before = await drive.charge(first);
  await waitForOneChain(site, watch, [before.address]);
  await waitForFinal(site, watch);
  assert.not.ok(
    news.some(({ name }) => name === "pseudonymLeft"),
    "not while it charges, nor while a broker would see it",
  );
  assert.match(await told(["status", "--config", configPath]), /identity number 1, its days were over .*no other has/);

  assert.is(await charger.gateway.stop(), undefined);
  const startsOf = (): readonly string[] => news.flatMap(({ name, event }) => (name === "started" ? [event.did] : []));
  await drive.until("the other identity", () => startsOf().length === 2);
  const second = startsOf()[1] ?? "";
  assert.not.equal(second, first);
  assert.ok(car.gateway.isRunning, "the process goes on");
  await drive.start(charger);
  await drive.until("the car on the mesh", () => watch.of(car.gateway).isMeshUp);
  const after = await drive.charge(second);
  await waitForOneChain(site, watch, [before.address, after.address]);
  await waitForFinal(site, watch);
  assert.match(
    await told(["health", "--config", configPath]),
    /identity +healthy +number 2, until .*; no other has keys/,
  );
  assert.match(await told(["key", "pseudonyms", "--config", configPath]), /^ +1 .* left\n +2 .* in use until /);
  assert.equal(await stopGateways(site, watch), []);

  const chain = await verified(charger.gateway.folder.path);
  for (const [address, did] of [
    [before.address, first],
    [after.address, second],
  ] as const) {
    assert.is(toHex(chain.head.state.transactions.get(address)?.open.vehicle ?? new Uint8Array()), did);
  }
  assert.equal(sharedBy(chain, before.address, after.address), []);
  const opens = [before, after].map(({ address }) => chain.head.state.transactions.get(address)?.open.startMilliWh[1]);
  assert.equal(opens, [0, 0], "the second's register does not go on where the first's has ended");
  holdsReceipts(await verified(path), after.address, "the one in use");
  holdsReceipts(await verified(join(path, "flash/pseudonym-0002")), after.address, "the second");
  holdsReceipts(await verified(join(path, "flash")), before.address, "the first, by its own flash");
  assert.not.ok(existsSync(join(path, "flash/pseudonym-0003")));
}

async function told(words: readonly string[]): Promise<string> {
  const { exitCode, out, err } = await tallystick(words);
  assert.is(exitCode, 0, err);
  return out;
}

async function verified(path: string): Promise<Chain> {
  const verification = await verifyPath(crypto, path, ".");
  if (verification.ok && "chain" in verification) return verification.chain;
  throw new Error(`${path}: ${JSON.stringify(verification)}`);
}

function holdsReceipts(chain: Chain, address: string, which: string): void {
  const bytes = Uint8Array.from(Buffer.from(address, "hex"));
  const receipt = makeReceipt(chain, bytes);
  assert.ok(receipt !== undefined, which);
  const read = verifyReceipt(crypto, receipt);
  assert.ok(read.ok, `${which}: ${JSON.stringify(read.ok ? "" : read.fault)}`);
  assert.is(read.value.result.state, "SETTLED", which);
}

/** What both vehicles have said and the station has not: byte strings, texts and large numbers of any depth. */
function sharedBy(chain: Chain, one: string, other: string): readonly string[] {
  const facts = Array.from({ length: chain.head.serial }, (_, place) => chain.at(place + 1)?.block?.facts ?? []).flat();
  const wordsOf = (address: string): ReadonlySet<string> => {
    const vehicle = chain.head.state.transactions.get(address)?.open.vehicle ?? new Uint8Array();
    const own = facts.filter((fact) => isSaidBy(fact, address, toHex(vehicle)));
    assert.ok(own.length >= 4, "it has joined, opened, reported and completed");
    return new Set(own.flatMap(leavesOf));
  };
  const [left, right] = [wordsOf(one), wordsOf(other)];
  const open = facts.find((fact) => fact.kind === "OPEN");
  assert.ok(open?.kind === "OPEN");
  const { network, station, reference, terms } = open.body;
  // Terms are what this station offers and what a car of this make takes: the same for all of them.
  const known = new Set(["", ...[network, station, reference[1], terms].flatMap(said)]);
  return [...left].filter((leaf) => right.has(leaf) && !known.has(leaf));
}

function isSaidBy(fact: Fact, address: string, vehicle: string): boolean {
  if (fact.kind === "JOIN") return toHex(deviceIdOf(crypto, fact.body.inception)) === vehicle;
  if (fact.kind === "OPEN") return toHex(fact.body.vehicle) === vehicle;
  if (fact.kind !== "REPORT" && fact.kind !== "COMPLETE") return false;
  return fact.body.role === "vehicle" && toHex(fact.body.address) === address;
}

function leavesOf(fact: Fact): readonly string[] {
  const read = decodeCbor(fact.payload);
  assert.ok(read.ok);
  return said(read.value);
}

/** Numbers are of use to tell one car from others when they are long ones; short ones are lengths, places, prices. */
const LARGE = 1_000_000;

function said(value: unknown): readonly string[] {
  if (value instanceof Uint8Array) return value.length < 4 ? [] : [toHex(value)];
  if (typeof value === "string") return [value];
  if (typeof value === "number") return Math.abs(value) < LARGE ? [] : [String(value)];
  if (Array.isArray(value)) return value.flatMap(said);
  if (value instanceof Map) return [...value.values()].flatMap(said);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(said) : [];
}

test.run();
