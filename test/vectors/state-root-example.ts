/** A small state whose root is worked out in the specification, and of which the vectors hold every entry. */
import { toHex } from "#base/bytes.ts";
import { stateRoot } from "#core/ledger/state-root.ts";
import { finalityShape, headOf, stateHead } from "#core/ledger/state-head.ts";
import type { LedgerState } from "#core/ledger/state.ts";
import { ROOTED_TABLES } from "#core/ledger/state-tables.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { sha256 } from "#test/builders/ledger-actors.ts";
import { EASY_RULES, LedgerBuilder, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

export interface TableVector {
  readonly name: string;
  /** Keys and values as bytes, in hex, in the order of the keys. */
  readonly entries: readonly (readonly [string, string])[];
  readonly root: string;
}

export interface StateVector {
  readonly name: string;
  readonly tables: readonly TableVector[];
  readonly uncounted: string;
  readonly finality: string;
  readonly head: string;
  readonly root: string;
}

export function stateVector(name: string, state: LedgerState): StateVector {
  return {
    name,
    tables: ROOTED_TABLES.map((table): TableVector => {
      const changes = [...state[table].changesSince(state[table].emptied() as never)];
      const entries = changes.map(
        ({ key, encoded }) => [toHex(state[table].form.keyBytes(key)), toHex(encoded ?? new Uint8Array())] as const,
      );
      return { name: table, entries, root: toHex(state[table].root(sha256)) };
    }),
    uncounted: toHex(state.uncounted.root(sha256)),
    finality: toHex(encodeCbor(finalityShape.write(state.finality))),
    head: toHex(encodeCbor(stateHead.write(headOf(state)))),
    root: toHex(stateRoot(sha256, state)),
  };
}

/** The genesis; who has joined; charges that are open, settled, disputed and agreed on. */
export function exampleStates(): readonly StateVector[] {
  const builder = new LedgerBuilder({ rules: { ...EASY_RULES, finality: "off" } });
  const states = [stateVector("the genesis alone", builder.state)];
  builder.join(STATION, VEHICLE);
  builder.seal();
  states.push(stateVector("two more members", builder.state));
  for (let number = 0; number < 6; number += 1) {
    const salt = new Uint8Array(16).fill(number + 1);
    const charge = builder.charge(undefined, { salt, startedAt: builder.state.sealedAt });
    const said = charge.whole({ milliWh: 20_000_000, ...(number === 2 ? { vehicleShare: 0.5 } : {}) });
    builder.submit(...said.slice(0, number === 4 ? 3 : undefined));
    if (number === 2) builder.submit(charge.propose("station", 12_000_000, 500));
    builder.seal();
  }
  states.push(stateVector("charges in every state", builder.state));
  return states;
}
