/** Which of a device's meters is billed by. It is never guessed. */
import { fail, ok, type Result } from "#base/result.ts";
import type { MeterFault } from "#hal/ports/energy-meter.ts";
import type { FoundChain, FoundMeter } from "./find-meters.ts";
import { chainText } from "./walk-chain.ts";

/**
 * The one with the wished number, or else the only one. Where a serial number is known already, the meter that has it
 * is the one, wherever in the chain it stands now.
 */
export function chooseMeter(
  { models, meters }: FoundChain,
  index: number | undefined,
  knownSerialNumber: string | null,
): Result<FoundMeter, MeterFault> {
  const known = meters.filter(({ serialNumber }) => serialNumber !== null && serialNumber === knownSerialNumber);
  const [first, second] = known.length === 1 ? known : meters;
  const chosen = known.length !== 1 && index !== undefined ? meters[index - 1] : first;
  if (chosen === undefined) {
    const expected = index === undefined ? "a meter: model 201 to 204 or 211 to 214" : `a meter number ${index}`;
    return refused(meters.length === 0 ? chainText(models) : listText(meters), expected);
  }
  if (index === undefined && second !== undefined) {
    return refused(listText(meters), "one meter, or a name that says which, such as sunspec-2");
  }
  return ok(chosen);
}

function listText(meters: readonly FoundMeter[]): string {
  const texts = meters.map(({ model, maker, product, serialNumber }, index) => {
    const who = [maker, product, serialNumber].flatMap((text) => (text === null ? [] : [text])).join(" ");
    return `sunspec-${index + 1} is model ${model.id} at ${model.address} (${who === "" ? "no name" : who})`;
  });
  return texts.join(", ");
}

function refused(found: string, expected: string): Result<never, MeterFault> {
  return fail({ code: "METER_IMPLAUSIBLE", quantity: "SunSpec map", value: found, expected });
}
