/** A receipt as a PDF: one page of A4, and more only where the lines of the price or the advice need them. */
import { codeMatrix, QUIET_MODULES } from "../qr/code-matrix.ts";
import type { PriceRow } from "../price-content.ts";
import { receiptContent, type ReceiptContent, type ReceiptOptions, type Row } from "../receipt-content.ts";
import type { ReceiptView } from "../receipt-view.ts";
import { wrapText, type Font } from "./helvetica.ts";
import { drawChart } from "./pdf-chart.ts";
import type { Colour } from "./pdf-content.ts";
import { pdfFile } from "./pdf-file.ts";
import { GREY, INK, PdfSheet, SHEET_LEFT, SHEET_WIDTH } from "./pdf-sheet.ts";

export function receiptPdf(view: ReceiptView, options: ReceiptOptions): Uint8Array {
  const content = receiptContent(view, options);
  const { texts, headline, toPay, sentence } = content;
  const sheet = new PdfSheet((page, of) => texts.page(page, of));
  sheet.text(texts.title, { font: bold(9), colour: GREY });
  headlinePart(sheet, content);
  sheet.text(`${texts.labels.toPay}: ${toPay.amount} ${toPay.note}`, { font: bold(12), before: 3 });
  if (sentence !== undefined) sheet.text(sentence, { font: regular(9), before: 3 });
  advicePart(sheet, content);
  besideCode(sheet, view, content);
  pricePart(sheet, content);
  curvePart(sheet, view, { content, options });
  rowsPart(sheet, texts.labels.comparison, content.comparison);
  causesPart(sheet, content);
  return pdfFile({ title: `${texts.title}: ${headline.text}`, language: texts.language, pages: sheet.pages() });
}

const BODY_SIZE = 8;
/** How wide rows are, and where what is said in them begins. */
const FULL = { width: SHEET_WIDTH, indent: 118 };

function regular(size: number = BODY_SIZE): Font {
  return { face: "regular", size };
}

function bold(size: number = BODY_SIZE): Font {
  return { face: "bold", size };
}

const TONES: Readonly<Record<ReceiptContent["headline"]["tone"], Colour>> = {
  good: [0.114, 0.478, 0.235],
  unsure: [0.663, 0.427, 0],
  bad: [0.702, 0.149, 0.118],
};

function headlinePart(sheet: PdfSheet, { headline: { tone, text } }: ReceiptContent): void {
  sheet.drawing(0, (page, top) => {
    page.fill({ x: SHEET_LEFT, y: top + 2, width: 4, height: 17 }, TONES[tone]);
  });
  sheet.text(text, { font: bold(15), indent: 10 });
}

function advicePart(sheet: PdfSheet, { advice }: ReceiptContent): void {
  if (advice.texts.length === 0) return;
  sheet.heading(advice.title);
  for (const text of advice.texts) sheet.text(text, { font: regular(), before: 1 });
}

function rowsPart(sheet: PdfSheet, title: string, rows: readonly Row[], { width, indent } = FULL): void {
  sheet.heading(title, { width });
  for (const { label, text } of rows) {
    sheet.cells([
      { text: label, font: regular(), colour: GREY, indent: 0, width: indent - 6 },
      { text, font: regular(), indent, width: width - indent },
    ]);
  }
}

/** 58 mm: a square of the largest code that is drawn has 0.37 mm. */
const CODE_SIDE = 165;
const CODE_GAP = 16;

