import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BindingCode } from "#core/binding/judge-watermark.ts";
import type { SafetyRegister } from "#core/ledger/record-log.ts";
import { NO_PATTERNS, patternMemory } from "#services/pattern-memory.ts";

const test = suite("pattern memory");

class Register implements SafetyRegister {
  value: Uint8Array | undefined;
  writes = 0;

  write(value: Uint8Array): Promise<void> {
    this.value = value;
    this.writes += 1;
    return Promise.resolve();
  }
}

async function provenAfter(...codes: readonly BindingCode[]): Promise<boolean> {
  const memory = patternMemory(new Register(), () => "kona");
  for (const code of codes) await memory.note(code);
  return memory.isProven;
}

test("a car is proven by two patterns in a row, whatever says nothing of its readings between them", async () => {
  assert.not(await provenAfter());
  assert.not(await provenAfter("PATTERN_FOUND"));
  assert.ok(await provenAfter("PATTERN_FOUND", "PATTERN_FOUND"));
  assert.ok(await provenAfter("PATTERN_FOUND", "NOTHING_HEARD", "NO_KEY", "TOO_FEW_READINGS", "PATTERN_FOUND"));
  assert.ok(await provenAfter("PATTERN_FOUND", "PATTERN_FOUND", "PATTERN_ABSENT", "MAY_BE_HIDDEN", "CHARGES_NOTHING"));
});

test("readings that showed nothing clear begin the row anew", async () => {
  for (const code of ["UNCLEAR", "TOO_NOISY", "READINGS_STAND", "UNPROVEN"] as const) {
    assert.not(await provenAfter("PATTERN_FOUND", code, "PATTERN_FOUND"), code);
    assert.not(await provenAfter("PATTERN_FOUND", "PATTERN_FOUND", code), code);
  }
});

test("it outlives a restart, writes what is new only, and holds for one profile", async () => {
  const register = new Register();
  let profile = "kona";
  const memory = patternMemory(register, () => profile);
  for (let charge = 0; charge < 5; charge += 1) await memory.note("PATTERN_FOUND");
  assert.is(register.writes, 2);
  assert.ok(patternMemory(register, () => "kona").isProven);
  profile = "zoe";
  assert.not(memory.isProven);
  await memory.note("PATTERN_FOUND");
  assert.not(memory.isProven);
  assert.not(NO_PATTERNS.isProven);
});

test.run();
