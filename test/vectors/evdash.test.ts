/** The demonstration replies of evDash: already whole messages, cut into frames again and sent through the driver. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fromHex, toHex } from "#base/bytes.ts";
import { decodeSignals, type Quantities } from "#hal/vehicles/decode-signals.ts";
import { identify, identificationProbes, probeName, type ProbeAnswer } from "#hal/vehicles/identification.ts";
import { countCells, isCellCount } from "#hal/vehicles/plausibility.ts";
import type { RequestVariant, VehicleProfile } from "#hal/vehicles/profile.ts";
import { vehicleProfile, vehicleProfiles } from "#hal/vehicles/registry.ts";
import { replayExchange } from "#hal/vehicles/replay-exchange.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { DERIVED } from "../builders/derived-values.ts";

const test = suite("demonstration replies of evDash");

interface EvdashCase {
  readonly file: string;
  readonly line: number;
  readonly header: string | null;
  readonly request: string;
  readonly payload: string;
  readonly valid_hex: boolean;
  readonly derived?: Readonly<Record<string, number | string>>;
}

const FILE = fileURLToPath(new URL("../../../shared/data/evdash/demo_responses.json", import.meta.url));
const cases = existsSync(FILE)
  ? (JSON.parse(readFileSync(FILE, "utf8")) as { readonly cases: readonly EvdashCase[] }).cases
  : undefined;

if (cases === undefined) {
  test("skipped: the replies are not beside the checkout", () => {
    console.log("no evDash replies beside this checkout; nothing was checked against them");
  });
} else {
  test("all replies pass the framing, but those to another request are asked for again", () => {
    const seen = { passed: 0, askedAgain: 0, noHex: 0 };
    assert.is(cases.length, 202);
    for (const one of cases) {
      if (!one.valid_hex) {
        seen.noHex += 1;
        continue;
      }
      const { payload, outcome } = replay(one);
      const expected = positiveAnswerTo(one.request);
      const isAnswer = one.payload.toUpperCase().startsWith(expected);
      assert.is(outcome, isAnswer ? "payload" : "ask-again", `${one.file}:${one.line} ${one.request}`);
      if (payload !== undefined) assert.is(toHex(payload).toUpperCase(), one.payload.toUpperCase());
      seen[isAnswer ? "passed" : "askedAgain"] += 1;
    }
    console.log(`evDash replies: ${JSON.stringify(seen)}`);
    assert.equal(seen, { passed: 191, askedAgain: 9, noHex: 2 });
  });

  test("a reply to a profile's request decodes to plausible values", () => {
    let decodedCount = 0;
    let comparedCount = 0;
    for (const { one, profile, variant } of ownReplies(cases)) {
      const decoded = decode(variant, one);
      assert.ok(decoded !== undefined, `${one.file}:${one.line} ${one.request}`);
      decodedCount += 1;
      const cells = countCells(decoded);
      if (cells !== undefined) assert.ok(isCellCount(profile, cells), `${one.file}:${one.line}: ${cells} cells`);
      comparedCount += compareDerived(one, decoded);
    }
    console.log(`evDash replies to a profile's request: ${decodedCount}; ${comparedCount} derived values reproduced`);
    assert.ok(decodedCount >= 21, `${decodedCount}`);
    assert.ok(comparedCount >= 99, `${comparedCount}`);
  });

  test("a Zoe's battery, which answers under the Leaf's identifiers, is not taken for a Leaf", () => {
    const leaf = vehicleProfile("leaf");
    const zoe = cases.find(({ file, request }) => file.includes("Zoe") && request === "2101");
    assert.ok(leaf !== undefined && zoe !== undefined);
    const [probe] = identificationProbes([leaf]);
    assert.ok(probe !== undefined);
    const answer: ProbeAnswer = { kind: "data", payload: bytesOf(zoe.payload) };
    const { profile, candidates } = identify([leaf], new Map([[probeName(probe), answer]]));
    assert.is(profile, undefined);
    assert.is(candidates[0]?.verdict, "excluded");
  });

  test("the cars are told apart by what they answer", () => {
    for (const [file, name] of [
      ["CarHyundaiEgmp", "hyundai-ioniq-5"],
      ["CarKiaEniro", "hyundai-kona"],
      ["CarHyundaiIoniq.", "hyundai-ioniq-28"],
    ] as const) {
      const answers = new Map<string, ProbeAnswer>();
      for (const one of cases.filter((candidate) => candidate.file.includes(file) && candidate.valid_hex)) {
        answers.set(`${(one.header ?? "").slice(4)}/${one.request}`, { kind: "data", payload: bytesOf(one.payload) });
      }
      for (const probe of identificationProbes(vehicleProfiles)) {
        // The demonstration has no charge manager; this is what one was recorded to say.
        const isManager = file === "CarHyundaiEgmp" && probe.request === "22E001";
        const told: ProbeAnswer = isManager
          ? { kind: "data", payload: bytesOf(`62E001${"00".repeat(36)}`) }
          : { kind: "silent" };
        if (!answers.has(probeName(probe))) answers.set(probeName(probe), told);
      }
      assert.is(identify(vehicleProfiles, answers).profile?.name, name, file);
    }
  });
}

/** Which profile a file's cars have; what its author copied there from other cars' files is left out. */
const PROFILES: Readonly<Record<string, string>> = {
  "src/CarHyundaiEgmp.cpp": "ioniq5",
  "src/CarKiaEniro.cpp": "kona",
  "src/CarKiaEV9.cpp": "ioniq5",
  "src/CarHyundaiIoniq.cpp": "ioniq28",
  "src/CarVWUpMii.cpp": "eup",
};

