/** Likely causes of a difference, in words. */
import type { Cause } from "#core/comparison/diagnosis.ts";
import type { CauseFigures } from "./catalogue/catalogue.ts";
import { clockOf } from "./catalogue/local-time.ts";
import { bandText, decimalText, energyText, powerText, shareText } from "./catalogue/notation.ts";
import type { ReceiptPart } from "./receipt-content.ts";

/** The best fitting first; a loss that was to be expected is no news where the two do not disagree. */
export function causeTexts(part: ReceiptPart): readonly string[] {
  const causes = part.figures.diagnosis?.causes ?? [];
  const isPeaceful = part.figures.verdict !== "DISAGREE";
  return causes
    .filter((cause) => !(isPeaceful && cause.code === "charging-loss" && cause.isAgreed))
    .slice(0, CAUSES_SHOWN_MAX)
    .map((cause) => part.texts.causes[cause.code](figuresOf(part, cause)));
}

/** The ones after them explain less. */
const CAUSES_SHOWN_MAX = 3;

const NOTHING: CauseFigures = {
  side: "",
  energy: "",
  share: "",
  plausible: "",
  power: "",
  seconds: "",
  factor: "",
  from: "",
  to: "",
};

function figuresOf(part: ReceiptPart, cause: Cause): CauseFigures {
  const { texts } = part;
  const { notation } = texts;
  const usual: CauseFigures = {
    ...NOTHING,
    side: cause.side === "either" ? texts.eitherSide : texts.roles[cause.side],
    from: clockAt(part, cause.firstIndex),
    to: clockAt(part, cause.lastIndex),
  };
  switch (cause.code) {
    case "counter-jump":
      return { ...usual, energy: energyText(notation, cause.jumpMilliWh) };
    case "counter-reset":
    case "reversed-transformer":
      return { ...usual, energy: energyText(notation, cause.missingMilliWh) };
    case "lost-phase":
    case "pulse-constant":
      return { ...usual, share: shareText(notation, cause.foundPpm, 1) };
    case "factor-1000":
      return { ...usual, factor: decimalText(notation, 10n ** BigInt(Math.min(18, Math.abs(cause.exponent))), 0) };
    case "charging-loss": {
      const [least, most] = cause.plausiblePpm;
      return { ...usual, share: shareText(notation, cause.lossPpm, 1), plausible: bandText(notation, least, most) };
    }
    case "clock-offset":
      return { ...usual, seconds: Math.abs(cause.seconds).toString() };
    case "standing-consumption":
      return { ...usual, power: powerText(notation, cause.powerW), energy: energyText(notation, cause.milliWh) };
    case "swapped-vehicles":
      return usual;
  }
}

/** When a reading was taken, on the reader's clock. */
function clockAt({ view, localTime }: ReceiptPart, index: number): string {
  const { startedAt, terms } = view.charge.open;
  return clockOf(startedAt + Math.max(0, index) * terms.readingIntervalSeconds, localTime);
}
