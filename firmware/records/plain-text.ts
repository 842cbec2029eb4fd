/**
 * Words of strangers on a terminal: what could move the cursor, change colours or turn the direction of writing is
 * shown as a question mark, and what is too long ends in three points.
 */
export function plainText(text: string, charactersMax = 200): string {
  const characters = Array.from(text.slice(0, 2 * charactersMax + 2));
  const shown = characters.slice(0, charactersMax).join("").replaceAll(UNSHOWABLE, "?");
  return characters.length > charactersMax ? `${shown}...` : shown;
}

/**
 * A line of which strangers may have given parts, such as the name of a file: it stays one line, and moves nothing.
 * What cannot be shown is written as JSON escapes it, so that a line of JSON stays what it was.
 */
export function plainLine(line: string): string {
  return line.replaceAll(UNSHOWABLE, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, place) => {
    return `\\u${character.charCodeAt(place).toString(16).padStart(4, "0")}`;
  }).join("");
}

/** Controls, format characters, halves of pairs, private and unassigned ones, ends of lines. */
const UNSHOWABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
