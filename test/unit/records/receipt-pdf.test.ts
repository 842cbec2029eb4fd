/** A receipt as a PDF: a valid file of few bytes that are always the same, with every word on its page. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { textWidth, wrapText } from "#records/pdf/helvetica.ts";
import { PAGE_WIDTH } from "#records/pdf/pdf-content.ts";
import { receiptPdf } from "#records/pdf/receipt-pdf.ts";
import { winAnsi } from "#records/pdf/win-ansi.ts";
import { LANGUAGES } from "#records/catalogue/languages.ts";
import { codeMatrix } from "#records/qr/code-matrix.ts";
import { paperCharge, type PaperEnding } from "#test/builders/paper-charge.ts";
import { ruleOf, tariffOf } from "#test/builders/tariffs.ts";

const test = suite("receipt PDF");
const settled = paperCharge().view;
const ENDINGS: readonly PaperEnding[] = [
  "open",
  "agreed",
  "disputed",
  "abandoned",
  "cancelled",
  "mutual",
  "arbiter",
  "lapsed",
];
const BERLIN = { name: "Europe/Berlin", offsetSecondsAt: () => 7200 };

test("the table of objects leads to each object, and each stream is as long as it says", () => {
  for (const language of LANGUAGES) {
    const { text, objects } = parsePdf(receiptPdf(settled, { language }));
    assert.match(text, /^%PDF-1\.4\n/);
    assert.match(text, /%%EOF\n$/);
    assert.match(objects.get(1) ?? "", /\/Type \/Catalog[^]*\/Lang <feff/);
    assert.equal(
      [...objects.keys()],
      Array.from({ length: objects.size }, (_, place) => place + 1),
    );
    for (const object of objects.values()) {
      for (const [, target] of object.replace(/stream[^]*/, "").matchAll(/(\d+) 0 R/g))
        assert.ok(objects.has(Number(target)));
    }
  }
});

test("the same receipt is the same bytes", () => {
  const options = { language: "de", localTime: BERLIN } as const;
  assert.equal(receiptPdf(settled, options), receiptPdf(settled, options));
});

test("one page suffices, however the charge ended and in every language", () => {
  for (const ending of ENDINGS) {
    const { view } = paperCharge({ ending, vehicleShare: 0.7 });
    for (const language of LANGUAGES) {
      const pdf = receiptPdf(view, { language, localTime: BERLIN });
      assert.is(parsePdf(pdf).pages.length, 1, `${ending} ${language}`);
    }
  }
});

test("words, umlauts and the euro sign are text, not pictures", () => {
  const words = wordsOf(receiptPdf(settled, { language: "de" }));
  for (const word of [
    "Ladebeleg",
    "Stadtwerke Größe & Söhne",
    "6,35 € für 12,40",
    "Zähler der Station",
    "gefunden 89,7 %",
  ]) {
    assert.ok(words.includes(word), word);
  }
  assert.match(words, /Zu zahlen: \d,\d\d € für 12,40/);
});

test("many lines of a price take a second page, and none of them is lost or cut", () => {
  const start = settled.charge.open.startedAt;
  const windows = (place: number): [number, number][] => [[start + place * 150, start + (place + 1) * 150]];
  const rules = Array.from({ length: 32 }, (_, place) =>
    ruleOf("ENERGY", 300_000 + place, { windows: windows(place) }),
  );
  const { view } = paperCharge({ terms: { tariff: tariffOf(rules) } });
  const pdf = receiptPdf(view, { language: "en" });
  assert.is(parsePdf(pdf).pages.length, 2);
  const words = wordsOf(pdf);
  for (const place of rules.keys())
    assert.ok(words.includes(`€0.${300_000 + place}`.replace(/0+$/, "")), `rule ${place}`);
  assert.ok(words.includes("Page 2 of 2"));
});

test("no line of text leaves the page, also with names as long as they can be", () => {
  const { view } = paperCharge({
    organisations: ["W".repeat(32), "M".repeat(32)],
    ending: "disputed",
    vehicleShare: 0.7,
  });
  for (const line of linesOf(receiptPdf(view, { language: "de", localTime: BERLIN }))) {
    assert.ok(line.x >= 30 && line.x + line.width <= PAGE_WIDTH - 30, JSON.stringify(line));
    assert.ok(line.y >= 15 && line.y <= 820, JSON.stringify(line));
  }
});

