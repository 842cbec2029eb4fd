/**
 * A PDF 1.4 file (ISO 32000-1, 7.5): objects, a table of where each begins, and a trailer. The same pages give the same
 * bytes: nothing in it depends on when or where it was written.
 */
import { PAGE_HEIGHT, PAGE_WIDTH } from "./pdf-content.ts";

export interface PdfDocument {
  readonly title: string;
  /** BCP 47. */
  readonly language: string;
  /** Content streams, in ASCII. */
  readonly pages: readonly string[];
}

export function pdfFile({ title, language, pages }: PdfDocument): Uint8Array {
  const firstPage = FIXED_OBJECTS + 1;
  const kids = pages.map((_, place) => reference(firstPage + 2 * place));
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R /Lang ${textString(language)} /ViewerPreferences << /DisplayDocTitle true >> >>`,
    `<< /Type /Pages /Kids [${kids.join(" ")}] /Count ${pages.length} >>`,
    fontObject("Helvetica"),
    fontObject("Helvetica-Bold"),
    `<< /Title ${textString(title)} /Producer (Tallystick) >>`,
    ...pages.flatMap((content, place) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${PAGE_WIDTH} ${PAGE_HEIGHT}] ` +
        `/Contents ${reference(firstPage + 2 * place + 1)} /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    ]),
  ];
  return asBytes(assemble(objects));
}

const FIXED_OBJECTS = 5;

/** Four bytes above 127 in the second line tell programs that copy files that this is not text. */
const HEADER = "%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n";

function assemble(objects: readonly string[]): string {
  let file = HEADER;
  const offsets = objects.map((object, place) => {
    const offset = file.length;
    file += `${place + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${offset.toString().padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  return (
    `${file}xref\n0 ${size}\n0000000000 65535 f \n${table}` +
    `trailer\n<< /Size ${size} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${file.length}\n%%EOF\n`
  );
}

function fontObject(name: string): string {
  return `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;
}

function reference(object: number): string {
  return `${object} 0 R`;
}

/** A text string outside a page (7.9.2.2): UTF-16 with its mark, in hex, so that nothing in it can end it. */
function textString(text: string): string {
  const units = [0xfeff, ...Array.from({ length: text.length }, (_, place) => text.charCodeAt(place))];
  return `<${units.map((unit) => unit.toString(16).padStart(4, "0")).join("")}>`;
}

/** Every character is below 256. */
function asBytes(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length }, (_, place) => text.charCodeAt(place));
}
