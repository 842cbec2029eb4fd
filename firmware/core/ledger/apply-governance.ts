/**
 * Whether a PARAMS or RECONFIG may stand: the word of enough governors of the genesis, each in its place on this chain.
 * Unlike what is signed about charges these depend on where they stand, as epochs and finality do.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { equalCheckpoints } from "#core/finality/checkpoint.ts";
import { committeesOf, seatsOf, type Committees } from "#core/finality/finality-state.ts";
import {
  PARAMS_IDS_MAX,
  PENDING_PARAMS_MAX,
  RECONFIGS_KEPT,
  SET_ASIDE_MAX,
  votersBeside,
  type Governance,
} from "#core/governance/governance.ts";
import { governorsBehind } from "#core/governance/governors.ts";
import { EPOCHS_AHEAD_MIN } from "#core/governance/params-fact.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import { KNOWN, refersUnknown, refuse, type ApplyContext, type FactFault } from "./fact-fault.ts";
import type { GovernanceFact, ParamsFact, ReconfigFact } from "./fact.ts";
import { isRevokedAt, isStruckAt } from "./membership.ts";
import { slotOf } from "./schedule.ts";
import type { LedgerState } from "./state.ts";

export function applyParams(state: LedgerState, fact: ParamsFact, context: ApplyContext): Result<void, FactFault> {
  const { governance, epoch } = state.finality;
  const { number, activeFromEpoch, rules: changes, codeVersion } = fact.body;
  const objection = objectionToSender(state, fact, context);
  if (objection !== undefined || governance === undefined) return refuse(objection ?? NO_GOVERNORS);
  if (number <= governance.number) return standsAs(governance, number, fact.id);
  if (number > governance.number + 1) return refersUnknown(`PARAMS before number ${number}`, fact.id);
  const least = epoch + EPOCHS_AHEAD_MIN;
  if (activeFromEpoch < least) return refuse({ code: "FACT_TOO_SOON", epoch: activeFromEpoch, least });
  const reason = objectionToParams(governance, fact);
  if (reason !== undefined) return refuse({ code: "FACT_BAD_PARAMS", reason });
  const unsigned = objectionToSignatures(state, fact, context);
  if (unsigned !== undefined) return refuse(unsigned);
  state.finality = {
    ...state.finality,
    governance: {
      ...governance,
      number,
      paramsIds: [...governance.paramsIds, fact.id].slice(-PARAMS_IDS_MAX),
      pending: [...governance.pending, { id: fact.id, activeFromEpoch, changes, codeVersion }],
    },
  };
  return ok(undefined);
}

export function applyReconfig(state: LedgerState, fact: ReconfigFact, context: ApplyContext): Result<void, FactFault> {
  const { finality } = state;
  const { governance, epoch } = finality;
  const objection = objectionToSender(state, fact, context);
  if (objection !== undefined || governance === undefined) return refuse(objection ?? NO_GOVERNORS);
  if (governance.reconfigs.some(({ id }) => equalBytes(id, fact.id))) return KNOWN;
  const misplaced = objectionToCheckpoint(state, fact, governance);
  if (misplaced !== undefined) return misplaced;
  const unfit = objectionToVoters(state, fact);
  if (unfit !== undefined) return unfit;
  const unsigned = objectionToSignatures(state, fact, context);
  if (unsigned !== undefined) return refuse(unsigned);
  const { checkpoint, committee: named } = fact.body;
  const committee = named.map(toHex);
  const before = committeesOf(finality, epoch);
  const beside = votersBeside(before ?? NOBODY, committee);
  const begun = { id: fact.id, checkpoint, serial: state.serial + 1, epoch: epoch + 1, committee, ...beside };
  const reconfigs = [...governance.reconfigs, begun].slice(-RECONFIGS_KEPT);
  const leftOut = (before === undefined ? [] : seatsOf(before)).filter((did) => !committee.includes(did));
  const slot = slotOf(state, context.now);
  const stillAside = governance.setAside.filter(({ did }) => !committee.includes(did) && !leftOut.includes(did));
  const setAside = [...stillAside, ...leftOut.map((did) => ({ did, slot }))].slice(-SET_ASIDE_MAX);
  state.finality = { ...finality, governance: { ...governance, reconfigs, setAside } };
  return ok(undefined);
}

const NOBODY: Committees = { forward: [], rear: [] };
const NO_GOVERNORS: FactFault = { code: "FACT_NO_GOVERNORS" };

function objectionToSender(
  state: LedgerState,
  { body: { network } }: GovernanceFact,
  context: ApplyContext,
): FactFault | undefined {
  if (!equalBytes(network, context.network)) return { code: "FACT_WRONG_NETWORK", network: toHex(network) };
  return state.genesis.governors === undefined ? NO_GOVERNORS : undefined;
}

/** One that has its number already; of very old ones nobody knows any more which it was. */
function standsAs({ number: last, paramsIds }: Governance, number: number, id: Uint8Array): Result<void, FactFault> {
  const known = paramsIds.at(number - last - 1);
  if (known === undefined || equalBytes(known, id)) return KNOWN;
  return refuse({ code: "FACT_CONFLICTS", with: `PARAMS ${number} of the governors` });
}