test("the squares of the code are all drawn", () => {
  const dark = (codeMatrix(settled.slip ?? "") ?? []).flat().filter(Boolean).length;
  const { pages } = parsePdf(receiptPdf(settled, { language: "en" }));
  const drawn = [...(pages[0] ?? "").matchAll(/^\d+ \d+ (\d+) 1 re$/gm)].reduce(
    (sum, [, length]) => sum + Number(length),
    0,
  );
  assert.is(drawn, dark);
});

test("what a name may hold cannot end a string or a stream", () => {
  const { view } = paperCharge({ organisations: [") Tj ET endstream (\\", "((((("] });
  const pdf = receiptPdf(view, { language: "en" });
  assert.is(parsePdf(pdf).pages.length, 1);
  assert.ok(wordsOf(pdf).includes(") Tj ET endstream (\\"));
});

test("letters that the encoding lacks lose their mark, other scripts are visibly missing", () => {
  const back = (text: string): string => new TextDecoder("windows-1252").decode(winAnsi(text));
  assert.is(back("Ærøskøbing €5 „Größe“ – ok"), "Ærøskøbing €5 „Größe“ – ok");
  assert.is(back("Český Łódź"), "Ceský ?ódz");
  assert.is(back("充电 🚗"), "?? ?");
  assert.is(back("a\tb\u0000c"), "a?b?c");
});

test("text is broken where it does not fit, inside a word only when it must be", () => {
  const font = { face: "regular", size: 10 } as const;
  assert.is(textWidth("Hello", font), 22.78);
  assert.equal(wrapText("aaa bbb ccc", font, textWidth("aaa bbb", font)), ["aaa bbb", "ccc"]);
  const address = "0123456789abcdef".repeat(4);
  const lines = wrapText(`id ${address}`, font, 100);
  assert.is(lines.join("").replace("id", "").trim(), address);
  for (const line of lines) assert.ok(textWidth(line, font) <= 100);
  assert.equal(wrapText("", font, 50), [""]);
});

test.run();

interface Parsed {
  readonly text: string;
  readonly objects: ReadonlyMap<number, string>;
  /** Content streams. */
  readonly pages: readonly string[];
}

/** Reads a file as a reader of PDF does: from its end over the table to the objects. */
function parsePdf(file: Uint8Array): Parsed {
  const text = new TextDecoder("latin1").decode(file);
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
  const table = /^xref\n0 (\d+)\n/.exec(text.slice(start));
  assert.ok(table !== null);
  const count = Number(table[1]);
  const entries = text.slice(start + table[0].length, start + table[0].length + count * 20);
  const objects = new Map<number, string>();
  const pages: string[] = [];
  for (let number = 1; number < count; number += 1) {
    const entry = entries.slice(number * 20, (number + 1) * 20);
    assert.match(entry, /^\d{10} 00000 n \n$/);
    const from = Number(entry.slice(0, 10));
    const head = `${number} 0 obj\n`;
    assert.is(text.slice(from, from + head.length), head);
    const body = text.slice(from + head.length);
    const stream = /^<< \/Length (\d+) >>\nstream\n/.exec(body);
    if (stream !== null) {
      const content = body.slice(stream[0].length, stream[0].length + Number(stream[1]));
      assert.ok(body.slice(stream[0].length + content.length).startsWith("\nendstream\nendobj\n"));
      pages.push(content);
    }
    objects.set(number, body.slice(0, body.indexOf("\nendobj\n")));
  }
  return { text, objects, pages };
}

interface Line {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly text: string;
}

function linesOf(pdf: Uint8Array): readonly Line[] {
  const pattern = /\/(F[12]) ([\d.]+) Tf ([\d.-]+) ([\d.-]+) Td \(((?:\\.|[^\\()])*)\) Tj/g;
  return parsePdf(pdf).pages.flatMap((page) =>
    [...page.matchAll(pattern)].map(([, name, size, x, y, literal = ""]) => {
      const codes = literal.replace(/\\([0-7]{3}|.)/g, (_, escaped: string) =>
        escaped.length === 3 ? String.fromCharCode(parseInt(escaped, 8)) : escaped,
      );
      const bytes = Uint8Array.from({ length: codes.length }, (_, place) => codes.charCodeAt(place));
      const text = new TextDecoder("windows-1252").decode(bytes);
      const width = textWidth(text, { face: name === "F2" ? "bold" : "regular", size: Number(size) });
      return { x: Number(x), y: Number(y), width, text };
    }),
  );
}

/** All text in the order of the file, no-break spaces as spaces. */
function wordsOf(pdf: Uint8Array): string {
  return linesOf(pdf)
    .map(({ text }) => text)
    .join(" ")
    .replaceAll("\u00a0", " ");
}
