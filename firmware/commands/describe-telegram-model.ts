/** What a table of a meter that speaks by itself means, for whoever wrote it. */
import type { TelegramModel } from "#hal/meters/telegram/telegram-model.ts";
import { PROTOCOL_NAMES } from "#hal/meters/telegram/describe-unheard.ts";
import { telegramSettingsText } from "./telegram-report.ts";

export function telegramModelLines(model: TelegramModel): readonly string[] {
  const { protocol, mode, line, periodMs, anyPeriodMs, check, identity, quantities } = model;
  const { importedEnergy, exportedEnergy = [], power = [], voltage = [], current = [], frequency } = quantities;
  const every = mode === "asked" ? "asked every" : "pushes every";
  const rest = anyPeriodMs === undefined ? "" : `, telegrams without the energy every ${anyPeriodMs / 1000} s`;
  return [
    `${model.model}: good. ${PROTOCOL_NAMES[protocol]}, ${every} ${periodMs / 1000} s${rest}, at ` +
      telegramSettingsText({ kind: "serial", path: "", ...line }),
    `imported energy: ${importedEnergy.map((sum) => sum.join(" + ")).join(", else ")}`,
    ...(exportedEnergy.length === 0
      ? []
      : [`exported energy: ${exportedEnergy.map((sum) => sum.join(" + ")).join(", else ")}`]),
    `power: ${power.length === 0 ? "none" : power.map(balanceText).join(", else ")}`,
    `voltage: ${listText(voltage)}; current: ${listText(current)}; frequency: ${frequency ?? "none"}`,
    identity.serialNumber.length === 0 && protocol !== "sml"
      ? "It does not say who it is: a swapped meter is not noticed."
      : `who it is: ${[...identity.serialNumber, ...SENDERS[protocol]].join(", else ")}`,
    CHECKS[check],
  ];
}

const SENDERS: Readonly<Record<TelegramModel["protocol"], readonly string[]>> = {
  sml: ["the sender of the telegram"],
  ...{ dsmr: [], iec62056: [], dlms: [] },
};

function balanceText({
  plus,
  minus = [],
  unless = [],
}: NonNullable<TelegramModel["quantities"]["power"]>[number]): string {
  const without = unless.length === 0 ? "" : ` (unless ${unless.join(" or ")} is sent)`;
  return [plus.join(" + "), ...minus].join(" - ") + without;
}

function listText(codes: readonly string[]): string {
  return codes.length === 0 ? "none" : codes.join(", ");
}

const CHECKS: Readonly<Record<TelegramModel["check"], string>> = {
  crc: "Each telegram proves itself by a CRC.",
  bcc: "Each readout has a BCC, which misses two damages of one bit: the register has to go on as the power says.",
  none: "No sum proves a telegram: a first one is only believed when a second goes on from it.",
};
