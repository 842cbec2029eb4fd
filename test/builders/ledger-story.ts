/**
 * A small history with everything in it: two regions of trust, settled, disputed, abandoned and cancelled charges, a
 * branch.
 */
import type { Block } from "#core/ledger/block.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { blockRecordOf, factRecord, genesisRecord } from "#core/ledger/journal.ts";
import { GRACE_SECONDS, type ChargeBuilder } from "./charge-builder.ts";
import { makeActor } from "./ledger-actors.ts";
import { LedgerBuilder, OPERATOR, STATION, VEHICLE } from "./ledger-builder.ts";

export const SECOND_OPERATOR = makeActor("second operator", "station");
export const SECOND_VEHICLE = makeActor("vehicle-2", "vehicle", "east");

export interface LedgerStory {
  readonly builder: LedgerBuilder;
  readonly blocks: readonly Block[];
  /** As a gateway stores them: each fact once, before the first block that holds it. */
  readonly records: readonly Uint8Array[];
  readonly charges: Readonly<
    Record<"settled" | "disputed" | "abandoned" | "cancelled" | "healed" | "open", ChargeBuilder>
  >;
}

export function tellStory(): LedgerStory {
  const builder = new LedgerBuilder({ authorities: [OPERATOR, SECOND_OPERATOR] });
  const blocks: Block[] = [];
  const seal = (choice: Parameters<LedgerBuilder["seal"]>[0] = {}): void => {
    blocks.push(builder.seal(choice));
  };
  builder.join(STATION, VEHICLE, SECOND_VEHICLE);
  seal();
  const salted = (number: number): ChargeBuilder =>
    builder.charge(undefined, { salt: new Uint8Array(16).fill(number) });
  const charges = {
    settled: salted(1),
    disputed: salted(2),
    abandoned: salted(3),
    cancelled: salted(4),
    healed: salted(5),
    open: builder.charge({ station: STATION, vehicle: SECOND_VEHICLE }),
  };
  builder.submit(...charges.settled.whole({ milliWh: 20_000_000, count: 3 }));
  seal();
  builder.submit(...charges.disputed.whole({ milliWh: 20_000_000, vehicleShare: 0.5, count: 2 }));
  builder.submit(charges.cancelled.open, charges.cancelled.cancel("station"), charges.cancelled.cancel("vehicle"));
  const root = builder.chain.head;
  const abandoned = charges.abandoned.whole({ milliWh: 10_000_000 });
  const healed = charges.healed.whole({ milliWh: 15_000_000 });
  builder.submit(...abandoned.slice(0, -1), ...healed.slice(0, -1));
  seal({ rank: 1 });
  blocks.push(branchOff(builder, root));
  seal();
  seal({ at: builder.state.sealedAt + GRACE_SECONDS + 1 });
  builder.submit(...healed.slice(-1));
  seal();
  builder.submit(charges.open.open, charges.open.report("vehicle", [0]));
  return { builder, blocks, records: recordsOf(builder, blocks), charges };
}

/** Another block on the same parent, which wins: what the first held waits again and is sealed once more. */
function branchOff(builder: LedgerBuilder, root: LedgerBuilder["chain"]["head"]): Block {
  const block = builder.make({ parent: root, rank: 0, facts: [] });
  builder.add(block);
  return block;
}

/** As a gateway stores them: each fact once, before the first block that holds it. Without blocks, the head's chain. */
export function recordsOf(builder: LedgerBuilder, blocks = chainOf(builder)): readonly Uint8Array[] {
  const stored = new Set<string>();
  const once = (facts: readonly Fact[]): readonly Uint8Array[] =>
    facts.filter(({ key }) => !stored.has(key) && stored.add(key)).map(factRecord);
  return [
    genesisRecord(builder.genesis),
    ...blocks.flatMap((block) => [...once(block.facts), blockRecordOf(block)]),
    ...once(builder.chain.mempool.facts()),
  ];
}

function chainOf({ chain }: LedgerBuilder): readonly Block[] {
  const links = Array.from({ length: chain.head.state.serial }, (_, place) => chain.at(place + 1));
  return links.map((link) => link?.block).filter((block) => block !== undefined);
}
