/**
 * A receipt in plain words: who, when, what each side measured, whether the two agree and by how much, what it costs
 * and how sure all of this is. The one place where this wording stands.
 */
import { toHex } from "#base/bytes.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Price } from "#core/contract/price.ts";
import type { MeasuringPoint, Terms } from "#core/contract/terms.ts";
import { chargeCost } from "#core/session/charge-cost.ts";
import { judgeAgreement, type Judgement } from "#core/session/judge-agreement.ts";
import { settle, type SettlementState } from "#core/session/settle.ts";
import {
  durationText,
  exactMoneyText,
  kwhText,
  moneyText,
  percentText,
  priceText,
  shortId,
  utcText,
} from "./quantity-text.ts";
import type { ReceiptView } from "./receipt-view.ts";

/** C0: both have signed. C1: a block holds the result; until blocks are final another branch may replace it. */
export type ConfirmationLevel = "open" | "C0" | "C1";

export function receiptLines(view: ReceiptView): readonly string[] {
  const { open } = view.charge;
  const { terms } = open;
  const figures = figuresOf(view);
  const [stationPoint, vehiclePoint] = terms.measuringPoints;
  return [
    `Receipt of charge ${toHex(view.address)}`,
    row("station", `${shortDeviceId(open.station)}, outlet ${open.evse}`),
    row("vehicle", shortDeviceId(open.vehicle)),
    row("began", utcText(open.startedAt)),
    ...completionRows(view),
    row("station's", `${kwhText(figures.stationMilliWh)}, measured at ${PLACE[stationPoint]}`),
    row("vehicle's", `${kwhText(figures.vehicleMilliWh)}, measured at ${PLACE[vehiclePoint]}`),
    ...agreementRows(figures, terms),
    row("outcome", stateText(figures, view)),
    ...priceRows(figures, terms),
    row("confirmed", confirmationText(view)),
  ];
}

/** The same for programs: energies in mWh, amounts in minor units, ids in hex. */
export function receiptData(view: ReceiptView): Readonly<Record<string, unknown>> {
  const { charge, sealed } = view;
  const { open } = charge;
  const { judgement, price, ...figures } = figuresOf(view);
  return {
    address: toHex(view.address),
    station: toHex(open.station),
    vehicle: toHex(open.vehicle),
    evse: open.evse,
    startedAt: open.startedAt,
    completed: Object.fromEntries(
      Object.entries(charge.completes).map(([role, { reason, atMs }]) => [role, { reason, atMs }]),
    ),
    ...figures,
    verdictText: judgement === undefined ? NO_VERDICT : verdictText(judgement),
    ...(judgement === undefined ? {} : { judgement }),
    currency: open.terms.currency,
    currencyDigits: open.terms.currencyDigits,
    amount: price.minorUnits,
    priceLines: price.lines.map((line) => ({ ...line, picoUnits: line.picoUnits.toString() })),
    confirmation: levelOf(view),
    ...(sealed === undefined
      ? {}
      : { block: sealed.serial, blockId: toHex(sealed.id), miner: toHex(sealed.miner), sealedAt: sealed.sealedAt }),
  };
}

/** Whether the two agree, by how much they differ and against which limit. */
export function verdictText(judgement: Judgement): string {
  const { verdict, differencePpm, rejectionLimitPpm, acceptanceLimitPpm } = judgement;
  const difference = percentText(Math.abs(differencePpm));
  const side = differencePpm < 0 ? "less" : "more";
  switch (verdict) {
    case "AGREE":
      return `the two agree: the difference of ${difference} is within ${percentText(acceptanceLimitPpm)}`;
    case "DISAGREE":
      return (
        `THE TWO DISAGREE: the vehicle measured ${difference} ${side} than the station's amount lets expect; ` +
        `the limit is ${percentText(rejectionLimitPpm)}`
      );
    case "NOT-CAPABLE":
      return "no verdict: the meters are too uncertain for the tolerance that was agreed";
    case "INCONCLUSIVE":
      return judgement.reason === "MMQ"
        ? `no verdict: less energy than the ${kwhText(judgement.minimumQuantityMilliWh)} that one takes`
        : `undecided: the difference of ${difference} is as near to the limit as the meters are uncertain; ` +
            "it counts as agreement";
  }
}

const NO_VERDICT = "no verdict: the two have not both completed";

interface Figures {
  readonly state: SettlementState;
  readonly stationMilliWh: number;
  readonly vehicleMilliWh: number;
  readonly billedMilliWh: number;
  readonly contestedMilliWh: number;
  readonly verdict: ResultBody["verdict"];
  readonly judgement: Judgement | undefined;
  readonly price: Price;
}

