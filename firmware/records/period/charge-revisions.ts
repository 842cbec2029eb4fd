/**
 * Every result that a chain holds, with the facts on which it rests: what is exported of a charge. A later result of
 * the same charge is another revision beside the first, never a change of it.
 */
import { toHex } from "#base/bytes.ts";
import { openedAddress } from "#core/handshake/transaction-address.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import { isSessionFact, type Fact } from "#core/ledger/fact.ts";
import { chargeCost, chargeCourse } from "#core/session/charge-cost.ts";
import type { ChargeFacts } from "#core/session/charge-facts.ts";
import type { AdjudicateBody, CompleteBody, OpenBody, ReportBody, ResolveBody, Role } from "#core/session/facts.ts";
import type { Course, Price } from "#core/tariff/price-session.ts";
import type { SealedLevel } from "../sealed-finality.ts";
import { takeAwayWord } from "./take-away-word.ts";

export interface ChargeRevision {
  readonly address: Uint8Array;
  /** In hex. */
  readonly key: string;
  /** As of the block that holds the result. */
  readonly charge: ChargeFacts;
  readonly result: ResultBody;
  /** Serial of that block, its id in hex, and its time in unix seconds. */
  readonly block: { readonly serial: number; readonly id: string; readonly sealedAt: number };
  /** Whether that block is final. */
  readonly level: SealedLevel;
  /** The chain holds a later revision. */
  readonly isSuperseded: boolean;
}

/** In the order of their blocks. */
export function chargeRevisions(chain: Chain): readonly ChargeRevision[] {
  const collected = new Map<string, Collected>();
  const revisions: ChargeRevision[] = [];
  for (let serial = 1; serial <= chain.head.state.serial; serial += 1) {
    const link = chain.at(serial);
    if (link === undefined) continue;
    for (const fact of link.block?.facts ?? []) collect(collected, fact, chain);
    revisions.push(...revisionsIn(link, chain.levelOf(serial), collected));
  }
  const last = new Map(revisions.map(({ key, result }) => [key, result.revision]));
  return revisions.map((each) => ({ ...each, isSuperseded: each.result.revision !== last.get(each.key) }));
}

export interface RevisionFigures {
  readonly price: Price;
  readonly course: Course;
  /** What is to be paid differs from the tariff's price: both sides have agreed on it. */
  readonly isAgreedAmount: boolean;
}

export function figuresOf({ charge, result }: ChargeRevision): RevisionFigures {
  const price = chargeCost(charge, result.billedMilliWh);
  const course = chargeCourse(charge, result.billedMilliWh);
  return { price, course, isAgreedAmount: price.minorUnits !== result.amount };
}

/** Unix ms at which the charge ended, by the last of its signed instants; its start where there is none. */
export function endedAtMs({ charge }: ChargeRevision): number {
  const { open, completes, reports } = charge;
  const atMs = [completes.station, completes.vehicle, reports.station.at(-1), reports.vehicle.at(-1)]
    .map((each) => each?.atMs ?? 0)
    .reduce((latest, each) => Math.max(latest, each), 0);
  return open.startedAt * 1000 + atMs;
}

interface Collected {
  readonly address: Uint8Array;
  readonly open: OpenBody;
  readonly reports: Readonly<Record<Role, ReportBody[]>>;
  readonly completes: Partial<Record<Role, CompleteBody>>;
  readonly cancelled: Partial<Record<Role, true>>;
  readonly proposals: Readonly<Record<Role, ResolveBody[]>>;
  ruling: AdjudicateBody | undefined;
}

/** Facts by their charge: one walk through the chain, however many charges it holds. */
function collect(collected: Map<string, Collected>, fact: Fact, chain: Chain): void {
  if (fact.kind === "EVIDENCE") takeAwayWord(collected, fact, chain);
  if (fact.kind !== "OPEN" && !isSessionFact(fact)) return;
  if (fact.kind === "OPEN") {
    const address = openedAddress(chain.context, fact);
    collected.set(toHex(address), emptyOf(address, fact.body));
    return;
  }
  const charge = collected.get(toHex(fact.body.address));
  if (charge === undefined) return;
  switch (fact.kind) {
    case "REPORT":
      charge.reports[fact.body.role].push(fact.body);
      return;
    case "COMPLETE":
      charge.completes[fact.body.role] = fact.body;
      return;
    case "CANCEL":
      charge.cancelled[fact.body.role] = true;
      return;
    case "RESOLVE":
      charge.proposals[fact.body.role].push(fact.body);
      return;
    case "ADJUDICATE":
      charge.ruling = fact.body;
  }
}

function emptyOf(address: Uint8Array, open: OpenBody): Collected {
  return {
    ...{ address, open, completes: {}, cancelled: {}, ruling: undefined },
    reports: { station: [], vehicle: [] },
    proposals: { station: [], vehicle: [] },
  };
}

function revisionsIn(
  { block, results }: ChainLink,
  level: SealedLevel,
  collected: ReadonlyMap<string, Collected>,
): readonly ChargeRevision[] {
  if (block === undefined) return [];
  const { serial, sealedAt } = block.header;
  return results.flatMap((result): readonly ChargeRevision[] => {
    const key = toHex(result.address);
    const found = collected.get(key);
    if (found === undefined) return [];
    return [
      {
        ...{ address: result.address, key, result, level, isSuperseded: false },
        charge: snapshotOf(found),
        block: { serial, id: block.key, sealedAt },
      },
    ];
  });
}

/** What comes later must not be in it. */
function snapshotOf({ open, reports, completes, cancelled, proposals, ruling }: Collected): ChargeFacts {
  return {
    ...{ open, completes: { ...completes }, cancelled: { ...cancelled }, ruling },
    reports: { station: [...reports.station], vehicle: [...reports.vehicle] },
    proposals: { station: [...proposals.station], vehicle: [...proposals.vehicle] },
  };
}
