/** Evidence in words: what a piece shows, and what follows from it. */

/** What somebody did, by the number of the kind of evidence, 1 to 7. */
export function evidenceText(kind: number): string {
  return TEXTS[kind] ?? "something that is not known here";
}

/** What it costs. */
export function consequenceText(kind: number): string {
  return CONSEQUENCES[kind] ?? "nothing that is known here";
}

const STRIKE = "it neither seals nor votes for 180 days, and its history until then is forfeited";
const COUNTED = "counted; three in 90 days are a strike";

const TEXTS: Readonly<Record<number, string>> = {
  1: "it sealed two blocks in one slot",
  2: "it voted for two chains that exclude each other",
  3: "it signed two reports with one number",
  4: "it signed a last word about a charge, and another word that cannot be beside it",
  5: "energy flowed into it at two stations at one time: its key may have been copied",
  6: "an office certified it for two organisations at one time",
  7: "two of its rotations lead to the key of one number",
};

const CONSEQUENCES: Readonly<Record<number, string>> = {
  1: STRIKE,
  2: STRIKE,
  3: COUNTED,
  4: COUNTED,
  5: "told, and no more",
  6: "told, and no more",
  7: "told, and no more",
};