/** From the result where a block holds one, else from what is signed so far. */
function figuresOf({ charge, result }: ReceiptView): Figures {
  const settlement = result ?? settle(charge, false);
  const { state, stationMilliWh, vehicleMilliWh, billedMilliWh, contestedMilliWh } = settlement;
  const verdict = "verdict" in settlement ? settlement.verdict : (settlement.judgement?.verdict ?? "NONE");
  const judgement = verdict === "NONE" ? undefined : judgeAgreement(charge.open.terms, stationMilliWh, vehicleMilliWh);
  const price = chargeCost(charge, billedMilliWh);
  return { state, stationMilliWh, vehicleMilliWh, billedMilliWh, contestedMilliWh, verdict, judgement, price };
}

const PLACE: Readonly<Record<MeasuringPoint, string>> = {
  mains: "the mains",
  "vehicle-inlet": "the vehicle's inlet",
  "charger-output": "the charger's output",
  battery: "the battery",
};

function completionRows({ charge }: ReceiptView): readonly string[] {
  const { station, vehicle } = charge.completes;
  return [
    ...(station === undefined ? [] : [row("station ended", `${reasonText(station)}, after ${elapsed(station.atMs)}`)]),
    ...(vehicle === undefined ? [] : [row("vehicle ended", `${reasonText(vehicle)}, after ${elapsed(vehicle.atMs)}`)]),
  ];
}

function reasonText({ reason }: { readonly reason: string }): string {
  return reason.replaceAll("-", " ");
}

function elapsed(ms: number): string {
  return durationText(ms / 1000);
}

/** The difference, its limits, and of what the uncertainty is made. */
function agreementRows({ judgement }: Figures, { tolerancePpm }: Terms): readonly string[] {
  if (judgement === undefined) return [row("verdict", NO_VERDICT)];
  const { differencePpm, rejectionLimitPpm, expandedUncertaintyPpm, expectedRatioPpm, parts } = judgement;
  const uncertain = [
    ["station's meter", parts.stationMeterPpm],
    ["vehicle's", parts.vehiclePpm],
    ["losses", parts.efficiencyPpm],
    ["steps", parts.resolutionPpm],
    ["time", parts.alignmentPpm],
  ] as const;
  const limit = `${percentText(tolerancePpm)} agreed + ${percentText(expandedUncertaintyPpm)} uncertainty`;
  return [
    row("expected", `${percentText(expectedRatioPpm)} of the station's reaches the vehicle's meter`),
    row("difference", `${percentText(differencePpm)}, limit ${percentText(rejectionLimitPpm)} (${limit})`),
    row("uncertainty", uncertain.map(([name, ppm]) => `${name} ${percentText(ppm)}`).join(", ")),
    row("verdict", verdictText(judgement)),
  ];
}

function stateText({ state, contestedMilliWh }: Figures, { result }: ReceiptView): string {
  const contested = contestedMilliWh > 0 ? `; ${kwhText(contestedMilliWh)} contested, not billed` : "";
  const silent = result === undefined || result.silent === 0 ? "" : `: ${SILENT[result.silent] ?? ""} fell silent`;
  return `${STATES[state]}${silent}${contested}`;
}

const STATES: Readonly<Record<SettlementState, string>> = {
  OPEN: "open: signed by both, nothing has flowed yet",
  ACTIVE: "running",
  COMPLETING: "one side has completed, the other has time to",
  SETTLED: "settled",
  DISPUTED: "disputed: only what both have signed to is billed",
  ABANDONED: "abandoned",
  CANCELLED: "cancelled: nothing flowed",
};

/** By the bits of a result's `silent`. */
const SILENT: readonly string[] = ["", "the station", "the vehicle", "both"];

function priceRows({ price, billedMilliWh }: Figures, { currency, currencyDigits }: Terms): readonly string[] {
  const lines = price.lines.map(({ fromSecond, toSecond, milliWh, microPerKwh, picoUnits }) => {
    const time = `${durationText(fromSecond)} to ${durationText(toSecond)}`;
    const rate = priceText(microPerKwh, currencyDigits, currency);
    return row(
      "price",
      `${time}: ${kwhText(milliWh)} at ${rate} = ${exactMoneyText(picoUnits, currencyDigits, currency)}`,
    );
  });
  const total = moneyText(price.minorUnits, currencyDigits, currency);
  return [...lines, row("to pay", `${total} for ${kwhText(billedMilliWh)}`)];
}

function confirmationText(view: ReceiptView): string {
  const { sealed } = view;
  switch (levelOf(view)) {
    case "open":
      return "not yet: one side or both have still to complete";
    case "C0":
      return "C0, agreed: both sides have signed; no block holds the result yet";
    case "C1":
      return sealed === undefined
        ? "C1, sealed"
        : `C1, sealed: in block ${sealed.serial} (${shortId(sealed.id)}) by ${shortDeviceId(sealed.miner)} ` +
            `at ${utcText(sealed.sealedAt)}; not final yet`;
  }
}

function levelOf({ charge, sealed }: ReceiptView): ConfirmationLevel {
  if (sealed !== undefined) return "C1";
  return charge.completes.station !== undefined && charge.completes.vehicle !== undefined ? "C0" : "open";
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(14)} ${text}`;
}
