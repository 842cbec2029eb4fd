/** A receipt on a terminal, in English, and as data for programs. */
import { toHex } from "#base/bytes.ts";
import { saidBinding } from "#core/session/said-binding.ts";
import { NO_BREAK } from "./catalogue/notation.ts";
import { levelOf, receiptContent, type Row } from "./receipt-content.ts";
import { receiptFigures } from "./receipt-figures.ts";
import type { PriceContent } from "./price-content.ts";
import type { ReceiptView } from "./receipt-view.ts";

export function receiptLines(view: ReceiptView): readonly string[] {
  const content = receiptContent(view, { language: "en" });
  const { texts, headline, toPay, sentence, price } = content;
  const rows: readonly Row[] = [
    ...content.who,
    ...content.measured,
    ...content.comparison,
    ...content.causes.map((text) => ({ label: texts.labels.causes, text })),
    ...priceRows(price, texts.labels.price),
    { label: texts.labels.toPay, text: `${toPay.amount} ${toPay.note}` },
    ...content.proof,
    ...content.advice.texts.map((text) => ({ label: content.advice.title, text })),
  ];
  return [
    `${texts.title}: ${headline.text}`,
    ...(sentence === undefined ? [] : [sentence]),
    ...rows.map(({ label, text }, place) => row(label === rows[place - 1]?.label ? "" : label, text)),
  ].map((line) => line.replaceAll(NO_BREAK, " "));
}

/** The same for programs: energies in mWh, amounts in minor units, exact ones as text, ids in hex. */
export function receiptData(view: ReceiptView): Readonly<Record<string, unknown>> {
  const { charge, sealed, organisations } = view;
  const { open } = charge;
  const binding = saidBinding(charge);
  const { judgement, price, curve, ...figures } = receiptFigures(view);
  const { headline, sentence, comparison } = receiptContent(view, { language: "en" });
  return {
    address: toHex(view.address),
    station: toHex(open.station),
    vehicle: toHex(open.vehicle),
    organisations,
    evse: open.evse,
    startedAt: open.startedAt,
    completed: Object.fromEntries(
      Object.entries(charge.completes).map(([role, { reason, atMs }]) => [role, { reason, atMs }]),
    ),
    ...figures,
    headline: headline.text,
    ...(sentence === undefined ? {} : { sentence: sentence.replaceAll(NO_BREAK, " ") }),
    verdictText: (comparison.at(-1)?.text ?? "").replaceAll(NO_BREAK, " "),
    ...(judgement === undefined ? {} : { judgement }),
    currency: open.terms.currency,
    currencyDigits: open.terms.currencyDigits,
    ...(curve === undefined ? {} : { powerW: { stepMs: curve.stepMs, ...curve.watts } }),
    ...(price === undefined ? {} : { price: exactAsText(price) }),
    ...(binding === undefined ? {} : { binding }),
    confirmation: levelOf(view),
    ...(view.disputableUntil === undefined ? {} : { disputableUntil: view.disputableUntil }),
    ...(view.slip === undefined ? {} : { code: view.slip }),
    ...(sealed === undefined
      ? {}
      : {
          block: sealed.serial,
          blockId: toHex(sealed.id),
          miner: toHex(sealed.miner),
          sealedAt: sealed.sealedAt,
          finality: sealed.finality,
        }),
  };
}

function priceRows({ rows, sums, note }: PriceContent, label: string): readonly Row[] {
  const lines = rows.map(({ what, when, quantity, price, amount }) => {
    const about = [what, when, quantity, price].filter((text) => text !== "").join(", ");
    return { label, text: `${about} = ${amount}` };
  });
  const others = sums.filter(({ isTotal }) => !isTotal);
  return [
    ...lines,
    ...(note === undefined ? [] : [{ label, text: note }]),
    ...others.map((sum) => ({ label, text: `${sum.label} ${sum.amount}` })),
  ];
}

/** Whole numbers beyond what JSON has. */
function exactAsText(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(exactAsText);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, exactAsText(part)]));
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)} ${text}`;
}

const LABEL_WIDTH = 32;
