/**
 * Every text of a receipt, once in each language. A language is an object of this type, so one that lacks a text, or
 * has none for a new cause, state or dimension, does not compile. Quantities come in as text that `notation.ts` wrote.
 */
import type { CauseCode } from "#core/comparison/diagnosis.ts";
import type { MeasuringPoint } from "#core/contract/terms.ts";
import type { CompletionReason, Ending, FaultSide, Role } from "#core/session/facts.ts";
import type { SaidBinding } from "#core/session/said-binding.ts";
import type { Verdict } from "#core/session/judge-agreement.ts";
import type { SettlementState } from "#core/session/settle.ts";
import type { TariffDimension, TariffPhase } from "#core/tariff/tariff-terms.ts";
import type { Notation } from "./notation.ts";

/** C0: both have signed. C1: a block holds the result, and another branch may replace it. C2: it is final. */
export type ConfirmationLevel = "open" | "C0" | "C1" | "C2";

/**
 * What is said of a level. C1 may not be final yet, in a region where nothing becomes final, shown by something that
 * does not say, or signed by those whom only a file calls the voters. C2 alone: there is one voter.
 */
export type Confirmation = ConfirmationLevel | "C1 for good" | "C1 as shown" | "C1 claimed" | "C2 alone";

export interface Catalogue {
  /** BCP 47. */
  readonly language: Language;
  readonly notation: Notation;
  readonly title: string;
  readonly labels: Readonly<Record<Label, string>>;
  readonly roles: Readonly<Record<Role, string>>;
  readonly eitherSide: string;
  readonly places: Readonly<Record<MeasuringPoint, string>>;
  readonly reasons: Readonly<Record<CompletionReason, string>>;
  /** Whether the vehicle has found the station's pattern on its own battery. */
  readonly binding: Readonly<Record<NonNullable<SaidBinding>, string>>;
  /** The large words at the top. */
  readonly headlines: Readonly<Record<Headline, string>>;
  readonly states: Readonly<Record<SettlementState, string>>;
  /** In place of a state's text where nothing is billed. */
  readonly unbilled: Partial<Readonly<Record<SettlementState, string>>>;
  readonly endings: Readonly<Record<Ending, string>>;
  readonly faults: Readonly<Record<FaultSide, string>>;
  /** By the bits of a result's `silent`. */
  readonly silent: readonly [none: string, station: string, vehicle: string, both: string];
  readonly verdicts: Readonly<Record<Verdict | "MMQ" | "NONE", (figures: VerdictFigures) => string>>;
  /** The expected share and the found one. */
  readonly shares: (expected: string, found: string) => string;
  /** Of what the limit is made. */
  readonly limitParts: (tolerance: string, uncertainty: string) => string;
  /** The sentence that tells loss from disagreement. */
  readonly comparison: (figures: ComparisonFigures) => string;
  readonly found: Readonly<Record<Found, string>>;
  readonly causes: Readonly<Record<CauseCode, (figures: CauseFigures) => string>>;
  readonly diagnosis: { readonly intro: string; readonly caution: string };
  readonly dimensions: Readonly<Record<TariffDimension, string>>;
  readonly phases: Readonly<Record<Exclude<TariffPhase, "charging">, (what: string) => string>>;
  readonly price: PriceTexts;
  readonly confirmations: Readonly<Record<Confirmation, (figures: ConfirmationFigures) => string>>;
  readonly advice: AdviceTexts;
  readonly curve: CurveTexts;
  readonly code: CodeTexts;
  readonly page: (number: number, of: number) => string;
}

export type Language = "en" | "de";

