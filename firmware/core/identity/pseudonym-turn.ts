/**
 * Whose turn it is: a vehicle has several identities, numbered from 1, and is known by one of them for so many days,
 * then by a later one, and never again by one before. README, section 8.
 */
const DAY_SECONDS = 86_400;

/** An identity in use. */
export interface Turn {
  /** 1 for the one that the gateway was made with. */
  readonly number: number;
  /** From when its days are counted; unix seconds. */
  readonly since: number;
}

/** An identity that has keys. */
export interface PreparedPseudonym {
  readonly number: number;
  /** Of the certificate beside its keys, unix seconds; absent where there is none that holds. */
  readonly certificate?: { readonly notBefore: number; readonly notAfter: number } | undefined;
}

export interface Preparations {
  readonly prepared: readonly PreparedPseudonym[];
  /** A number from which on there is nothing, not even what cannot be read. */
  readonly unused: number;
}

export interface TurnRules {
  /** How long a turn is; 0 is for ever, the paper's rule. */
  readonly days: number;
  /** Whether an identity without a certificate could not charge. */
  readonly needsCertificate: boolean;
}

export type TurnVerdict =
  /** `until` is undefined for ever. */
  | { readonly kind: "lasts"; readonly until: number | undefined }
  /** Its keys may have to be made first. */
  | { readonly kind: "over"; readonly next: Turn }
  /** No other can be used now. */
  | { readonly kind: "alone" };

/** When the days of a turn are over, unix seconds; undefined never. */
export function turnEndsAt({ since }: Turn, { days }: Pick<TurnRules, "days">): number | undefined {
  return days === 0 ? undefined : since + days * DAY_SECONDS;
}

/**
 * What follows on a turn, at `now` in unix seconds. Where certificates are needed the next is the lowest whose own is
 * in force, and its days count from that certificate's beginning: an office that issues them one after the other is
 * not left behind by a car that is some days late each time.
 */
export function judgeTurn(
  turn: Turn,
  rules: TurnRules,
  { now, prepared, unused }: { readonly now: number } & Preparations,
): TurnVerdict {
  const until = turnEndsAt(turn, rules);
  if (until === undefined || now < until) return { kind: "lasts", until };
  const later = prepared.filter(({ number }) => number > turn.number).sort((left, right) => left.number - right.number);
  if (!rules.needsCertificate) {
    return { kind: "over", next: { number: later[0]?.number ?? Math.max(unused, turn.number + 1), since: now } };
  }
  for (const { number, certificate } of later) {
    if (certificate === undefined || now < certificate.notBefore || now > certificate.notAfter) continue;
    return { kind: "over", next: { number, since: certificate.notBefore } };
  }
  return { kind: "alone" };
}
