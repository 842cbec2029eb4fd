/**
 * Whether this car's readings show the pattern of a station when it is there, on flash: only then does it mean anything
 * that they do not. Cars differ in what their control units show and how late, and no table says it of all of them.
 */
import { concatBytes, equalBytes } from "#base/bytes.ts";
import type { BindingCode } from "#core/binding/judge-watermark.ts";
import type { SafetyRegister } from "#core/ledger/record-log.ts";
import { encodeUtf8 } from "#core/wire/utf8.ts";

export interface PatternMemory {
  readonly isProven: boolean;
  /** Takes in how a charge was judged. Resolves when a power cut does not undo it. */
  note(code: BindingCode): Promise<void>;
}

/** Of a gateway that plays no patterns. */
export const NO_PATTERNS: PatternMemory = { isProven: false, note: () => Promise.resolve() };

/** So many charges in a row that were judged: one alone may be luck, with values that stand for seconds. */
const FOUND_MIN = 2;

/** What each verdict says of the car's readings; the others say nothing of them. */
const STREAK: Partial<Readonly<Record<BindingCode, (found: number) => number>>> = {
  PATTERN_FOUND: (found) => Math.min(FOUND_MIN, found + 1),
  UNCLEAR: () => 0,
  TOO_NOISY: () => 0,
  READINGS_STAND: () => 0,
  UNPROVEN: () => 0,
};

/** @param measure how the car is read, such as the name of its profile: what another one has shown proves nothing */
export function patternMemory(register: SafetyRegister, measure: () => string): PatternMemory {
  const found = (): number => {
    const [count = 0, ...name] = register.value ?? [];
    return equalBytes(Uint8Array.from(name), encodeUtf8(measure())) ? count : 0;
  };
  return {
    get isProven() {
      return found() >= FOUND_MIN;
    },
    note: async (code) => {
      const before = found();
      const after = STREAK[code]?.(before) ?? before;
      if (after !== before) await register.write(concatBytes(Uint8Array.of(after), encodeUtf8(measure())));
    },
  };
}