export type Label =
  | "address"
  | "station"
  | "vehicle"
  | "outlet"
  | "region"
  | "began"
  | "stationEnded"
  | "vehicleEnded"
  | "binding"
  | "measured"
  | "stationEnergy"
  | "vehicleEnergy"
  | "billed"
  | "contested"
  | "expected"
  | "difference"
  | "limit"
  | "uncertainty"
  | "stationMeter"
  | "vehicleMeter"
  | "losses"
  | "steps"
  | "time"
  | "verdict"
  | "outcome"
  | "revision"
  | "toPay"
  | "price"
  | "confirmed"
  | "who"
  | "comparison"
  | "curve"
  | "causes"
  | "whatToDo"
  | "meaning"
  | "proof"
  | "reason"
  | "fault";

export type Headline =
  | "agree"
  | "undecided"
  | "tooLittle"
  | "disagree"
  | "notCapable"
  | "abandoned"
  | "cancelled"
  | "settledLater"
  | "running";

/** Where the found share lies. */
export type Found =
  "withinLoss" | "withinTolerance" | "nearLimit" | "belowLimit" | "aboveLimit" | "tooLittle" | "notCapable";

export interface VerdictFigures {
  /** Without sign. */
  readonly difference: string;
  readonly isLess: boolean;
  readonly acceptance: string;
  readonly limit: string;
  readonly minimum: string;
}

export interface ComparisonFigures {
  readonly station: string;
  readonly vehicle: string;
  /** `88–95 %`. */
  readonly expected: string;
  /** The most power that was agreed. */
  readonly power: string;
  /** `89.7 %`; undefined when the station measured nothing. */
  readonly found: string | undefined;
  readonly where: string;
}

export interface CauseFigures {
  /** Whose measurement it points at. */
  readonly side: string;
  readonly energy: string;
  readonly share: string;
  readonly plausible: string;
  readonly power: string;
  readonly seconds: string;
  readonly factor: string;
  readonly from: string;
  readonly to: string;
}

export interface ConfirmationFigures {
  readonly block: string;
  readonly miner: string;
  readonly at: string;
  readonly signed: number;
  readonly voters: number;
  readonly epoch: number;
}

export interface PriceTexts {
  readonly columns: readonly [what: string, when: string, quantity: string, price: string, amount: string];
  readonly perKwh: (price: string) => string;
  readonly perHour: (price: string) => string;
  readonly once: string;
  readonly free: string;
  readonly notBilled: string;
  readonly rounding: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly beforeTax: string;
  readonly tax: (rate: string) => string;
  readonly taxOfBound: string;
  readonly total: string;
  readonly agreedOn: string;
  readonly sealedOnly: string;
  readonly stepped: (quantity: string) => string;
  readonly forEnergy: (energy: string) => string;
  readonly nothing: string;
}

export interface AdviceTexts {
  readonly inconclusive: string;
  readonly notCapable: string;
  readonly tooLittle: string;
  readonly mutual: string;
  readonly ruled: string;
  readonly lapsed: string;
  /** What is owed now, and what is not. */
  readonly owed: (billed: string, contested: string) => string;
  /** The same where nothing is billed. */
  readonly owedNothing: (contested: string) => string;
  readonly contested: (energy: string) => string;
  /** How to settle it, and until when. */
  readonly settle: (figures: SettleFigures) => string;
  readonly elseLapses: string;
  readonly elseStays: string;
  /** The contract lets nobody end it. */
  readonly noWayOut: string;
  readonly keep: string;
  readonly abandoned: (silent: string) => string;
  readonly abandonedFree: (silent: string) => string;
  readonly arbiter: (arbiter: string) => string;
  readonly noArbiter: string;
  readonly revision: (number: string) => string;
}

export interface SettleFigures {
  readonly until: string;
  /** As many digits as tell it apart. */
  readonly address: string;
}

export interface CurveTexts {
  readonly power: string;
  readonly clock: string;
  /** What a picture shows, for those who do not see it. */
  readonly describe: (figures: {
    readonly length: string;
    readonly station: string;
    readonly vehicle: string;
  }) => string;
}

export interface CodeTexts {
  readonly alt: string;
  readonly caption: string;
  readonly asText: string;
  readonly none: string;
  readonly pageNote: string;
}
