/** A charge as people meet it, for receipts: 11 kW that tapers off, a tariff of all kinds, each way it can end. */
import type { Terms } from "#core/contract/terms.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { codeHash } from "#core/script/code-hash.ts";
import type { Tariff } from "#core/tariff/tariff-terms.ts";
import { REPORT_FLAG, type OpenBody } from "#core/session/facts.ts";
import { viewOfCharge, type ReceiptView } from "#records/receipt-view.ts";
import { makeReceipt } from "#records/receipt.ts";
import { batteryTerms } from "./charge-facts.ts";
import type { ChargeBuilder } from "./charge-builder.ts";
import { codeFact, crypto, makeActor } from "./ledger-actors.ts";
import { ARBITER, LedgerBuilder, OPERATOR, STARTED_AT } from "./ledger-builder.ts";
import { ruleOf, tariffOf } from "./tariffs.ts";

export type PaperEnding =
  "open" | "agreed" | "settled" | "disputed" | "abandoned" | "cancelled" | "mutual" | "arbiter" | "lapsed";

export interface PaperStory {
  readonly ending?: PaperEnding;
  /** Of the station's energy. */
  readonly vehicleShare?: number;
  readonly minutes?: number;
  readonly terms?: Partial<Terms>;
  /** Names of the organisations that run station and vehicle. */
  readonly organisations?: readonly [string, string];
  /** Of the contract; the shipped default's, if not given. */
  readonly program?: Uint8Array;
  /** Facts of other charges that end in the same block. */
  readonly neighbours?: number;
}

export interface PaperCharge {
  readonly builder: LedgerBuilder;
  readonly charge: ChargeBuilder;
  readonly view: ReceiptView;
  /** The receipt file; empty while there is none. */
  readonly receipt: Uint8Array;
}

const T0 = STARTED_AT + 60;
const GRACE_SECONDS = 3600;

/** Dearer until 21:00 UTC, a fee to begin with, and standing on costs: 19 % tax comes on top. */
export function dayTariff(): Tariff {
  const nine = Math.ceil(T0 / 3600) * 3600;
  const taxPpm = 190_000;
  return tariffOf([
    ruleOf("FLAT", 500_000, { taxPpm }),
    ruleOf("ENERGY", 415_900, { taxPpm, windows: [[nine - 86_400, nine]] }),
    ruleOf("ENERGY", 289_900, { taxPpm }),
    ruleOf("PARKING_TIME", 6_000_000, { taxPpm }),
  ]);
}

export function paperCharge(story: PaperStory = {}): PaperCharge {
  const {
    ending = "settled",
    vehicleShare = 0.897,
    organisations = ["Stadtwerke Größe & Söhne", "Familie Müller"],
  } = story;
  const builder = new LedgerBuilder({ authorities: [OPERATOR] });
  const station = makeActor("paper station", "station", organisations[0]);
  const vehicle = makeActor("paper vehicle", "vehicle", organisations[1]);
  builder.join(station, vehicle, ARBITER);
  const { program } = story;
  if (program !== undefined) builder.submit(codeFact(builder.genesis.network, OPERATOR, program));
  builder.seal();
  const terms = batteryTerms({
    ...(program === undefined ? {} : { codeHash: codeHash(crypto, program) }),
    ...{ tariff: dayTariff(), arbiter: ARBITER.did, graceSeconds: GRACE_SECONDS, durationMaxSeconds: 36_000 },
    ...story.terms,
  });
  const open: Partial<OpenBody> = { terms, startedAt: T0 };
  const charge = builder.charge({ station, vehicle }, open);
  builder.submit(charge.open);
  const minutes = story.minutes ?? 85;
  if (ending === "cancelled") builder.submit(charge.cancel("station"), charge.cancel("vehicle"));
  else if (ending !== "open")
    builder.submit(...measured(charge, minutes, vehicleShare), ...lastWords(charge, ending, minutes));
  for (let place = 0; place < (story.neighbours ?? 0); place += 1) {
    const other = builder.charge({ station, vehicle }, { ...open, salt: new Uint8Array(16).fill(place + 1) });
    builder.submit(other.open, other.cancel("station"), other.cancel("vehicle"));
  }
  if (ending !== "open" && ending !== "agreed") builder.seal({ at: T0 + minutes * 60 + 30 });
  if (ending === "abandoned") builder.seal({ at: T0 + 36_000 + GRACE_SECONDS + 10 });
  if (ending === "mutual")
    builder.submit(charge.propose("station", 9_000_000, 400), charge.propose("vehicle", 9_000_000, 400));
  if (ending === "arbiter") builder.submit(charge.judge(ARBITER, 9_500_000, { fault: "station" }));
  if (ending === "lapsed") builder.seal({ at: T0 + 36_000 + GRACE_SECONDS + 31 * 86_400 });
  if (ending === "mutual" || ending === "arbiter") builder.seal();
  const view = viewOfCharge(builder.chain, charge.address);
  if (view === undefined) throw new Error("bug of the test: no charge");
  return { builder, charge, view, receipt: makeReceipt(builder.chain, charge.address) ?? new Uint8Array() };
}

/** Reading by reading: a short ramp, 11 kW, and a taper in the last third; then it stands for some minutes. */
function measured(charge: ChargeBuilder, minutes: number, vehicleShare: number): readonly Fact[] {
  const facts: Fact[] = [charge.report("station", [0]), charge.report("vehicle", [0])];
  const standing = 5;
  const watts = Array.from({ length: minutes }, (_, minute) => wattsAt(minute, minutes - standing));
  for (let first = 0; first < minutes; first += 5) {
    const steps = watts.slice(first, first + 5).map((power) => Math.round((power * 1000) / 60));
    const atMs = (first + steps.length) * 60_000;
    const flags = steps.every((step) => step === 0) ? REPORT_FLAG.IDLE : 0;
    facts.push(charge.report("station", steps, { atMs, flags }));
    facts.push(
      charge.report(
        "vehicle",
        steps.map((step) => Math.round(step * vehicleShare)),
        { atMs, flags },
      ),
    );
  }
  return facts;
}

function wattsAt(minute: number, chargingMinutes: number): number {
  if (minute >= chargingMinutes) return 0;
  if (minute === 0) return 5_300;
  const taper = Math.floor((chargingMinutes * 2) / 3);
  const wobble = 40 * ((minute * 7) % 5);
  return minute < taper ? 10_900 - wobble : Math.max(1_400, 10_900 - wobble - (minute - taper) * 330);
}

function lastWords(charge: ChargeBuilder, ending: PaperEnding, minutes: number): readonly Fact[] {
  const atMs = minutes * 60_000 + 12_000;
  const isPeaceful = ending === "settled" || ending === "agreed";
  const reason = isPeaceful ? "finished" : ending === "abandoned" ? "peer-silent" : "disagreement";
  const station = charge.complete("station", { atMs, reason });
  return ending === "abandoned" ? [station] : [station, charge.complete("vehicle", { atMs: atMs - 4000, reason })];
}
