/** A receipt as a page: stands by itself, can be read by everybody, and takes no stranger's word for markup. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import jsQR from "jsqr";
import { receiptPage } from "#records/page/receipt-page.ts";
import { LANGUAGES } from "#records/catalogue/languages.ts";
import { checkSlip } from "#records/check-slip.ts";
import { codeMatrix, QUIET_MODULES } from "#records/qr/code-matrix.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { paperCharge } from "#test/builders/paper-charge.ts";
import { pixelsOfMatrix, type Pixels } from "#test/builders/qr-pixels.ts";

const test = suite("receipt page");
const settled = paperCharge().view;
const disputed = paperCharge({ ending: "disputed", vehicleShare: 0.7 }).view;
const BERLIN = { name: "Europe/Berlin", offsetSecondsAt: () => 7200 };

test("the page stands by itself: no script, nothing from a network, and a policy that forbids both", () => {
  for (const language of LANGUAGES) {
    const page = receiptPage(disputed, { language });
    assert.match(page, /^<!doctype html>/);
    assert.match(
      page,
      /Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;/,
    );
    const addresses = [...page.matchAll(/https?:[^"<\s]*/g)].map(([address]) => address);
    assert.equal([...new Set(addresses)], ["http://www.w3.org/2000/svg"]);
    assert.not.match(page, /<script|<link|<img|<iframe|<object|@import|url\(|\son\w+=|javascript:/i);
  }
});

test("the page tells its language, and its parts have headings, table heads and words for pictures", () => {
  const page = receiptPage(settled, { language: "de" });
  assert.match(page, /<html lang="de">/);
  assert.is(page.match(/<h1>/g)?.length, 1);
  assert.ok((page.match(/<h2>/g)?.length ?? 0) >= 6);
  assert.ok((page.match(/<th scope="col"/g)?.length ?? 0) === 3 && page.includes('<th scope="row"'));
  for (const [svg] of page.matchAll(/<svg[^>]*>/g)) assert.match(svg, /role="img"[^>]*aria-label(ledby)?="[^"]+"/);
  assert.match(page, /<title id="curve-title">Ladeleistung<\/title>\s*<desc id="curve-text">Leistung über/);
  assert.match(page, /name="viewport" content="width=device-width/);
});

test("every element that is opened is closed, in order", () => {
  for (const view of [settled, disputed, paperCharge({ ending: "open" }).view]) {
    const open: string[] = [];
    const page = receiptPage(view, { language: "en" });
    for (const [, end, name = "", empty] of page.matchAll(/<(\/?)([a-z0-9]+)[^>]*?(\/?)>/g)) {
      if (empty === "/" || name === "meta") continue;
      if (end === "/") assert.is(open.pop(), name);
      else open.push(name);
    }
    assert.equal(open, []);
  }
});

test("markup in the words of strangers stays words", () => {
  const hostile = "<img src=x onerror=alert(1)>";
  const { view } = paperCharge({ organisations: [hostile, `"'><script>&lt;`] });
  for (const language of LANGUAGES) {
    const page = receiptPage({ ...view, region: "</title><svg onload=a()>" }, { language });
    assert.not.match(page, /<img|<script|<svg onload/);
    assert.match(page, /&lt;img src=x onerror=alert\(1\)&gt;/);
    assert.match(page, /&quot;&#39;&gt;&lt;script&gt;&amp;lt;/);
  }
  const ruled = paperCharge({ ending: "arbiter", vehicleShare: 0.7 }).view;
  const { ruling } = ruled.charge;
  assert.ok(ruling !== undefined);
  const charge = { ...ruled.charge, ruling: { ...ruling, reason: "<b onmouseover='x'>guilty</b>" } };
  const page = receiptPage({ ...ruled, charge }, { language: "en", localTime: { ...BERLIN, name: '"><script>' } });
  assert.not.match(page, /<b |<script/);
  assert.match(page, /&lt;b onmouseover=&#39;x&#39;&gt;guilty/);
});

test("times are given in UTC, and on the clock that is asked for", () => {
  assert.match(receiptPage(settled, { language: "en" }), /28 May 2026, 20:27:40\u00a0UTC/);
  const page = receiptPage(settled, { language: "de", localTime: BERLIN });
  assert.match(page, /28\.05\.2026, 22:27:40 \(Europe\/Berlin\), 20:27:40\u00a0UTC/);
  assert.match(page, /22:27:40–23:00:00/);
  assert.match(page, /kW, Europe\/Berlin/);
});

test("numbers and money are written as the language writes them", () => {
  const [english, german] = [receiptPage(settled, { language: "en" }), receiptPage(settled, { language: "de" })];
  assert.match(english, /<strong>€6\.35<\/strong>/);
  assert.match(german, /<strong>6,35\u00a0€<\/strong>/);
  assert.match(german, /0,4159\u00a0€ je kWh/);
});

test("the code on the page, drawn from its own path, is read by another's decoder and holds", () => {
  for (const view of [settled, disputed, paperCharge({ ending: "mutual", vehicleShare: 0.7, neighbours: 9 }).view]) {
    const page = receiptPage(view, { language: "en" });
    for (const scale of [2, 3, 5]) {
      const { data, width } = pixelsOfSvg(page, scale);
      const text = jsQR.default(data, width, width)?.data;
      assert.is(text, view.slip, `scale ${scale}`);
      assert.ok(checkSlip(crypto, text ?? "").ok);
    }
    assert.ok(page.includes(`<code>${view.slip ?? ""}</code>`));
  }
});

test("the code itself is read at several scales", () => {
  for (const scale of [2, 4, 7]) {
    const rows = codeMatrix(settled.slip ?? "");
    assert.ok(rows !== undefined);
    const { data, width } = pixelsOfMatrix(rows, scale);
    assert.is(jsQR.default(data, width, width)?.data, settled.slip);
  }
});

test("a charge without a code says so", () => {
  assert.match(receiptPage({ ...settled, slip: undefined }, { language: "en" }), /too long for a code/);
  const long = `TALLY1:${"A".repeat(4000)}`;
  assert.match(receiptPage({ ...settled, slip: long }, { language: "de" }), /für einen Code zu lang/);
});

test.run();

/** The squares that the path in the page fills. */
function pixelsOfSvg(page: string, scale: number): Pixels {
  const [, box = ""] = /viewBox="(-4 -4 \d+ \d+)"/.exec(page) ?? [];
  const side = Number(box.split(" ")[2]) - 2 * QUIET_MODULES;
  const rows = Array.from({ length: side }, () => Array.from({ length: side }, () => false));
  for (const [, x, y, length] of page.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    rows[Number(y)]?.fill(true, Number(x), Number(x) + Number(length));
  }
  return pixelsOfMatrix(rows, scale);
}
