/**
 * What a receipt says, in words of one language, in the order in which a driver reads it. The page, the PDF and the
 * terminal only lay it out.
 */
import { toHex } from "#base/bytes.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import type { Role } from "#core/session/facts.ts";
import { saidBinding } from "#core/session/said-binding.ts";
import type { Catalogue, Confirmation, ConfirmationLevel, Headline, Language } from "./catalogue/catalogue.ts";
import { CATALOGUES } from "./catalogue/languages.ts";
import { instantText, laterText, type LocalTime } from "./catalogue/local-time.ts";
import { energyText, lengthText, minorText, NO_BREAK, powerText } from "./catalogue/notation.ts";
import { adviceOf, type Advice } from "./advice-content.ts";
import { causeTexts } from "./cause-content.ts";
import { comparisonRows, comparisonSentence } from "./comparison-content.ts";
import { priceContent, type PriceContent } from "./price-content.ts";
import { shortId } from "./quantity-text.ts";
import { receiptFigures, type ReceiptFigures } from "./receipt-figures.ts";
import type { ReceiptView } from "./receipt-view.ts";
import { sealedLevel, type SealedFinality } from "./sealed-finality.ts";

export interface ReceiptOptions {
  readonly language: Language;
  readonly localTime?: LocalTime;
}

/** One line: what it is about, and what is said of it. */
export interface Row {
  readonly label: string;
  readonly text: string;
}

export interface ReceiptContent {
  readonly texts: Catalogue;
  readonly figures: ReceiptFigures;
  readonly headline: { readonly tone: "good" | "unsure" | "bad"; readonly text: string };
  /** The amount in large type, and for how much energy. */
  readonly toPay: { readonly amount: string; readonly note: string };
  /** Tells loss from disagreement; undefined where nothing can be compared. */
  readonly sentence: string | undefined;
  readonly who: readonly Row[];
  readonly measured: readonly Row[];
  readonly comparison: readonly Row[];
  readonly price: PriceContent;
  readonly causes: readonly string[];
  /** Empty when there is nothing to explain and nothing to do. */
  readonly advice: Advice;
  /** What the picture of the power shows; undefined without one. */
  readonly curve: string | undefined;
  readonly proof: readonly Row[];
}

export function receiptContent(view: ReceiptView, options: ReceiptOptions): ReceiptContent {
  const texts = CATALOGUES[options.language];
  const figures = receiptFigures(view);
  const { currency: code, currencyDigits: digits } = view.charge.open.terms;
  const { amount, billedMilliWh } = figures;
  const part = { view, figures, texts, localTime: options.localTime };
  return {
    texts,
    figures,
    headline: headlineOf(figures, texts),
    toPay: {
      amount: minorText(texts.notation, { code, digits }, amount),
      note: texts.price.forEnergy(energyText(texts.notation, billedMilliWh)),
    },
    sentence: comparisonSentence(part),
    who: whoRows(part),
    measured: measuredRows(part),
    comparison: comparisonRows(part),
    price: priceContent(part),
    causes: causeTexts(part),
    advice: adviceOf(part),
    curve: curveText(part),
    proof: proofRows(part),
  };
}

/** All that the parts of a receipt are made of. */
export interface ReceiptPart {
  readonly view: ReceiptView;
  readonly figures: ReceiptFigures;
  readonly texts: Catalogue;
  readonly localTime: LocalTime | undefined;
}

export function levelOf({ charge, sealed }: ReceiptView): ConfirmationLevel {
  if (sealed !== undefined) return sealedLevel(sealed.finality);
  return charge.completes.station !== undefined && charge.completes.vehicle !== undefined ? "C0" : "open";
}

function headlineOf(figures: ReceiptFigures, { headlines }: Catalogue): ReceiptContent["headline"] {
  const name = headlineName(figures);
  const tone = TONES[name];
  return { tone, text: headlines[name] };
}

const TONES: Readonly<Record<Headline, "good" | "unsure" | "bad">> = {
  agree: "good",
  undecided: "unsure",
  tooLittle: "unsure",
  disagree: "bad",
  notCapable: "unsure",
  abandoned: "bad",
  cancelled: "unsure",
  settledLater: "good",
  running: "unsure",
};

function headlineName({ state, ending, verdict, judgement }: ReceiptFigures): Headline {
  if (ending === "mutual" || ending === "arbiter") return "settledLater";
  switch (state) {
    case "OPEN":
    case "ACTIVE":
    case "COMPLETING":
      return "running";
    case "CANCELLED":
      return "cancelled";
    case "ABANDONED":
      return "abandoned";
    case "DISPUTED":
      return "disagree";
    case "SETTLED":
      if (judgement?.reason === "MMQ") return "tooLittle";
      if (verdict === "NOT-CAPABLE") return "notCapable";
      return verdict === "AGREE" ? "agree" : "undecided";
  }
}

