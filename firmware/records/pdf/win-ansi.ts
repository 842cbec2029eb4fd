/**
 * Text as the standard fonts of a PDF hold it: WinAnsiEncoding (ISO 32000-1, annex D.2), which is Windows code page
 * 1252. It has the letters of western Europe, the euro sign and typographic quotes, nothing else.
 */

/**
 * One code for each character. A letter that the encoding lacks is written without its mark (`Č` as `C`), and what
 * still has no code as a question mark: a name in another script is then visibly incomplete instead of wrong.
 */
export function winAnsi(text: string): Uint8Array {
  const codes = Array.from(text.normalize("NFC")).flatMap((character) => {
    const own = codeOf(character);
    if (own !== undefined) return [own];
    const bare = Array.from(character.normalize("NFD")).filter((part) => !MARK.test(part));
    return bare.length === 0 ? [] : bare.map((part) => codeOf(part) ?? QUESTION_MARK);
  });
  return Uint8Array.from(codes);
}

function codeOf(character: string): number | undefined {
  const point = character.codePointAt(0) ?? 0;
  if (point >= 0x20 && point <= 0x7e) return point;
  if (point >= 0xa0 && point <= 0xff) return point;
  return EXTRA.get(character);
}

/** The combining marks of Latin letters (U+0300 to U+036F). */
const MARK = /[\u0300-\u036f]/u;
const QUESTION_MARK = 0x3f;

/** The codes from 0x80 to 0x9f; five of them stand for nothing. */
const EXTRA: ReadonlyMap<string, number> = new Map(
  Array.from("€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ")
    .map((character, place) => [character, 0x80 + place] as const)
    .filter(([character]) => character !== "\0"),
);
