/** Which file of the card is meant as its configuration, also when an editor or a computer has renamed it. */
import { fail, ok, type Result } from "#base/result.ts";
import { CARD_NAME, type CardFault } from "./card-fault.ts";

export interface FoundCardFile {
  /** As it stands on the card; undefined where there is none at all. */
  readonly name: string | undefined;
  /** Other files that somebody may have meant, and that are not read. */
  readonly ignored: readonly string[];
}

/** @param names of all files of the card's top folder */
export function findCardFile(names: readonly string[]): Result<FoundCardFile, CardFault> {
  const strays = names.filter((name) => MEANT.some(({ pattern }) => pattern.test(name)));
  // FAT has no capitals of its own, and some computers show and write the name in them.
  const name = names.find((each) => each === CARD_NAME) ?? names.find((each) => each.toLowerCase() === CARD_NAME);
  if (name !== undefined) return ok({ name, ignored: strays });
  const [stray] = strays;
  if (stray === undefined) return ok({ name: undefined, ignored: [] });
  const advice = MEANT.find(({ pattern }) => pattern.test(stray))?.advice ?? "";
  return fail({ path: stray, found: `the file ${stray}`, expected: `the name ${CARD_NAME}`, advice });
}

/** Each a habit of some editor or system. The first that fits is told. */
const MEANT: readonly { readonly pattern: RegExp; readonly advice: string }[] = [
  {
    pattern: /^tallystick\.toml\.(txt|text|rtf|docx?|html?)$/i,
    advice:
      "Rename it. Windows hides the last part of names: in the Explorer choose View, Show, File name extensions, " +
      "then take away what stands behind .toml. Save it as plain text, not as a document",
  },
  {
    pattern: /^tallystick ?\(\d+\)\.toml$/i,
    advice: "It is a second download; rename it",
  },
  {
    pattern: /^tallystick(\.(txt|tml|tom|toml\.toml|conf|cfg|ini))?$/i,
    advice: "Rename it",
  },
];
