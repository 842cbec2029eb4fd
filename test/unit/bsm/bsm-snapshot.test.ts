/** Signed snapshots of a BSM-WS36A that signs really: what holds, what does not, and what is told when none comes. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { decodeSnapshot } from "#hal/meters/bsm/decode-snapshot.ts";
import { compressedKey, plainSignature } from "#hal/meters/bsm/signature-forms.ts";
import { takeSnapshot, type TakenSnapshot } from "#hal/meters/bsm/take-snapshot.ts";
import { fatalEvents, holdsSignature } from "#hal/meters/bsm/verify-snapshot.ts";
import { knownModel } from "#hal/meters/known-models.ts";
import { openModbusMeter } from "#hal/meters/open-modbus-meter.ts";
import { SimulatedBsm, type SimulatedBsmOptions } from "#hal/mock/modbus/bsm/simulated-bsm.ts";
import type { SimulatedUnit } from "#hal/mock/modbus/simulated-unit.ts";
import { bsmSigner } from "#test/builders/bsm-signer.ts";
import { openRtuLine, type RtuLine } from "#test/unit/modbus/rtu-line.ts";
import { STATE } from "#test/unit/modbus/watched-meter.ts";

const verify = new NodeCryptography().verify.bind(new NodeCryptography());
const signer = bsmSigner();

interface BsmBench extends RtuLine {
  readonly device: SimulatedBsm;
}

function benchOf(options: Partial<SimulatedBsmOptions> = {}): BsmBench {
  const units = new Map<number, SimulatedUnit>();
  const line = openRtuLine(units);
  const source = { now: () => STATE };
  const device = new SimulatedBsm({ clock: line.clock, source, serialNumber: "21070006", ...signer, ...options });
  units.set(42, device);
  return { ...line, device };
}

async function taken(bench: BsmBench): Promise<TakenSnapshot> {
  const result = await bench.clock.runUntilSettled(takeSnapshot(bench, 42));
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.value;
}

async function refusal(bench: BsmBench): Promise<string> {
  const result = await bench.clock.runUntilSettled(takeSnapshot(bench, 42));
  assert.not(result.ok, "a snapshot was taken");
  return result.ok ? "" : JSON.stringify(result.fault);
}

const test = suite("bsm signed snapshots");

test("a snapshot is made, read, and its signature holds with the meter's key", async () => {
  const bench = benchOf({ texts: ["contract 7", "evse 1", ""] });
  const { snapshot, publicKey } = await taken(bench);
  assert.is(snapshot.importedMilliWh, 1_234_560_000);
  assert.is(snapshot.stepMilliWh, 10_000);
  assert.is(snapshot.powerW, 6910);
  assert.is(snapshot.meterAddress, "001BZR121070006");
  assert.is(snapshot.responseCounter, 4278);
  assert.is(snapshot.offsetMinutes, -60);
  assert.equal(snapshot.texts, ["contract 7", "evse 1", ""]);
  assert.ok(Math.abs((snapshot.epochSeconds ?? 0) - bench.clock.wallMs() / 1000) < 5);
  assert.equal(publicKey, signer.publicKey);
  assert.ok(holdsSignature(snapshot, publicKey, verify));
  const noble = new NobleCryptography();
  assert.ok(holdsSignature(snapshot, publicKey, noble.verify.bind(noble)));
});

test("forty snapshots hold, whichever of the two s the meter has taken", async () => {
  const bench = benchOf();
  const highs = new Set<boolean>();
  for (let count = 0; count < 40; count += 1) {
    const { snapshot, publicKey } = await taken(bench);
    assert.ok(holdsSignature(snapshot, publicKey, verify));
    const [r = 0] = snapshot.signature.subarray(3);
    const sAt = 4 + r + 1;
    highs.add((snapshot.signature[sAt] ?? 0) === 33);
  }
  assert.is(highs.size, 2, "both kinds were seen");
});

test("one bit less or more in any signed register, and the signature does not hold", async () => {
  const bench = benchOf({ texts: ["abc", "def", "ghi"] });
  const { snapshot } = await taken(bench);
  const words = bench.device.read(3, 40_523, 125);
  const rest = bench.device.read(3, 40_648, 125);
  const last = bench.device.read(3, 40_773, 2);
  assert.ok(!("exception" in words) && !("exception" in rest) && !("exception" in last));
  const all = [...words, ...rest, ...last];
  const unsigned = new Set([1]);
  let checked = 0;
  for (let offset = 0; offset < 202; offset += 1) {
    if (unsigned.has(offset)) continue;
    const changed = all.map((word, index) => (index === offset ? word ^ 0x0001 : word));
    const decoded = decodeSnapshot(changed);
    const isRefused = !decoded.ok || !holdsSignature(decoded.value, signer.publicKey, verify);
    assert.ok(isRefused, `register ${offset}`);
    checked += 1;
  }
  assert.is(checked, 201);
  assert.ok(holdsSignature(snapshot, signer.publicKey, verify));
});

test("registers that show more than was signed, and another's key, do not hold", async () => {
  const bench = benchOf();
  bench.device.wrongs.addedCounts = 1;
  const { snapshot, publicKey } = await taken(bench);
  assert.not(holdsSignature(snapshot, publicKey, verify));
  bench.device.wrongs.addedCounts = 0;
  const right = await taken(bench);
  assert.ok(holdsSignature(right.snapshot, publicKey, verify));
  assert.not(holdsSignature(right.snapshot, bsmSigner().publicKey, verify));
});

test("what the meter reports against itself is told", async () => {
  const bench = benchOf();
  bench.device.wrongs.events = (1 << 19) | (1 << 16) | (1 << 2);
  const { snapshot, publicKey } = await taken(bench);
  assert.ok(holdsSignature(snapshot, publicKey, verify));
  assert.is(fatalEvents(snapshot).length, 2);
  assert.match(fatalEvents(snapshot).join(), /development mode/);
});

test("a meter that fails, sticks, or shows an old snapshot is told as that", async () => {
  const bench = benchOf();
  bench.device.wrongs.status = 3;
  assert.match(await refusal(bench), /SNAPSHOT_FAILED.*"status":3/);
  bench.device.wrongs.status = 0;
  await taken(bench);
  bench.device.wrongs.isStale = true;
  assert.match(await refusal(bench), /SNAPSHOT_UNUSABLE.*an old one/);
  bench.device.wrongs.isStale = false;
  bench.device.wrongs.isStuck = true;
  const startMs = bench.clock.monotonicMs();
  assert.match(await refusal(bench), /SNAPSHOT_LATE/);
  const tookMs = bench.clock.monotonicMs() - startMs;
  assert.ok(tookMs >= 15_000 && tookMs < 17_000, `${tookMs} ms`);
});

test("a slow meter is waited for", async () => {
  const { snapshot, publicKey } = await taken(benchOf({ makingMs: 14_000 }));
  assert.ok(holdsSignature(snapshot, publicKey, verify));
});

test("another device is not ordered to do anything", async () => {
  const bench = benchOf();
  bench.device.faults.silent = true;
  assert.match(await refusal(bench), /METER_SILENT/);
  const units = new Map<number, SimulatedUnit>();
  const line = openRtuLine(units);
  const writes: number[] = [];
  const other = {
    faults: bench.device.faults,
    read: () => [1, 2],
    write: (address: number) => void writes.push(address),
  };
  bench.device.faults.silent = false;
  units.set(42, {
    ...other,
    read: (_code, _address, count) => new Array<number>(count).fill(7),
    write: () => undefined,
  });
  const refused = await line.clock.runUntilSettled(takeSnapshot(line, 42));
  assert.ok(!refused.ok && refused.fault.code === "SNAPSHOT_UNUSABLE");
  assert.equal(writes, []);
});

test("the twin is an ordinary meter, too: by its table and as a SunSpec device", async () => {
  for (const model of ["bauer-bsm-ws36a", "sunspec"]) {
    const map = knownModel(model);
    assert.ok(map !== undefined);
    const bench = benchOf();
    const meter = openModbusMeter(bench, { map, unit: 42 });
    const reading = await bench.clock.runUntilSettled(meter.read());
    assert.ok(reading.ok, JSON.stringify(reading));
    assert.is(reading.value.importedMilliWh, 1_234_560_000);
    assert.is(reading.value.register, "3:40136");
    assert.is(reading.value.rolloverMilliWh, 2 ** 32 * 10_000);
  }
});

test("a signature in any other form than the one of DER is none", async () => {
  const { snapshot } = await taken(benchOf());
  const der = snapshot.signature;
  assert.is(plainSignature(der)?.length, 64);
  const changed = (at: number, value: number): Uint8Array => der.map((byte, index) => (index === at ? value : byte));
  const zeroR = Uint8Array.of(0x30, 6, 2, 1, 0, 2, 1, 1);
  const padded = Uint8Array.of(0x30, 7, 2, 2, 0, 1, 2, 1, 1);
  const negative = Uint8Array.of(0x30, 6, 2, 1, 0x81, 2, 1, 1);
  for (const wrong of [
    new Uint8Array(),
    der.slice(0, -1),
    Uint8Array.of(...der, 0),
    ...[changed(0, 0x31), changed(1, 0x45 ^ 0x7f), changed(2, 3), changed(3, 0x7f)],
    ...[zeroR, padded, negative],
    Uint8Array.of(0x30, 0x26, 2, 0x21, 0, ...new Array<number>(32).fill(0xff), 2, 1, 1),
  ]) {
    assert.is(plainSignature(wrong), undefined);
  }
  assert.equal([...(plainSignature(Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1)) ?? [])].filter(Boolean), [1, 1]);
});

test("a key that is no P-256 key in its one form is none", () => {
  assert.is(compressedKey(signer.publicKey)?.length, 33);
  assert.is(compressedKey(signer.publicKey.slice(0, -1)), undefined);
  assert.is(compressedKey(signer.publicKey.map((byte, index) => (index === 20 ? byte ^ 1 : byte))), undefined);
});

test.run();
