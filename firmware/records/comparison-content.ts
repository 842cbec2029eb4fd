/** How station and vehicle compare, in one sentence and in figures. */
import { PPM } from "#core/contract/terms.ts";
import type { Judgement } from "#core/session/judge-agreement.ts";
import type { Found } from "./catalogue/catalogue.ts";
import { bandText, energyText, powerText, roundedShareText, shareText, type Notation } from "./catalogue/notation.ts";
import type { ReceiptPart, Row } from "./receipt-content.ts";

/** `Station 57.42 kWh, car 51.50 kWh, expected 88–95 % at up to 11.0 kW, found 89.6 %: within the expected …`. */
export function comparisonSentence({ view, figures, texts }: ReceiptPart): string | undefined {
  const { judgement, stationMilliWh, vehicleMilliWh } = figures;
  if (judgement === undefined || figures.state === "CANCELLED") return undefined;
  const { notation } = texts;
  const { lossPpm, powerMaxW } = view.charge.open.terms;
  const sharePpm = shareOf(figures);
  // Below 10 kWh the second decimal is more than the difference that is being explained.
  const decimals = Math.max(stationMilliWh, vehicleMilliWh) < 10_000_000 ? 3 : 2;
  return texts.comparison({
    station: energyText(notation, stationMilliWh, decimals),
    vehicle: energyText(notation, vehicleMilliWh, decimals),
    expected: bandText(notation, PPM - lossPpm[1], PPM - lossPpm[0]),
    power: powerText(notation, powerMaxW),
    found: sharePpm === undefined ? undefined : foundText(notation, sharePpm, lossPpm),
    where: texts.found[placeOf(judgement, lossPpm, sharePpm)],
  });
}

/** The difference, its limits, and of what the uncertainty is made. */
export function comparisonRows({ view, figures, texts }: ReceiptPart): readonly Row[] {
  const { judgement } = figures;
  const { labels, notation, verdicts } = texts;
  if (judgement === undefined) return [{ label: labels.verdict, text: verdicts.NONE(NO_FIGURES) }];
  const { differencePpm, rejectionLimitPpm, acceptanceLimitPpm, expandedUncertaintyPpm, parts } = judgement;
  const share = (ppm: number): string => shareText(notation, ppm);
  const { lossPpm } = view.charge.open.terms;
  const band = bandText(notation, PPM - lossPpm[1], PPM - lossPpm[0]);
  const sharePpm = shareOf(figures);
  const found = sharePpm === undefined ? undefined : roundedShareText(notation, sharePpm, 2);
  const limitParts = texts.limitParts(share(judgement.tolerancePpm), share(expandedUncertaintyPpm));
  const uncertain = [
    [labels.stationMeter, parts.stationMeterPpm],
    [labels.vehicleMeter, parts.vehiclePpm],
    [labels.losses, parts.efficiencyPpm],
    [labels.steps, parts.resolutionPpm],
    [labels.time, parts.alignmentPpm],
  ] as const;
  const inParts = uncertain.map(([name, ppm]) => `${name} ${share(ppm)}`).join(", ");
  const verdict = judgement.reason === "MMQ" ? "MMQ" : judgement.verdict;
  return [
    { label: labels.expected, text: found === undefined ? band : texts.shares(band, found) },
    { label: labels.difference, text: share(differencePpm) },
    {
      label: labels.limit,
      text: `${share(rejectionLimitPpm)} (${limitParts})`,
    },
    { label: labels.uncertainty, text: inParts },
    {
      label: labels.verdict,
      text: verdicts[verdict]({
        difference: share(Math.abs(differencePpm)),
        isLess: differencePpm < 0,
        acceptance: share(acceptanceLimitPpm),
        limit: share(rejectionLimitPpm),
        minimum: energyText(notation, judgement.minimumQuantityMilliWh),
      }),
    },
  ];
}

const NO_FIGURES = { difference: "", isLess: false, acceptance: "", limit: "", minimum: "" };

/** The vehicle's of the station's amount; undefined where that is nothing or next to it. */
function shareOf({ stationMilliWh, vehicleMilliWh }: ReceiptPart["figures"]): number | undefined {
  if (stationMilliWh === 0) return undefined;
  const ppm = (BigInt(vehicleMilliWh) * BigInt(PPM)) / BigInt(stationMilliWh);
  return ppm > SHARE_PPM_MAX ? undefined : Number(ppm);
}

/** A thousand times is another unit, and no share says more than the two amounts do. */
const SHARE_PPM_MAX = 100_000_000n;

function placeOf(
  { verdict, reason, differencePpm }: Judgement,
  lossPpm: LossBand,
  sharePpm: number | undefined,
): Found {
  if (reason === "MMQ") return "tooLittle";
  switch (verdict) {
    case "DISAGREE":
      return differencePpm < 0 ? "belowLimit" : "aboveLimit";
    case "NOT-CAPABLE":
      return "notCapable";
    case "INCONCLUSIVE":
      return isWithin(lossPpm, sharePpm) ? "withinLoss" : "nearLimit";
    case "AGREE":
      return isWithin(lossPpm, sharePpm) ? "withinLoss" : "withinTolerance";
  }
}

type LossBand = readonly [leastPpm: number, mostPpm: number];

function isWithin([leastPpm, mostPpm]: LossBand, sharePpm: number | undefined): boolean {
  return sharePpm !== undefined && sharePpm >= PPM - mostPpm && sharePpm <= PPM - leastPpm;
}

/** With one decimal, or with as many as it takes for a share outside the band not to be rounded into it. */
function foundText(notation: Notation, sharePpm: number, lossPpm: LossBand): string {
  const rounded = Math.round(sharePpm / 1000) * 1000;
  const decimals = isWithin(lossPpm, rounded) === isWithin(lossPpm, sharePpm) ? 1 : 4;
  return roundedShareText(notation, sharePpm, decimals);
}