function* ownReplies(
  all: readonly EvdashCase[],
): Generator<{ readonly one: EvdashCase; readonly profile: VehicleProfile; readonly variant: RequestVariant }> {
  for (const one of all) {
    const profile = vehicleProfile(PROFILES[one.file] ?? "");
    const header = Number.parseInt((one.header ?? "ATSH7E5").slice(4), 16);
    const variant = profile?.requests.find(
      ({ request, ecu }) => request === one.request.toUpperCase() && ecu.requestId === header,
    );
    if (profile !== undefined && variant !== undefined && one.valid_hex) yield { one, profile, variant };
  }
}

function decode(variant: RequestVariant, one: EvdashCase): Quantities | undefined {
  const { payload } = replay(one);
  const decoded = payload === undefined ? undefined : decodeSignals(variant, bytesOf(one.request), payload);
  return decoded?.ok === true ? decoded.value : undefined;
}

function compareDerived(one: EvdashCase, quantities: Quantities): number {
  let compared = 0;
  for (const [name, wanted] of Object.entries(one.derived ?? {})) {
    const found = DERIVED[name]?.(quantities);
    if (typeof found !== "number") continue;
    const number = typeof wanted === "string" ? Number.parseInt(wanted, 16) : wanted;
    assert.ok(Math.abs(found - number) <= 1e-6 * Math.max(1, Math.abs(number)), `${one.file}:${one.line} ${name}`);
    compared += 1;
  }
  return compared;
}

function replay(one: EvdashCase): ReturnType<typeof replayExchange> {
  const requestId = Number.parseInt((one.header ?? "ATSH7E5").slice(4), 16);
  // A request to all units is answered by one of them.
  const responseId = requestId === 0x7df ? 0x7e8 : requestId + 8;
  const ecu: EcuAddress = { idBits: 11, requestId, responseId };
  const lines = framesOf(bytesOf(one.payload)).map((frame) => `${responseId.toString(16).toUpperCase()}${frame}`);
  const text = new TextEncoder().encode(`${lines.join("\r")}\r\r>`);
  return replayExchange({ ecu, bytes: bytesOf(one.request) }, one.request.toUpperCase(), [text]);
}

/** ISO 15765-2, classic frames without padding in the single one, as some adapters print them. */
function framesOf(payload: Uint8Array): readonly string[] {
  const hex = toHex(payload).toUpperCase();
  if (payload.length <= 7) return [`${payload.length.toString(16).padStart(2, "0")}${hex}`.toUpperCase()];
  const frames = [`1${payload.length.toString(16).padStart(3, "0").toUpperCase()}${hex.slice(0, 12)}`];
  for (let start = 12, sequence = 1; start < hex.length; start += 14, sequence += 1) {
    frames.push(`2${(sequence % 16).toString(16).toUpperCase()}${hex.slice(start, start + 14).padEnd(14, "A")}`);
  }
  return frames;
}

function positiveAnswerTo(request: string): string {
  const service = (Number.parseInt(request.slice(0, 2), 16) + 0x40).toString(16).padStart(2, "0");
  return `${service}${request.slice(2)}`.toUpperCase();
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex.length % 2 === 0 ? hex : hex.slice(0, -1));
  assert.ok(bytes !== undefined, hex);
  return bytes;
}

test.run();