/** Who, when, how much, and what proves it, with the code to the right. */
function besideCode(sheet: PdfSheet, { slip }: ReceiptView, content: ReceiptContent): void {
  const { texts, who, measured, proof } = content;
  const { labels, code } = texts;
  const matrix = slip === undefined ? undefined : codeMatrix(slip);
  const columns = matrix === undefined ? FULL : { width: SHEET_WIDTH - CODE_SIDE - CODE_GAP, indent: 100 };
  const write = (): void => {
    rowsPart(sheet, labels.who, who, columns);
    rowsPart(sheet, labels.measured, measured, columns);
    rowsPart(sheet, labels.proof, proof, columns);
  };
  if (matrix === undefined) {
    write();
    sheet.text(`${code.none} ${code.pageNote}`, { font: regular(), colour: GREY, before: 2 });
    return;
  }
  const caption = wrapText(`${code.caption} ${code.pageNote}`, regular(7), CODE_SIDE);
  const left = SHEET_LEFT + SHEET_WIDTH - CODE_SIDE;
  const quiet = (CODE_SIDE * QUIET_MODULES) / (matrix.length + 2 * QUIET_MODULES);
  sheet.beside(CODE_SIDE + caption.length * 9 + 4, write, (page, top) => {
    page.modules(matrix, { x: left + quiet, y: top + quiet + 4 }, CODE_SIDE - 2 * quiet);
    for (const [place, line] of caption.entries()) {
      const y = top + CODE_SIDE + 9 + place * 9;
      page.text(line, { x: left + CODE_SIDE / 2, y }, { font: regular(7), colour: GREY, anchor: "middle" });
    }
  });
}

/** Indent and width of what, when, quantity, price and amount. */
const COLUMNS = [
  [0, 132],
  [138, 92],
  [236, 92],
  [334, 92],
  [432, SHEET_WIDTH - 432],
] as const;

function pricePart(sheet: PdfSheet, { price, texts }: ReceiptContent): void {
  sheet.heading(texts.labels.price);
  if (price.note !== undefined) sheet.text(price.note, { font: regular(), colour: GREY });
  if (price.rows.length > 0) priceCells(sheet, texts.price.columns, GREY);
  for (const row of price.rows) priceCells(sheet, cellsOf(row), INK);
  if (price.rows.length > 0) sheet.rule();
  for (const { label, amount, isTotal } of price.sums) {
    const font = isTotal ? bold() : regular();
    const [indent, width] = COLUMNS[4];
    sheet.cells([
      { text: label, font, indent: 138, width: 288, isRight: true },
      { text: amount, font, indent, width, isRight: true },
    ]);
  }
}

function cellsOf({ what, when, quantity, price, amount }: PriceRow): readonly string[] {
  return [what, when, quantity, price, amount];
}

function priceCells(sheet: PdfSheet, texts: readonly string[], colour: Colour): void {
  sheet.cells(
    COLUMNS.map(([indent, width], place) => {
      const isRight = place === COLUMNS.length - 1;
      return { text: texts[place] ?? "", font: regular(), indent, width, isRight, colour };
    }),
  );
}

interface CurveSource {
  readonly content: ReceiptContent;
  readonly options: ReceiptOptions;
}

function curvePart(sheet: PdfSheet, view: ReceiptView, { content, options }: CurveSource): void {
  const { texts, figures } = content;
  const { curve } = figures;
  if (curve === undefined) return;
  const { startedAt } = view.charge.open;
  const { localTime } = options;
  sheet.heading(texts.labels.curve, { needed: CHART_HEIGHT });
  sheet.drawing(CHART_HEIGHT, (page, top) => {
    drawChart(page, curve, {
      ...{ x: SHEET_LEFT, y: top, width: SHEET_WIDTH, height: CHART_HEIGHT },
      startedAt,
      aheadSeconds: localTime?.offsetSecondsAt(startedAt) ?? 0,
      clockName: localTime?.name ?? texts.curve.clock,
      seriesNames: texts.roles,
    });
  });
}

const CHART_HEIGHT = 90;

function causesPart(sheet: PdfSheet, { causes, texts }: ReceiptContent): void {
  if (causes.length === 0) return;
  sheet.heading(texts.labels.causes);
  for (const [place, text] of causes.entries()) sheet.text(`${place + 1}. ${text}`, { font: regular() });
  sheet.text(texts.diagnosis.caution, { font: regular(), colour: GREY });
}
