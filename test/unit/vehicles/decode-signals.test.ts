/** Every signal of every profile at its edges: sentinels, signs, ranges, lengths. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fromHex } from "#base/bytes.ts";
import { decodeSignal, decodeSignals, signalsOf } from "#hal/vehicles/decode-signals.ts";
import type { RequestVariant, Signal } from "#hal/vehicles/profile.ts";
import { vehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";
import { allVariants } from "#hal/vehicles/profile-requests.ts";
import { answerOf, putRaw, rawOf } from "../../builders/profile-answers.ts";

const test = suite("signals of the profiles");

const all = vehicleProfiles.flatMap((profile) =>
  allVariants(profile).flatMap((variant) =>
    signalsOf(variant).map(([quantity, signal]) => ({
      name: `${profile.name} ${quantity}`,
      variant,
      quantity,
      signal,
    })),
  ),
);

function read(variant: RequestVariant, signal: Signal, raw: number): ReturnType<typeof decodeSignals> {
  const answer = answerOf(variant);
  putRaw(answer.subarray(answer.length - variant.dataBytesMin), signal, raw);
  return decodeSignals(variant, fromHex(variant.request) ?? new Uint8Array(), answer);
}

test("there are signals to look at", () => {
  assert.ok(all.length > 150, `${all.length}`);
});

test("what a car sends for unknown is nothing, and never a value", () => {
  let sentinels = 0;
  for (const { name, variant, quantity, signal } of all) {
    for (const raw of signal.invalid ?? []) {
      const decoded = read(variant, signal, raw);
      assert.ok(decoded.ok, `${name} ${raw.toString(16)}`);
      if ((signal.grade ?? variant.grade) !== "untrusted") assert.is(decoded.value.get(quantity), null, name);
      sentinels += 1;
    }
  }
  assert.ok(sentinels > 100, `${sentinels}`);
});

test("the least and the most are believed, one step further is not", () => {
  let refused = 0;
  for (const { name, variant, quantity, signal } of all) {
    if ((signal.grade ?? variant.grade) === "untrusted") continue;
    const step = Math.abs((signal.multiply ?? 1) / (signal.divide ?? 1));
    for (const [edge, beyond] of [
      [signal.min, signal.min - 2 * step],
      [signal.max, signal.max + 2 * step],
    ] as const) {
      if (canShow(signal, edge) && signal.invalid?.includes(rawOf(signal, edge)) !== true) {
        const decoded = read(variant, signal, rawOf(signal, edge));
        // Where the edge is no multiple of the step, the nearest one may lie beyond it.
        const isOnStep =
          Math.abs((decodeSignal(signal, rawBytes(signal, edge)) ?? 0) - edge) < 1e-9 * Math.max(1, step);
        if (isOnStep) assert.ok(decoded.ok, `${name} ${edge}`);
      }
      if (!canShow(signal, beyond) || signal.invalid?.includes(rawOf(signal, beyond)) === true) continue;
      const decoded = read(variant, signal, rawOf(signal, beyond));
      assert.ok(!decoded.ok && decoded.fault.code === "SIGNAL_IMPLAUSIBLE", `${name} ${beyond}`);
      assert.is(decoded.fault.quantity, quantity);
      refused += 1;
    }
  }
  assert.ok(refused > 80, `${refused}`);
});

function rawBytes(signal: Signal, value: number): Uint8Array {
  const bytes = new Uint8Array(signal.offset + signal.bytes);
  putRaw(bytes, signal, rawOf(signal, value));
  return bytes;
}

function canShow(signal: Signal, value: number): boolean {
  if (signal.mask !== undefined) return false;
  const raw = Math.round(((value - (signal.add ?? 0)) * (signal.divide ?? 1)) / (signal.multiply ?? 1));
  const span = 256 ** signal.bytes;
  return signal.isSigned === true ? raw >= -span / 2 && raw < span / 2 : raw >= 0 && raw < span;
}

/** By the study's section on native signs: the raw bytes behind the identifier, and the current into the battery. */
const SIGNS: readonly (readonly [profile: string, request: string, offset: number, hex: string, ampere: number])[] = [
  ["kona", "220101", 10, "FFF6", 1],
  ["kona", "220101", 10, "00CA", -20.2],
  ["ioniq5", "220101", 10, "F405", 306.7],
  ["ioniq28", "2101", 10, "8001", 3276.7],
  ["eup", "221E3D", 0, "07FC", 0],
  ["eup", "221E3D", 0, "08B4", 46],
  ["eup", "221E3D", 0, "05F2", -130.5],
  ["id3", "221E3D", 0, "000249F0", 0],
  ["id3", "221E3E", 0, "00027371", 106.25],
  ["id3", "221E3E", 0, "000208EF", -166.41],
  ["zoe-ph1", "223204", 0, "8000", 0],
  ["zoe-ph1", "223204", 0, "8004", 1],
  ["zoe", "22925D", 0, "7F80", 0],
  ["zoe", "22925D", 0, "7FA0", 1],
  ["i3", "22DD69", 0, "FFFFCF80", -124.16],
  ["i3", "22DD69", 0, "00000303", 7.71],
  ["bolt", "222414", 0, "FFEC", 1],
  ["mg", "22B043", 0, "9C40", 0],
  ["mg", "22B043", 0, "8BF7", 104.225],
  ["leaf", "2101", 0, "00000176", 0.365234375],
  ["leaf", "2101", 0, "FFFFFC00", -1],
  ["ipace", "22490C", 0, "8000", 0],
  ["ipace", "22490C", 0, "7FD8", 1],
];

for (const [name, request, offset, hex, ampere] of SIGNS) {
  test(`${name} ${request}: ${hex} is ${ampere} A into the battery`, () => {
    const profile = vehicleProfile(name);
    assert.ok(profile !== undefined);
    const variant = allVariants(profile).find((candidate) => candidate.request === request);
    const signal = variant?.signals.batteryCurrentA;
    assert.ok(signal !== undefined);
    const bytes = new Uint8Array(64);
    bytes.set(fromHex(hex) ?? new Uint8Array(), offset);
    assert.ok(Math.abs((decodeSignal(signal, bytes) ?? 1e9) - ampere) < 1e-9, `${decodeSignal(signal, bytes)}`);
  });
}

test("a current that the sources contradict is decoded for people and never measured with", () => {
  const mache = vehicleProfile("mache");
  const variant = mache?.requests.find(({ request }) => request === "2248F9");
  assert.ok(variant !== undefined);
  const answer = Uint8Array.of(0x62, 0x48, 0xf9, 0x00, 0xff);
  const decoded = decodeSignals(variant, Uint8Array.of(0x22, 0x48, 0xf9), answer);
  assert.ok(decoded.ok);
  assert.is(decoded.value.size, 0);
});

test("an answer of another length is another layout: nothing of it is read", () => {
  const variant = vehicleProfile("ioniq5")?.requests.find(({ request }) => request === "22E002");
  assert.ok(variant !== undefined);
  const short = Uint8Array.of(0x62, 0xe0, 0x02, ...new Uint8Array(29));
  const decoded = decodeSignals(variant, Uint8Array.of(0x22, 0xe0, 0x02), short);
  assert.equal(decoded, { ok: false, fault: { code: "SIGNALS_OTHER_LENGTH", bytes: 29, expected: "58 or more" } });
});

test.run();
