/** Text and drawings from the top to the bottom of a page, and on to the next page when one is full. */
import { PdfContent, PAGE_HEIGHT, PAGE_WIDTH, type Colour } from "./pdf-content.ts";
import { textWidth, wrapText, type Font } from "./helvetica.ts";

const MARGIN = 38;
export const SHEET_LEFT = MARGIN;
export const SHEET_WIDTH = PAGE_WIDTH - 2 * MARGIN;
/** The line at the foot stands below. */
const BOTTOM = PAGE_HEIGHT - 38;

export const INK: Colour = [0.1, 0.125, 0.15];
export const GREY: Colour = [0.29, 0.34, 0.38];
const RULE: Colour = [0.79, 0.82, 0.85];

export interface TextStyle {
  readonly font: Font;
  readonly colour?: Colour;
  /** Space above. */
  readonly before?: number;
  /** From the left margin. */
  readonly indent?: number;
  /** Space for the text; up to the right margin when absent. */
  readonly width?: number;
}

/** A piece of a line with its own place: cells of a table. */
export interface Cell {
  readonly text: string;
  readonly font: Font;
  readonly indent: number;
  readonly width: number;
  readonly isRight?: boolean;
  readonly colour?: Colour;
}

export class PdfSheet {
  readonly #contents: PdfContent[] = [new PdfContent()];
  readonly #foot: (page: number, of: number) => string;
  #y = MARGIN;

  /** @param foot the line at the foot of each page */
  constructor(foot: (page: number, of: number) => string) {
    this.#foot = foot;
  }

  /** Text that wraps. */
  text(text: string, style: TextStyle): void {
    const { font, indent = 0, before = 0, colour } = style;
    const width = style.width ?? SHEET_WIDTH - indent;
    this.#y += before;
    this.cells([{ text, font, indent, width, ...(colour === undefined ? {} : { colour }) }]);
  }

  /** Cells side by side, each wrapped in its width; the row is as high as the highest and never broken. */
  cells(cells: readonly Cell[]): void {
    const wrapped = cells.map((cell) => ({ cell, lines: wrapText(cell.text, cell.font, cell.width) }));
    const height = Math.max(...wrapped.map(({ cell, lines }) => lines.length * lineHeight(cell.font)));
    this.#makeRoom(height);
    for (const { cell, lines } of wrapped) {
      for (const [place, line] of lines.entries()) this.#line(line, cell, this.#y + place * lineHeight(cell.font));
    }
    this.#y += height;
  }

  /** The title of a part, which stays on the page of what follows: `needed` is the height of that. */
  heading(text: string, { width = SHEET_WIDTH, needed = 30 }: { width?: number; needed?: number } = {}): void {
    const font: Font = { face: "bold", size: 9 };
    this.#makeRoom(HEADING_BEFORE + lineHeight(font) + needed);
    this.#y += HEADING_BEFORE;
    this.cells([{ text, font, indent: 0, width }]);
    this.rule(width);
  }

  rule(width: number = SHEET_WIDTH): void {
    const points = [SHEET_LEFT, SHEET_LEFT + width].map((x) => ({ x, y: this.#y }));
    this.#content().line(points, { colour: RULE, width: 0.6 });
    this.#y += 2.5;
  }

  /** A drawing of that height, at the top of which `draw` is told to start. */
  drawing(height: number, draw: (content: PdfContent, top: number) => void): void {
    this.#makeRoom(height);
    draw(this.#content(), this.#y);
    this.#y += height;
  }

  /** What `write` writes, and a drawing of that height to the right of it. */
  beside(height: number, write: () => void, draw: (content: PdfContent, top: number) => void): void {
    this.#makeRoom(height);
    const [page, pages, top] = [this.#content(), this.#contents.length, this.#y];
    draw(page, top);
    write();
    if (this.#contents.length === pages) this.#y = Math.max(this.#y, top + height);
  }

  pages(): readonly string[] {
    const of = this.#contents.length;
    return this.#contents.map((content, place) => {
      const at = { x: SHEET_LEFT + SHEET_WIDTH, y: PAGE_HEIGHT - 24 };
      const font: Font = { face: "regular", size: 7 };
      content.text(this.#foot(place + 1, of), at, { font, colour: GREY, anchor: "end" });
      return content.written();
    });
  }

  #line(text: string, { font, indent, width, isRight = false, colour = INK }: Cell, top: number): void {
    const left = SHEET_LEFT + indent + (isRight ? width - textWidth(text, font) : 0);
    this.#content().text(text, { x: left, y: top + font.size }, { font, colour });
  }

  #makeRoom(height: number): void {
    if (this.#y + height <= BOTTOM || this.#y <= MARGIN) return;
    this.#contents.push(new PdfContent());
    this.#y = MARGIN;
  }

  #content(): PdfContent {
    return this.#contents[this.#contents.length - 1] ?? new PdfContent();
  }
}

const HEADING_BEFORE = 6;

function lineHeight({ size }: Font): number {
  return size * 1.28;
}
