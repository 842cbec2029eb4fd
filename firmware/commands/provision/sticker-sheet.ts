/**
 * Labels for gateways as a page that any browser prints: 21 on A4, of 63.5 x 38.1 mm, as label sheets are sold. The
 * page needs nothing from anywhere.
 */
import { codeMatrix } from "#records/qr/code-matrix.ts";
import { markup, NO_HTML, Html } from "#records/page/html.ts";
import { svgCode } from "#records/page/svg-code.ts";

export interface Sticker {
  readonly name: string;
  readonly role: string;
  readonly organisation: string;
  readonly site: string;
  /** 13 characters. */
  readonly shortId: string;
  /** The whole device id as 64 hex digits. */
  readonly deviceId: string;
  /** Of the region, in hex. */
  readonly network: string;
}

export function stickerSheet(stickers: readonly Sticker[]): string {
  const sheets: Html[] = [];
  for (let start = 0; start < stickers.length; start += PER_SHEET) {
    sheets.push(markup`<section>${stickers.slice(start, start + PER_SHEET).map(label)}</section>`);
  }
  return `<!doctype html>\n${
    markup`<html lang="en"><head><meta charset="utf-8"><title>Gateways</title>
<style>${new Html(STYLE)}</style></head><body>${sheets}</body></html>`.text
  }\n`;
}

/** Plain words, which any phone shows: no address that somebody could take over. */
export function codeText({ name, role, shortId, deviceId, network }: Sticker): string {
  return `Tallystick ${role} ${name}\nDevice ${shortId}\nFingerprint ${deviceId}\nRegion ${network}`;
}

function label(sticker: Sticker): Html {
  const { name, role, organisation, site, shortId, deviceId } = sticker;
  const rows = codeMatrix(codeText(sticker));
  const groups = deviceId.match(/.{4}/g) ?? [];
  return markup`<article>
<div>${rows === undefined ? NO_HTML : svgCode(rows, `${name}, ${shortId}`)}<small>${site}</small></div>
<div><h1>${name}</h1><p>${role}${organisation === "" ? "" : ` of ${organisation}`}</p>
<p><b>${shortId}</b></p><code>${groups.map((group) => markup`<i>${group}</i> `)}</code>
<small>Genuine if REPORT.txt on its card, or tallystick status, shows this id and fingerprint.</small></div>
</article>`;
}

const PER_SHEET = 21;

const STYLE = `
@page{size:A4;margin:0}
*{box-sizing:border-box;margin:0}
body{font:6.5pt/1.25 system-ui,"Liberation Sans",Arial,sans-serif;color:#000;background:#fff}
section{width:210mm;height:297mm;padding:15.1mm 7.2mm;display:grid;break-after:page;overflow:hidden}
section{grid-template-columns:repeat(3,63.5mm);grid-auto-rows:38.1mm;column-gap:2.5mm;align-content:start}
article{display:grid;grid-template-columns:26mm 1fr;gap:1mm;padding:2.5mm 2mm;overflow:hidden}
article div{overflow:hidden}
svg{display:block;width:26mm;height:26mm}
h1{font-size:9pt;overflow-wrap:anywhere}
p{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
b{font:bold 9pt ui-monospace,"Liberation Mono",monospace}
code{display:block;font:6pt/1.2 ui-monospace,"Liberation Mono",monospace;margin:.5mm 0}
i{font-style:normal;display:inline-block}
small{display:block;font-size:5pt;line-height:1.15}
@media screen{article{outline:.1mm dashed #bbb}}
`;
