/** Whether an OPEN may stand: a contract between a vehicle and a station, signed by both, whose terms can be kept. */
import { equalBytes, toHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { checkTerms } from "#core/contract/check-terms.ts";
import { isResolvedFor } from "#core/tariff/check-tariff.ts";
import { openedAddress } from "#core/handshake/transaction-address.ts";
import { keyNumberIn, type OpenBody, type Role } from "#core/session/facts.ts";
import { codeNamed } from "./apply-code.ts";
import { badTerms, isSignedBy, KNOWN, refersUnknown, refuse, type ApplyContext, type FactFault } from "./fact-fault.ts";
import type { OpenFact } from "./fact.ts";
import { isBoundInTime, mayTrade, type TradingSide } from "./membership.ts";
import { openableUntil } from "./time-limits.ts";
import { NO_CONTRADICTIONS, type LedgerState, type Member, type RoleLog } from "./state.ts";

export function applyOpen(state: LedgerState, fact: OpenFact, context: ApplyContext): Result<void, FactFault> {
  const open = fact.body;
  const { network } = open;
  if (!equalBytes(network, context.network)) return refuse({ code: "FACT_WRONG_NETWORK", network: toHex(network) });
  const address = openedAddress(context, fact);
  const key = toHex(address);
  if (state.transactions.get(key) !== undefined) return KNOWN;
  const lastAt = openableUntil(open);
  if (Math.max(context.now, state.sealedAt) > lastAt) return refuse({ code: "FACT_TOO_LATE", lastAt });
  const parties = partiesOf(state, open, context.now);
  if (!parties.ok) return parties;
  const sound = checkContract(open, state);
  if (!sound.ok) return sound;
  const { codeHash } = open.terms;
  // Nobody may be billed by rules that are not known here; the CODE may come to stand later.
  const code = codeNamed(state, codeHash, context.crypto);
  if (code === undefined) return refersUnknown("code", codeHash);
  if (!isSignedBy(fact, parties.value, context)) return refuse({ code: "FACT_BAD_SIGNATURE", signer: key });
  const log = (start: number): RoleLog => ({
    reports: [],
    nextSequence: 0,
    head: fact.id,
    lastRegisterMilliWh: start,
    nextReading: 0,
  });
  state.transactions.set(key, {
    address,
    openId: fact.id,
    open,
    code,
    state: "OPEN",
    logs: { station: log(open.startMilliWh[0]), vehicle: log(open.startMilliWh[1]) },
    completes: {},
    cancelled: {},
    proposals: { station: [], vehicle: [] },
    ruling: undefined,
    contradicted: NO_CONTRADICTIONS,
    completingSince: undefined,
    openedInSerial: state.serial,
    openedAt: context.now,
    result: undefined,
    hasNews: true,
  });
  state.unsettled.add(key);
  return ok(undefined);
}

/** Public keys in the order of the signatures: the vehicle's, then the station's. */
function partiesOf(state: LedgerState, open: OpenBody, now: number): Result<readonly Uint8Array[], FactFault> {
  const keys: Uint8Array[] = [];
  for (const role of ["vehicle", "station"] as const) {
    const member: Member | undefined = state.members.get(toHex(open[role]));
    if (member === undefined) return refersUnknown("member", open[role]);
    if (member.role !== role) return refuse({ code: "FACT_WRONG_ROLE", did: toHex(open[role]), expected: role });
    const key = boundKey(member, open, role, now);
    if (!key.ok) return key;
    if (!mayTrade(state, member.certificates, sideOf(open, role))) {
      return refuse({ code: "FACT_NOT_CERTIFIED", did: toHex(open[role]), right: "charge" });
    }
    keys.push(key.value);
  }
  return ok(keys);
}

/** The key that the contract names, if nobody could know by then that another had replaced it. */
function boundKey(member: Member, open: OpenBody, role: Role, now: number): Result<Uint8Array, FactFault> {
  const number = keyNumberIn(open, role);
  const key = member.keys[number];
  if (key === undefined) return refersUnknown("key", open[role]);
  if (isBoundInTime(key, open.startedAt, now)) return ok(key.publicKey);
  return refuse({ code: "FACT_KEY_REPLACED", did: toHex(open[role]), number });
}

function sideOf({ startedAt, terms }: OpenBody, role: Role): TradingSide {
  const place = role === "station" ? 0 : 1;
  return { at: startedAt, mpePpm: terms.mpePpm[place], point: terms.measuringPoints[place] };
}

/** What can be said of the contract from its own bytes and the genesis, so the same on every branch. */
function checkContract(open: OpenBody, state: LedgerState): Result<void, FactFault> {
  const { terms, reference, startedAt, notAfter } = open;
  const sound = checkTerms(terms);
  if (!sound.ok) return badTerms(sound.fault.reason);
  if (notAfter !== startedAt + terms.durationMaxSeconds) return badTerms("does not end with its longest duration");
  if (!isResolvedFor(terms.tariff, startedAt, notAfter)) return badTerms("the tariff is for another time");
  // The one block that every chain of the region holds, final or not (invariant S5, decision 0012).
  if (reference[0] !== 0 || !equalBytes(reference[1], state.genesisId)) {
    return refuse({ code: "FACT_REFERENCE_NOT_HERE", serial: reference[0] });
  }
  return ok(undefined);
}
