/**
 * A receipt as one HTML page that stands by itself: no script, no network, no other file. Its policy forbids both, so
 * that not even a mistake in it could run or load anything.
 */
import { codeMatrix } from "../qr/code-matrix.ts";
import type { PriceContent } from "../price-content.ts";
import { receiptContent, type ReceiptContent, type ReceiptOptions, type Row } from "../receipt-content.ts";
import type { ReceiptView } from "../receipt-view.ts";
import { Html, markup, NO_HTML } from "./html.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { svgChart } from "./svg-chart.ts";
import { svgCode } from "./svg-code.ts";

export function receiptPage(view: ReceiptView, options: ReceiptOptions): string {
  const content = receiptContent(view, options);
  const { texts } = content;
  const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
  const page = markup`<!doctype html>
    <html lang="${texts.language}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="only light" />
        <meta name="referrer" content="no-referrer" />
        <title>${texts.title}: ${content.headline.text}</title>
        <style>
          ${new Html(PAGE_STYLE)}
        </style>
      </head>
      <body>
        <main>
          ${headPart(content)} ${advicePart(content)} ${section(texts.labels.who, rowList(content.who))}
          ${section(texts.labels.measured, rowList(content.measured))} ${pricePart(content)}
          ${curvePart(view, content, options)} ${section(texts.labels.comparison, rowList(content.comparison))}
          ${causesPart(content)}
          ${section(texts.labels.proof, markup`${rowList(content.proof)}${codePart(view, content)}`, "proof")}
          <p class="note">${texts.code.pageNote}</p>
        </main>
      </body>
    </html> `;
  return page.text;
}

function headPart({ texts, headline, toPay, sentence }: ReceiptContent): Html {
  return markup`<header>
    <h1>${texts.title}</h1>
    <p class="headline ${headline.tone}">${headline.text}</p>
    <p class="pay"><span>${texts.labels.toPay}</span> <strong>${toPay.amount}</strong> <span>${toPay.note}</span></p>
    ${sentence === undefined ? NO_HTML : markup`<p class="sentence">${sentence}</p>`}
  </header>`;
}

function advicePart({ advice: { title, texts } }: ReceiptContent): Html {
  if (texts.length === 0) return NO_HTML;
  return markup`<section class="advice">
    <h2>${title}</h2>
    ${texts.map((text) => markup`<p>${text}</p>`)}
  </section>`;
}

function section(title: string, content: Html, kind = "part"): Html {
  return markup`<section class="${kind}">
    <h2>${title}</h2>
    ${content}
  </section>`;
}

function rowList(rows: readonly Row[]): Html {
  return markup`<dl>
    ${rows.map(
      ({ label, text }) =>
        markup`<dt>${label}</dt>
          <dd>${text}</dd>`,
    )}
  </dl>`;
}

function pricePart({ price, texts }: ReceiptContent): Html {
  const note = price.note === undefined ? NO_HTML : markup`<p class="note">${price.note}</p>`;
  const [what, , quantity, unit, amount] = texts.price.columns;
  const head = markup`<thead>
    <tr>
      <th scope="col">${what}</th>
      <th scope="col">${quantity}, ${unit}</th>
      <th scope="col" class="number">${amount}</th>
    </tr>
  </thead>`;
  const body = markup`<tbody>
    ${price.rows.map(priceRow)}
  </tbody>`;
  const isEmpty = price.rows.length === 0;
  return section(
    texts.labels.price,
    markup`${note}
      <table>
        ${isEmpty ? NO_HTML : markup`${head}${body}`}${sums(price)}
      </table>`,
  );
}

function priceRow({ what, when, quantity, price, amount }: PriceContent["rows"][number]): Html {
  const time = when === "" ? NO_HTML : markup`<small>${when}</small>`;
  const used = quantity === "" ? NO_HTML : markup`${quantity}<small>${price}</small>`;
  return markup`<tr>
    <th scope="row">${what}${time}</th>
    <td>${quantity === "" ? price : used}</td>
    <td class="number">${amount}</td>
  </tr>`;
}

function sums({ sums: all }: PriceContent): Html {
  const rows = all.map(({ label, amount, isTotal }) => {
    const kind = isTotal ? "total" : "part";
    return markup`<tr class="${kind}">
      <th scope="row" colspan="2">${label}</th>
      <td class="number">${amount}</td>
    </tr>`;
  });
  return markup`<tfoot>
    ${rows}
  </tfoot>`;
}

function curvePart(view: ReceiptView, { texts, figures, curve }: ReceiptContent, options: ReceiptOptions): Html {
  if (figures.curve === undefined || curve === undefined) return NO_HTML;
  const { startedAt } = view.charge.open;
  const { localTime } = options;
  const chart = svgChart(figures.curve, {
    startedAt,
    aheadSeconds: localTime?.offsetSecondsAt(startedAt) ?? 0,
    clockName: localTime?.name ?? texts.curve.clock,
    seriesNames: texts.roles,
    title: texts.labels.curve,
    description: curve,
  });
  return section(
    texts.labels.curve,
    markup`<figure class="curve">
      ${chart}
      <figcaption>${curve}</figcaption>
    </figure>`,
  );
}

function causesPart({ causes, texts }: ReceiptContent): Html {
  if (causes.length === 0) return NO_HTML;
  const { intro, caution } = texts.diagnosis;
  const items = causes.map((text) => markup`<li>${text}</li>`);
  return section(
    texts.labels.causes,
    markup`<p>${intro}</p>
      <ol>
        ${items}
      </ol>
      <p class="note">${caution}</p>`,
  );
}

function codePart({ slip }: ReceiptView, { texts: { code } }: ReceiptContent): Html {
  const matrix = slip === undefined ? undefined : codeMatrix(slip);
  if (slip === undefined || matrix === undefined) return markup`<p class="note">${code.none}</p>`;
  return markup`<figure class="code">
    ${svgCode(matrix, code.alt)}
    <figcaption>
      <p>${code.caption}</p>
      <details>
        <summary>${code.asText}</summary>
        <code>${slip}</code>
      </details>
    </figcaption>
  </figure>`;
}
