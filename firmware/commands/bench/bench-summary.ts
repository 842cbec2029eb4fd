/** The end of a run in words: receipts, what really flowed beside what each side signed, blocks and heads. */
import { kwhText, percentText } from "#records/quantity-text.ts";
import { receiptLines } from "#records/receipt-text.ts";
import { viewOfReceipt } from "#records/receipt-view.ts";
import { costLines } from "./bench-cost.ts";
import type { BenchReport, ChargeReport } from "./bench-report.ts";

const RECEIPTS_SHOWN_MAX = 2;

export function summaryLines(report: BenchReport): readonly string[] {
  const { charges, problems, cost, kept, realSeconds } = report;
  return [
    ...charges.slice(0, RECEIPTS_SHOWN_MAX).flatMap(receiptOf),
    ...(charges.length > RECEIPTS_SHOWN_MAX ? [`(${charges.length - RECEIPTS_SHOWN_MAX} more receipts)`, ""] : []),
    ...charges.flatMap(chargeLines),
    "",
    ...minerLines(report),
    ...headLines(report),
    ...finalLines(report),
    ...(cost === undefined ? [] : costLines(cost, charges.length)),
    ...(kept === undefined ? [] : [`kept in ${kept}: try \`tallystick verify\` and \`tallystick show\` there`]),
    "",
    ...problems.map((problem) => `PROBLEM: ${problem}`),
    `${report.isGood ? "The bench run is good" : "The bench run FAILED"}, after ${realSeconds.toFixed(0)} s.`,
  ];
}

/** For programs. */
export function summaryData(report: BenchReport): Readonly<Record<string, unknown>> {
  return {
    event: "summary",
    ...report,
    charges: report.charges.map(({ receipt, result, ...charge }) => ({
      ...charge,
      result: result === undefined ? undefined : { ...result, address: charge.address },
      isReceiptVerified: receipt !== undefined,
    })),
  };
}

function receiptOf({ receipt }: ChargeReport): readonly string[] {
  return receipt === undefined ? [] : [...receiptLines(viewOfReceipt(receipt)), ""];
}

function chargeLines({ charger, vehicle, result, trueEnergy, outcome }: ChargeReport): readonly string[] {
  const title = `${vehicle} at ${charger}`;
  if (result === undefined) return [`${title}: no result stands in a block`];
  const { station, vehicle: car } = trueEnergy;
  const wh = (value: number): string => kwhText(Math.round(value * 1000));
  const beside = (signed: number, trueWh: number): string => {
    const error = trueWh > 0 ? ` (${percentText(Math.round((signed / (1000 * trueWh) - 1) * 1e6))})` : "";
    return `${kwhText(signed)} signed, ${wh(trueWh)} true${error}`;
  };
  const limit = percentText(result.rejectionLimitPpm);
  const losses = `cable ${wh(car.cableLossWh)}, charger ${wh(car.converterLossWh)}, car itself ${wh(car.onBoardWh)}`;
  return [
    `${title}: ${result.state}, verdict ${result.verdict}: ${OUTCOMES[outcome]}`,
    `  difference ${percentText(result.differencePpm)} of what is expected, disagreement from ${limit}`,
    `  station  ${beside(result.stationMilliWh, station.meterWh)} at the meter`,
    `  vehicle  ${beside(result.vehicleMilliWh, car.terminalsWh)} at the battery's terminals`,
    `  on the way ${wh(station.meterWh - car.terminalsWh)}: ${losses}`,
  ];
}

const OUTCOMES: Readonly<Record<ChargeReport["outcome"], string>> = {
  agreed: "as it must be between two honest sides",
  caught: "the lie was caught, which is what this run was to show",
  "not caught": "a lie too small for these meters: nobody is accused",
  wrong: "NOT how such a charge must end",
};

function minerLines({ blocks }: BenchReport): readonly string[] {
  const sealed = new Map<string, number>();
  for (const { miner } of blocks) sealed.set(miner, (sealed.get(miner) ?? 0) + 1);
  const changes = blocks.filter(({ miner }, place) => place > 0 && blocks[place - 1]?.miner !== miner).length;
  const shares = [...sealed].map(([miner, count]) => `${miner} ${count}`);
  return [`${blocks.length} blocks, each by the miner that the rule names: ${shares.join(", ")}; ${changes} changes`];
}

/** Each receipt says it of its own block; here it is counted. */
function finalLines({ charges }: BenchReport): readonly string[] {
  const receipts = charges.flatMap(({ receipt }) => receipt ?? []);
  const finals = receipts.flatMap(({ finality }) => (finality.kind === "final" ? [finality.voters] : []));
  const of = `${finals.length} of ${receipts.length} charges`;
  if (receipts.every(({ finality }) => finality.kind === "never")) return ["nobody votes in this region: C1 at most"];
  if (finals.length === 0) return [`${of} final (C2): the others are sealed (C1)`];
  const most = Math.max(...finals);
  const by = most === 1 ? "by the one voter there is, so by the operator's own log" : `by a quorum of ${most} voters`;
  return [`${of} final (C2), ${by}`];
}

function headLines({ gateways }: BenchReport): readonly string[] {
  const heads = new Set(gateways.map(({ head }) => head?.id));
  const [first] = gateways;
  if (heads.size === 1 && first?.head !== undefined) {
    const { serial, id } = first.head;
    return [`${gateways.length} stored chains verified, every head equal: block ${serial}, ${id}`];
  }
  return gateways.map(({ name, head }) => `${name}: ${head === undefined ? "no chain" : `${head.serial} ${head.id}`}`);
}
