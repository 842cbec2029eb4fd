/**
 * What is drawn on one page of a PDF: operators of its content stream (ISO 32000-1, annex A). Points of 1/72 inch from
 * the upper left corner, downwards, as a page is read; the file's own axis points up.
 */
import { runsOf } from "../qr/module-runs.ts";
import { textWidth, type Font } from "./helvetica.ts";
import { winAnsi } from "./win-ansi.ts";

/** A4. */
export const PAGE_WIDTH = 595.28;
export const PAGE_HEIGHT = 841.89;

/** Red, green and blue from 0 to 1. */
export type Colour = readonly [number, number, number];

export interface Stroke {
  readonly colour: Colour;
  readonly width: number;
  /** Lengths of dash and gap; whole when absent. */
  readonly dash?: readonly [number, number];
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Place {
  readonly width: number;
  readonly height: number;
}

export interface Writing {
  readonly font: Font;
  readonly colour: Colour;
  /** Where `x` is on the text; its left end when absent. */
  readonly anchor?: "start" | "middle" | "end";
}

export class PdfContent {
  readonly #operators: string[] = [];

  /** `at` is on the base line. */
  text(text: string, at: Place, { font, colour, anchor = "start" }: Writing): void {
    const shift = anchor === "start" ? 0 : textWidth(text, font) * (anchor === "middle" ? 0.5 : 1);
    const name = font.face === "bold" ? "F2" : "F1";
    const where = `${number(at.x - shift)} ${up(at.y)}`;
    this.#add(`BT ${colours(colour)} rg /${name} ${number(font.size)} Tf ${where} Td ${literal(winAnsi(text))} Tj ET`);
  }

  line(points: readonly Place[], { colour, width, dash }: Stroke): void {
    if (points.length < 2) return;
    const path = points.map(({ x, y }, place) => `${number(x)} ${up(y)} ${place === 0 ? "m" : "l"}`).join(" ");
    const pattern = dash === undefined ? "[] 0 d" : `[${dash.map(number).join(" ")}] 0 d`;
    this.#add(`q 1 J 1 j ${colours(colour)} RG ${number(width)} w ${pattern} ${path} S Q`);
  }

  fill(box: Box, colour: Colour): void {
    const { x, y, width, height } = box;
    this.#add(`${colours(colour)} rg ${number(x)} ${up(y + height)} ${number(width)} ${number(height)} re f`);
  }

  /**
   * Dark squares on a grid, as one path that is filled once, so that no hairlines show between neighbours. Only runs of
   * a row are written.
   */
  modules(rows: readonly (readonly boolean[])[], at: Place, side: number): void {
    const scale = side / rows.length;
    const runs = rows.flatMap((row, y) =>
      runsOf(row).map(([start, length]) => `${start} ${rows.length - 1 - y} ${length} 1 re`),
    );
    const matrix = `${number(scale, 6)} 0 0 ${number(scale, 6)} ${number(at.x)} ${up(at.y + side)} cm`;
    this.#add(`q ${matrix} 0 g`, ...runs, "f Q");
  }

  /** The content stream; ASCII only. */
  written(): string {
    return this.#operators.join("\n");
  }

  #add(...operators: readonly string[]): void {
    this.#operators.push(...operators);
  }
}

function up(y: number): string {
  return number(PAGE_HEIGHT - y);
}

function colours(colour: Colour): string {
  return colour.map((part) => number(part, 3)).join(" ");
}

/** A real number without exponent and without needless zeros. */
function number(value: number, decimals = 2): string {
  const text = value.toFixed(decimals);
  const short = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return short === "-0" ? "0" : short;
}

/** A literal string (7.3.4.2): what is not plain ASCII as octal. */
function literal(codes: Uint8Array): string {
  const parts = [...codes].map((code) => {
    const character = String.fromCharCode(code);
    if (code > 0x7e || code < 0x20) return `\\${code.toString(8).padStart(3, "0")}`;
    return "()\\".includes(character) ? `\\${character}` : character;
  });
  return `(${parts.join("")})`;
}
