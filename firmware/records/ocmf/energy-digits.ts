/** Values of a record as exact numbers: what is compared and subtracted is never a float. */

/** A whole number of 10⁻¹² Wh, from the digits and the unit of a reading; undefined when they are no energy. */
export function picoWh(digits: string | undefined, unit: string): bigint | undefined {
  const exponent = PICO_EXPONENTS.get(unit.trim().toLowerCase());
  const match = DIGITS.exec(digits ?? "");
  if (exponent === undefined || match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", power = "0"] = match;
  const shift = exponent + Number(power) - fraction.length;
  if (whole.length + fraction.length > DIGITS_MAX || Math.abs(shift) > DIGITS_MAX) return undefined;
  const value = BigInt(`${whole}${fraction}`);
  const divisor = 10n ** BigInt(Math.max(0, -shift));
  // Finer than 10⁻¹² Wh no meter is.
  if (value % divisor !== 0n) return undefined;
  const scaled = (value / divisor) * 10n ** BigInt(Math.max(0, shift));
  return sign === "-" ? -scaled : scaled;
}

/** `12.345 kWh`, exactly; at least three decimals. */
export function kwhDigits(pico: bigint): string {
  const text = (pico < 0n ? -pico : pico).toString().padStart(PICO_PER_KWH + 1, "0");
  const fraction = text.slice(-PICO_PER_KWH).replace(/0+$/, "").padEnd(3, "0");
  return `${pico < 0n ? "-" : ""}${text.slice(0, -PICO_PER_KWH)}.${fraction} kWh`;
}

/** Registers of mWh in kWh: all with the decimals of their step, and with more only where digits would be lost. */
export function registerDigits(registers: readonly number[], resolutionMilliWh: number): readonly string[] {
  let decimals = 0;
  const isTooFew = (): boolean =>
    10 ** (MILLI_PER_KWH - decimals) > resolutionMilliWh || registers.some((each) => isCut(each, decimals));
  while (decimals < MILLI_PER_KWH && isTooFew()) decimals += 1;
  return registers.map((milliWh) => {
    const text = milliWh.toString().padStart(MILLI_PER_KWH + 1, "0");
    const whole = text.slice(0, -MILLI_PER_KWH);
    return decimals === 0 ? whole : `${whole}.${text.slice(-MILLI_PER_KWH).slice(0, decimals)}`;
  });
}

const PICO_EXPONENTS = new Map([
  ["wh", 12],
  ["kwh", 15],
]);
const DIGITS = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;
const DIGITS_MAX = 64;
const PICO_PER_KWH = 15;
const MILLI_PER_KWH = 6;

function isCut(milliWh: number, decimals: number): boolean {
  return milliWh % 10 ** (MILLI_PER_KWH - decimals) !== 0;
}
