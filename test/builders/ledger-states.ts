/** Ledger states drawn at will: members, who settled with whom, charges under way, sealers of the last blocks. */
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import fc from "fast-check";
import { fromHex, toHex } from "#base/bytes.ts";
import { makeGenesis } from "#core/ledger/genesis.ts";
import type { LedgerRules } from "#core/ledger/rules.ts";
import {
  nextLayer,
  stateOfGenesis,
  type LedgerState,
  type Member,
  type Transaction,
  newMember,
} from "#core/ledger/state.ts";
import type { Role } from "#core/session/facts.ts";
import { chargeOf } from "./charge-facts.ts";
import { crypto, makeActor, named } from "./ledger-actors.ts";

const AUTHORITIES = [makeActor("authority 0", "station"), makeActor("authority 1", "station")];
const NOW = 1_780_000_000;
const DAY = 86_400;

export interface DrawnState {
  readonly state: LedgerState;
  /** Each settled session as (station, vehicle, started), in hex. */
  readonly sessions: readonly (readonly [string, string, number])[];
}

/** A state that chains could lead to, as far as the schedule looks at it. */
export function drawnStates(rules: LedgerRules): fc.Arbitrary<DrawnState> {
  const node = fc.nat({ max: 5 });
  const progress = fc.constantFrom("OPEN" as const, "ACTIVE" as const, "COMPLETING" as const);
  return fc
    .record({
      sessions: fc.array(fc.tuple(node, node, fc.integer({ min: 0, max: 400 })), { maxLength: 40 }),
      open: fc.array(fc.tuple(node, node, progress, fc.nat(3)), { maxLength: 4 }),
      miners: fc.array(fc.nat({ max: 13 }), { maxLength: 5 }),
      block: fc.nat(1000),
    })
    .map((drawn) => stateOf(rules, drawn));
}

interface Drawn {
  readonly sessions: readonly (readonly [number, number, number])[];
  readonly open: readonly (readonly [number, number, Transaction["state"], number])[];
  readonly miners: readonly number[];
  readonly block: number;
}

function stateOf(rules: LedgerRules, drawn: Drawn): DrawnState {
  const genesis = makeGenesis(crypto, {
    version: 1,
    name: "drawn",
    startedAt: NOW - 1000 * DAY,
    rules,
    authorities: AUTHORITIES.map(({ inception, organisation }) => [inception, organisation] as const),
  });
  const state = {
    ...nextLayer(stateOfGenesis(crypto, genesis)),
    id: named(`block ${drawn.block}`),
    sealedAt: NOW,
    serial: 100,
  };
  for (const did of [...STATIONS, ...VEHICLES]) state.members.set(did.did, did.member);
  const sessions = drawn.sessions.map(
    ([station, vehicle, days]) => [didAt("station", station), didAt("vehicle", vehicle), NOW - days * DAY] as const,
  );
  for (const [station, vehicle, startedAt] of sessions) {
    settle(state, station, vehicle, startedAt);
    settle(state, vehicle, station, startedAt);
  }
  for (const [index, [station, vehicle, progress, serial]] of drawn.open.entries()) {
    const address = named(`charge ${index} ${drawn.block}`);
    state.transactions.set(toHex(address), charge(address, station, vehicle, { progress, serial }));
    state.unsettled.add(toHex(address));
  }
  const everybody = [...state.members.entries().keys()];
  const lastMiners = drawn.miners.map((index) => everybody[index % everybody.length] ?? "");
  return { state: { ...state, lastMiners }, sessions };
}

const memberOf = (role: Role, index: number): { readonly did: string; readonly member: Member } => {
  const did = named(`${role} ${index}`);
  const inception = { role, publicKey: did, nextKeyDigest: did };
  return { did: toHex(did), member: newMember({ deviceId: did, inception, organisation: `org ${index % 3}` }) };
};
const STATIONS = Array.from({ length: 6 }, (_, index) => memberOf("station", index));
const VEHICLES = Array.from({ length: 6 }, (_, index) => memberOf("vehicle", index));

function didAt(role: Role, index: number): string {
  return (role === "station" ? STATIONS : VEHICLES)[index]?.did ?? "";
}

/** What `recordResult` writes for one side of a counted session. */
function settle(state: LedgerState, did: string, other: string, startedAt: number): void {
  const pair = state.pairs.get(`${did}:${other}`) ?? { settled: 0, recent: [] };
  const recent = [...pair.recent, startedAt].sort((left, right) => left - right);
  state.pairs.set(`${did}:${other}`, {
    settled: pair.settled + 1,
    recent: recent.slice(-(state.rules.pairCap ?? 1000)),
  });
  const others = state.counterparties.get(did) ?? [];
  state.counterparties.set(did, others.includes(other) ? [...others] : [...others, other].sort());
}

function charge(
  address: Uint8Array,
  station: number,
  vehicle: number,
  { progress, serial }: { readonly progress: Transaction["state"]; readonly serial: number },
): Transaction {
  const bytesAt = (role: Role, index: number): Uint8Array => fromHex(didAt(role, index)) ?? new Uint8Array();
  const log = { reports: [], nextSequence: 0, head: address, lastRegisterMilliWh: 0, nextReading: 0 };
  return {
    address,
    openId: address,
    open: { ...chargeOf({}).open, station: bytesAt("station", station), vehicle: bytesAt("vehicle", vehicle) },
    code: ENERGY_V1_BYTES,
    state: progress,
    logs: { station: log, vehicle: log },
    contradicted: {},
    completes: {},
    cancelled: {},
    proposals: { station: [], vehicle: [] },
    ruling: undefined,
    completingSince: undefined,
    openedInSerial: serial,
    openedAt: NOW,
    result: undefined,
    hasNews: true,
  };
}
