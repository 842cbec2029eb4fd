/** The values of one telegram by their OBIS codes, however much of a code the meter writes. */
import type { TelegramValue } from "#hal/protocols/telegram.ts";

export interface ObisCode {
  /** Medium and channel, such as `1-0`; undefined where they are left out. */
  readonly place: string | undefined;
  /** Groups C to E, such as `1.8.0`, `C.1` or `F.F`. */
  readonly quantity: string;
  /** Group F, which tells stored values apart; undefined where it is left out. */
  readonly stored: string | undefined;
}

/** Undefined for what is no code. IEC 62056-61 writes A-B:C.D.E*F; some meters write the last with & or a point. */
export function readObisCode(text: string): ObisCode | undefined {
  const [, place, groups = "", stored] = FORM.exec(text) ?? [];
  const [c, d, e, f, ...further] = groups.split(".");
  if (c === undefined || c === "" || further.length > 0 || (f !== undefined && stored !== undefined)) return undefined;
  const quantity = [c, d, e].filter((group) => group !== undefined).join(".");
  return { place, quantity, stored: f ?? stored };
}

/** Place, groups C and further, group F behind a mark. */
const FORM = /^(?:(\d{1,3}-\d{1,3}):)?([0-9A-Z]{1,3}(?:\.[0-9A-Z]{1,3})*)(?:[*&]([0-9A-Z]{1,3}))?$/;

export type Found =
  | { readonly kind: "none" }
  | { readonly kind: "one"; readonly value: TelegramValue }
  /** Different values go by this code: two meters in one telegram, or two channels of one. */
  | { readonly kind: "several"; readonly values: readonly TelegramValue[] };

export class CodedValues {
  readonly #byQuantity = new Map<string, Coded[]>();

  constructor(values: readonly TelegramValue[]) {
    for (const value of values) {
      const code = readObisCode(value.code);
      if (code === undefined) continue;
      const others = this.#byQuantity.get(code.quantity);
      if (others === undefined) this.#byQuantity.set(code.quantity, [{ code, value }]);
      else others.push({ code, value });
    }
  }

  find(wanted: string): Found {
    const code = readObisCode(wanted);
    if (code === undefined) return { kind: "none" };
    const fitting = (this.#byQuantity.get(code.quantity) ?? []).filter((coded) => isFor(code, coded.code));
    const values = fitting.map(({ value }) => value);
    const [first] = values;
    if (first === undefined) return { kind: "none" };
    const isOne = values.every(({ value, unit }) => value === first.value && unit === first.unit);
    return isOne ? { kind: "one", value: first } : { kind: "several", values };
  }

  has(wanted: string): boolean {
    return this.find(wanted).kind !== "none";
  }
}

interface Coded {
  readonly code: ObisCode;
  readonly value: TelegramValue;
}

function isFor(wanted: ObisCode, sent: ObisCode): boolean {
  if ((wanted.stored ?? CURRENT) !== (sent.stored ?? CURRENT)) return false;
  if (sent.place === undefined) return true;
  return wanted.place === undefined ? sent.place.startsWith(ELECTRICITY) : sent.place === wanted.place;
}

/** The value of now, as group F says it. */
const CURRENT = "255";
const ELECTRICITY = "1-";
