/** Why bytes came but no telegram, in one sentence for a log or a person. */
import { guessProtocol, type ProtocolGuess } from "./guess-protocol.ts";
import type { TelegramModel, TelegramProtocol } from "./telegram-model.ts";
import type { Unheard } from "./telegram-source.ts";

export function describeUnheard(unheard: Unheard, model: TelegramModel): string {
  const { problem, bytes, tail } = unheard;
  if (problem?.code === "TELEGRAM_ENCRYPTED") return `the telegrams are encrypted: ${problem.reason}`;
  const said = `${bytes} bytes came and no intact telegram`;
  const why =
    problem === undefined ? "" : `, the last one ${PROBLEMS[problem.code] ?? "is damaged"}: ${problem.reason}`;
  return `${said}${why}${guessText(guessProtocol(tail), model)}`;
}

export const PROTOCOL_NAMES: Readonly<Record<TelegramProtocol, string>> = {
  sml: "SML",
  dsmr: "P1 (DSMR)",
  iec62056: "IEC 62056-21 (D0)",
  dlms: "DLMS",
};

const PROBLEMS: Readonly<Partial<Record<string, string>>> = {
  TELEGRAM_CUT_SHORT: "was cut short",
  TELEGRAM_BAD_SUM: "has a wrong sum",
  TELEGRAM_MALFORMED: "breaks the format",
  TELEGRAM_TOO_LONG: "does not end",
};

function guessText(guess: ProtocolGuess, model: TelegramModel): string {
  switch (guess.kind) {
    case "protocol":
      if (guess.protocol === model.protocol) return "; what came is of this protocol, but damaged";
      return `; this looks like ${PROTOCOL_NAMES[guess.protocol]}`;
    case "noise":
      return "; this looks like another speed, another parity or an inverted signal";
    case "unknown":
      return "";
  }
}
