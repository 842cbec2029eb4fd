/**
 * What the sides of charges have said, word by word, as it was heard first; and what was heard beside that and cannot
 * be. Of own charges all is kept as long as their end may change, of others' the newest few.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { reportsContradict, wordsContradict } from "#core/evidence/contradicts.ts";
import type { ShownWord } from "#core/evidence/shown-object.ts";
import type { Fact } from "#core/ledger/fact.ts";
import type { Role } from "#core/session/facts.ts";

export type WordFact = Extract<Fact, { readonly kind: "REPORT" | "COMPLETE" | "CANCEL" }>;

/** Two words of one side that cannot both be honest: the one that was heard first, and the other. */
export interface Contradiction {
  readonly held: WordFact;
  readonly lie: WordFact;
}

/** Where the chain stands, and how much of it is certain. */
export interface ChainPlace {
  /** Whether the end of a charge can still change by what is said, by its address in hex. */
  readonly isOpen: (address: string) => boolean;
  /** Serial of the head. */
  readonly head: number;
  /** Serial up to which no other branch takes the head's place. */
  readonly certain: number;
}

/** Charges of others of which words are kept, own ones that have ended, and contradictions of one charge. */
const FOREIGN_CHARGES_MAX = 64;
const ENDED_CHARGES_MAX = 256;
const CONTRADICTIONS_MAX = 64;

interface Said {
  readonly isOwn: boolean;
  /** By role and place. */
  readonly words: Map<string, WordFact>;
  readonly contradictions: Map<string, Contradiction>;
  /** Serial at which the charge was found to have ended; undefined while it has not. */
  endedBy: number | undefined;
}

export class SaidWords {
  readonly #charges = new Map<string, Said>();

  /** Takes a word whose signature is good; undefined unless it contradicts what was heard before, and is new. */
  hear(word: WordFact, isOwn: boolean): Contradiction | undefined {
    const key = toHex(word.body.address);
    const said = this.#charges.get(key) ?? { isOwn, words: new Map(), contradictions: new Map(), endedBy: undefined };
    this.#charges.delete(key);
    this.#charges.set(key, said);
    this.#makeRoom();
    if (said.contradictions.has(word.key)) return undefined;
    const held = against(said.words, word);
    if (held === undefined) {
      const place = placeOf(word);
      if (!said.words.has(place)) said.words.set(place, word);
      return undefined;
    }
    if (said.contradictions.size >= CONTRADICTIONS_MAX) return undefined;
    const found = { held, lie: word };
    said.contradictions.set(word.key, found);
    return found;
  }

  /** Of a charge by its address in hex; those about early words first. */
  contradictionsIn(address: string): readonly Contradiction[] {
    const all = [...(this.#charges.get(address)?.contradictions.values() ?? [])];
    return all.sort((left, right) => numberOf(left.lie) - numberOf(right.lie));
  }

  /** What one side said first, in the order in which it can stand. */
  heldOf(address: string, role: Role): readonly WordFact[] {
    const words = [...(this.#charges.get(address)?.words.values() ?? [])].filter(({ body }) => body.role === role);
    return words.sort((left, right) => numberOf(left) - numberOf(right));
  }

  /** Addresses in hex of charges in which somebody has contradicted himself. */
  contradicted(): readonly string[] {
    return [...this.#charges].filter(([, { contradictions }]) => contradictions.size > 0).map(([key]) => key);
  }

  /**
   * Lets go the charges whose end can no longer change. One that has ended on this branch may be open on another one,
   * with other words of the same side: what was heard first is known until the end is certain.
   */
  forgetEnded({ isOpen, head, certain }: ChainPlace): void {
    for (const [key, said] of this.#charges) {
      said.endedBy = isOpen(key) ? undefined : (said.endedBy ?? head);
      if (said.endedBy !== undefined && said.endedBy <= certain) this.#charges.delete(key);
    }
  }

  #makeRoom(): void {
    const foreign = [...this.#charges].filter(([, { isOwn }]) => !isOwn);
    const ended = [...this.#charges].filter(([, { isOwn, endedBy }]) => isOwn && endedBy !== undefined);
    const left = [
      ...foreign.slice(0, Math.max(0, foreign.length - FOREIGN_CHARGES_MAX)),
      ...ended.slice(0, Math.max(0, ended.length - ENDED_CHARGES_MAX)),
    ];
    for (const [key] of left) this.#charges.delete(key);
  }
}

export function isWord(fact: Fact): fact is WordFact {
  return fact.kind === "REPORT" || fact.kind === "COMPLETE" || fact.kind === "CANCEL";
}

/** The word as evidence shows it. */
export function asShown(word: WordFact): ShownWord {
  switch (word.kind) {
    case "REPORT":
      return { ...word, name: word.kind };
    case "COMPLETE":
      return { ...word, name: word.kind };
    case "CANCEL":
      return { ...word, name: word.kind };
  }
}

function against(words: ReadonlyMap<string, WordFact>, word: WordFact): WordFact | undefined {
  const same = words.get(placeOf(word));
  if (same !== undefined && !equalBytes(same.id, word.id)) return same;
  if (same !== undefined) return undefined;
  // A report has a last word against it at most; a last word is held against all reports.
  const { role } = word.body;
  const ends = [words.get(`${role} COMPLETE`), words.get(`${role} CANCEL`)];
  const others = word.kind === "REPORT" ? ends : [...words.values()];
  return others.find((each) => each !== undefined && cannotBeBeside(each, word));
}

function cannotBeBeside(one: WordFact, other: WordFact): boolean {
  if (one.kind === "REPORT" && other.kind === "REPORT") return reportsContradict(one.body, other.body);
  return wordsContradict(asShown(one), asShown(other));
}

function placeOf({ kind, body }: WordFact): string {
  return kind === "REPORT" ? `${body.role} ${body.sequence}` : `${body.role} ${kind}`;
}

/** Reports by their numbers, then the last words. */
function numberOf({ kind, body }: WordFact): number {
  return kind === "REPORT" ? body.sequence : Number.MAX_SAFE_INTEGER;
}