function whoRows({ view, texts, localTime }: ReceiptPart): readonly Row[] {
  const { open, completes } = view.charge;
  const { labels } = texts;
  const party = (role: Role): string => {
    const organisation = view.organisations[role];
    return `${shortDeviceId(open[role])}${organisation === "" ? "" : ` (${organisation})`}`;
  };
  const ended = (role: Role, label: string): readonly Row[] => {
    const complete = completes[role];
    if (complete === undefined) return [];
    const at = open.startedAt + Math.floor(complete.atMs / 1000);
    return [{ label, text: `${laterText(texts, [open.startedAt, at], localTime)}, ${texts.reasons[complete.reason]}` }];
  };
  const binding = saidBinding(view.charge);
  return [
    { label: labels.station, text: `${party("station")}, ${labels.outlet}${NO_BREAK}${open.evse}` },
    { label: labels.vehicle, text: party("vehicle") },
    ...(view.region === "" ? [] : [{ label: labels.region, text: view.region }]),
    { label: labels.began, text: instantText(texts, open.startedAt, localTime) },
    ...ended("station", labels.stationEnded),
    ...ended("vehicle", labels.vehicleEnded),
    ...(binding === undefined ? [] : [{ label: labels.binding, text: texts.binding[binding] }]),
  ];
}

function measuredRows({ view, figures, texts }: ReceiptPart): readonly Row[] {
  const { labels, places, notation } = texts;
  const [stationPoint, vehiclePoint] = view.charge.open.terms.measuringPoints;
  const { stationMilliWh, vehicleMilliWh, billedMilliWh, contestedMilliWh } = figures;
  const energy = (milliWh: number): string => energyText(notation, milliWh);
  return [
    { label: labels.stationEnergy, text: `${energy(stationMilliWh)}, ${places[stationPoint]}` },
    { label: labels.vehicleEnergy, text: `${energy(vehicleMilliWh)}, ${places[vehiclePoint]}` },
    { label: labels.billed, text: energy(billedMilliWh) },
    ...(contestedMilliWh > 0 ? [{ label: labels.contested, text: energy(contestedMilliWh) }] : []),
  ];
}

function curveText({ figures: { curve }, texts }: ReceiptPart): string | undefined {
  if (curve === undefined) return undefined;
  const most = (role: Role): string => powerText(texts.notation, Math.max(0, ...curve.watts[role]));
  const length = lengthText((curve.stepMs * curve.steps) / 1000);
  return texts.curve.describe({ length, station: most("station"), vehicle: most("vehicle") });
}

interface SealedText {
  readonly block: string;
  readonly miner: string;
  readonly at: string;
}

function confirmationText(view: ReceiptView, { confirmations }: Catalogue, sealed: SealedText): string {
  const { finality } = view.sealed ?? {};
  const confirmation = finality === undefined ? levelOf(view) : CONFIRMATIONS[finality.kind];
  const isOne = finality?.kind === "final" && finality.voters === 1;
  const counts = { signed: 0, voters: 0, epoch: 0, ...finality };
  return confirmations[isOne ? "C2 alone" : confirmation]({ ...sealed, ...counts });
}

const CONFIRMATIONS: Readonly<Record<SealedFinality["kind"], Confirmation>> = {
  final: "C2",
  "not yet": "C1",
  never: "C1 for good",
  "not shown": "C1 as shown",
  claimed: "C1 claimed",
};

function proofRows({ view, figures, texts, localTime }: ReceiptPart): readonly Row[] {
  const { labels, states, unbilled, endings } = texts;
  const { state, ending, silent, fault, revision, billedMilliWh } = figures;
  const { sealed } = view;
  const block = sealed === undefined ? "" : `${sealed.serial} (${shortId(sealed.id)})`;
  const miner = sealed === undefined ? "" : shortDeviceId(sealed.miner);
  const at = sealed === undefined ? "" : instantText(texts, sealed.sealedAt, localTime);
  const isSaid = ending === undefined || ending === "cancelled" || (state !== "SETTLED" && ending !== "lapse");
  const how = isSaid ? "" : `, ${endings[ending]}`;
  const stateText = (billedMilliWh === 0 ? unbilled[state] : undefined) ?? states[state];
  const who = silent === 0 ? "" : ` (${texts.silent[silent]})`;
  const { ruling } = view.charge;
  return [
    { label: labels.outcome, text: `${stateText}${how}${who}` },
    ...(ending === "arbiter" && ruling !== undefined
      ? [
          { label: labels.fault, text: texts.faults[fault] },
          { label: labels.reason, text: ruling.reason },
        ]
      : []),
    { label: labels.confirmed, text: confirmationText(view, texts, { block, miner, at }) },
    ...(revision === undefined || revision === 1 ? [] : [{ label: labels.revision, text: revision.toString() }]),
    { label: labels.address, text: toHex(view.address) },
  ];
}