function objectionToParams({ pending, codeVersion }: Governance, { body }: ParamsFact): string | undefined {
  const last = pending.at(-1);
  if (pending.length >= PENDING_PARAMS_MAX) return "so many are not in force yet";
  if (last !== undefined && body.activeFromEpoch < last.activeFromEpoch) return "before the one before it";
  if (body.codeVersion === undefined) return undefined;
  const reached = pending.findLast((each) => each.codeVersion !== undefined)?.codeVersion ?? codeVersion;
  return body.codeVersion > reached ? undefined : "the code version does not rise";
}

type Refusal = ReturnType<typeof refuse>;

/** It has to name what this chain says is final: nothing of that is taken back, and nothing beside it is followed. */
function objectionToCheckpoint(
  { finality: { final } }: LedgerState,
  { body: { checkpoint } }: ReconfigFact,
  { reconfigs }: Governance,
): Refusal | undefined {
  if (reconfigs.some((each) => equalCheckpoints(each.checkpoint, checkpoint))) {
    return refuse({ code: "FACT_CONFLICTS", with: "RECONFIG of the checkpoint" });
  }
  if (checkpoint.serial > final.serial) return refersUnknown("final checkpoint", checkpoint.id);
  if (!equalCheckpoints(checkpoint, final)) {
    return refuse({ code: "FACT_CONTRADICTS_FINAL", serial: checkpoint.serial, final: final.serial });
  }
  const before = reconfigs.at(-1);
  // Two that stand on each other before anything is final would leave the first committee no say in the third.
  return before === undefined || before.serial < final.serial
    ? undefined
    : refuse({ code: "FACT_CONFLICTS", with: "RECONFIG that is not final" });
}

/** A committee of those who may not vote would be stuck at once. */
function objectionToVoters(state: LedgerState, { body: { committee } }: ReconfigFact): Refusal | undefined {
  for (const deviceId of committee) {
    const did = toHex(deviceId);
    const member = state.members.get(did);
    if (member === undefined) return refersUnknown("member", deviceId);
    if (member.role !== "station") return refuse({ code: "FACT_WRONG_ROLE", did, expected: "station" });
    if (isRevokedAt(state, did, state.sealedAt)) return refuse({ code: "FACT_REVOKED", did });
    if (isStruckAt(state, did, state.sealedAt)) return refuse({ code: "FACT_BAD_RECONFIG", reason: `struck: ${did}` });
  }
  return undefined;
}

/** Undefined when enough governors have signed it, and nobody else. */
function objectionToSignatures(
  { genesis }: LedgerState,
  fact: GovernanceFact,
  { crypto, network, verified }: ApplyContext,
): FactFault | undefined {
  const { governors } = genesis;
  if (governors === undefined) return NO_GOVERNORS;
  const [found, needed] = [fact.signatures.length, governors.threshold];
  if (found < needed) return { code: "FACT_TOO_FEW_SIGNATURES", found, needed };
  if (verified.get(fact) === SIGNED_BY_GOVERNORS) return undefined;
  const message = toBeSigned(network, PURPOSE[fact.kind], fact.payload);
  if (governorsBehind(crypto, governors, message, fact.signatures) === undefined) {
    return { code: "FACT_BAD_SIGNATURE", signer: "governors" };
  }
  verified.set(fact, SIGNED_BY_GOVERNORS);
  return undefined;
}

/** In place of the names of keys: those of a region stay the same. */
const SIGNED_BY_GOVERNORS = "governors";
