/**
 * What a chain says up to one block: who is a member, which transactions there are and how far they are, who traded
 * with whom, who sealed when. A function of the genesis and the blocks, nothing else.
 */
import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import { NO_BIAS, type SlowBias } from "#core/comparison/slow-bias.ts";
import { chooseCommittee } from "#core/finality/committee.ts";
import { finalityOfGenesis, type FinalityState } from "#core/finality/finality-state.ts";
import { NO_DECISIONS } from "#core/governance/governance.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { Certificate } from "#core/identity/certificate.ts";
import { decodeInception, deviceIdOf, type DeviceRole, type Inception } from "#core/identity/device-id.ts";
import type { Genesis, GenesisBody } from "./genesis.ts";
import type { LedgerRules } from "./rules.ts";
import type { ResultBody } from "./block.ts";
import type { AdjudicateBody, CompleteBody, OpenBody, ReportBody, ResolveBody, Role } from "#core/session/facts.ts";
import type { AuthenticatedMap } from "./authenticated-map.ts";
import { appendLeaf, EMPTY_LOG, type LogFrontier } from "./merkle-tree.ts";
import { emptyTables } from "./state-tables.ts";
import { UncountedSessions } from "./uncounted-sessions.ts";

export interface Member {
  readonly did: Uint8Array;
  readonly role: DeviceRole;
  /** The newest of `keys`: the one in force. */
  readonly publicKey: Uint8Array;
  /** The certified one where there is a certificate, else in its own words. */
  readonly organisation: string;
  /** By number: the inception's, then one for each rotation. */
  readonly keys: readonly MemberKey[];
  /** All that came, in the order of their ends. */
  readonly certificates: readonly Certificate[];
}

export interface MemberKey {
  readonly publicKey: Uint8Array;
  /** SHA-256 of the key that may take over. */
  readonly nextKeyDigest: Uint8Array;
  /** Of the ROTATE that brought it; undefined for the inception's. */
  readonly rotateId: Uint8Array | undefined;
  /** Block time, unix seconds, at which the next one took over; undefined for the one in force. */
  readonly replacedAt: number | undefined;
}

/** One side's reports so far. */
export interface RoleLog {
  readonly reports: readonly ReportBody[];
  readonly nextSequence: number;
  /** Id of the last report; OPEN's id before the first. */
  readonly head: Uint8Array;
  readonly lastRegisterMilliWh: number;
  readonly nextReading: number;
}

/** What evidence has shown of one side's words about a charge. Ids; both lists ascending. */
export interface Contradicted {
  /** The words that the other side holds by, and those that it does not: these and what builds on them do not stand. */
  readonly upheld: readonly Uint8Array[];
  readonly voided: readonly Uint8Array[];
}

/** OPEN: signed by both. ACTIVE: both logs have begun. COMPLETING: one side has completed. The rest are results. */
export type TransactionState = "OPEN" | "ACTIVE" | "COMPLETING" | ResultBody["state"];

export interface Transaction {
  readonly address: Uint8Array;
  readonly openId: Uint8Array;
  readonly open: OpenBody;
  /** The program that its terms name by `codeHash`, as bytes. */
  readonly code: Uint8Array;
  readonly state: TransactionState;
  readonly logs: Readonly<Record<Role, RoleLog>>;
  readonly completes: Readonly<Partial<Record<Role, CompleteBody>>>;
  readonly cancelled: Readonly<Partial<Record<Role, true>>>;
  /** By role and number, in the order of the numbers. */
  readonly proposals: Readonly<Record<Role, readonly ResolveBody[]>>;
  readonly ruling: AdjudicateBody | undefined;
  /** By the side that has contradicted itself. */
  readonly contradicted: Readonly<Partial<Record<Role, Contradicted>>>;
  /** Block time of the first COMPLETE: the other side's grace runs from here. */
  readonly completingSince: number | undefined;
  readonly openedInSerial: number;
  /** Block time of the OPEN: a start that was signed far in the future does not keep a charge open for ever. */
  readonly openedAt: number;
  readonly result: ResultBody | undefined;
  /** Facts have come that no result has looked at yet. */
  readonly hasNews: boolean;
  /** It is over and is not looked at any more; exactly the others are `unsettled`. */
  readonly isClosed?: true;
}

/** What two nodes settled with each other. */
export interface PairHistory {
  readonly settled: number;
  /** Start times of the newest counted sessions, newest last, as many as the cap lets count. */
  readonly recent: readonly number[];
}

export interface Tally {
  readonly settled: number;
  readonly disputed: number;
  readonly abandoned: number;
  readonly lastSlot: number;
  /** Whether it errs in its own favour over many charges. */
  readonly bias: SlowBias;
}

/** The newest piece of evidence of one kind against one did. */
export interface ShownMisconduct {
  /** 1 to 7, as E1 to E7. */
  readonly kind: number;
  /** Id of the EVIDENCE. */
  readonly evidence: Uint8Array;
  /** Of the block that holds it; its time is unix seconds. */
  readonly serial: number;
  readonly at: number;
}

/** What evidence has shown of one did, whatever key it has now. Instants are block times in unix seconds. */
export interface Misconduct {
  /** One of each kind, ascending. */
  readonly shown: readonly ShownMisconduct[];
  /** When it was shown to have contradicted itself in a charge, since the last strike: the newest, oldest first. */
  readonly contradictions: readonly number[];
  /** When it was struck last; null when never. */
  readonly struckAt: number | null;
}

export interface LedgerState {
  readonly serial: number;
  readonly id: Uint8Array;
  readonly sealedAt: number;
  /** In force for the next block: those of the genesis, and what governors have changed of them. */
  readonly rules: LedgerRules;
  readonly genesis: GenesisBody;
  readonly genesisId: Uint8Array;
  /** Dids of the genesis' authorities. */
  readonly authorities: ReadonlySet<string>;
  /** Ids of all blocks up to this one, genesis first. */
  readonly log: LogFrontier;
  /** Miners of the newest blocks, newest last, as many as the cooldown looks back. */
  readonly lastMiners: readonly string[];
  /** By did in hex. */
  readonly members: AuthenticatedMap<Member>;
  /** By did in hex, whether it is a member or not: unix seconds from which on nothing new begins with it. */
  readonly revokedFrom: AuthenticatedMap<number>;
  /** By address in hex. */
  readonly transactions: AuthenticatedMap<Transaction>;
  /** Programs that contracts can name, by their code hash in hex; and ids of the facts that brought them, by slot. */
  readonly programs: AuthenticatedMap<Uint8Array>;
  readonly codeSlots: AuthenticatedMap<Uint8Array>;
  /**
   * Addresses whose result may still change by itself or by facts that have come: the ones that timers and schedule
   * must look at. A charge that was settled by comparison is not among them until both propose something else.
   */
  readonly unsettled: Set<string>;
  /** By `did:did` in hex, one entry for each direction. */
  readonly pairs: AuthenticatedMap<PairHistory>;
  /** By did: the dids with which it has settled. */
  readonly counterparties: AuthenticatedMap<readonly string[]>;
  readonly tallies: AuthenticatedMap<Tally>;
  /** By did in hex: what evidence has shown of it. */
  readonly misconduct: AuthenticatedMap<Misconduct>;
  /** Settled in blocks that are not final by this chain's own certificates: counted when they are. */
  readonly uncounted: UncountedSessions;
  /**
   * What this chain's certificates say is justified and final, who votes, and what governors have decided; stays as it
   * began without finality. Decisions are written into the top layer by the facts that bring them.
   */
  finality: FinalityState;
}

export const NO_MISCONDUCT: Misconduct = { shown: [], contradictions: [], struckAt: null };
export const NO_CONTRADICTIONS: Transaction["contradicted"] = {};
export const NO_TALLY: Tally = { settled: 0, disputed: 0, abandoned: 0, lastSlot: -1, bias: NO_BIAS };
export const NO_PAIR: PairHistory = { settled: 0, recent: [] };

interface NewMember {
  readonly deviceId: Uint8Array;
  readonly inception: Inception;
  readonly organisation: string;
}

export function stateOfGenesis(crypto: Cryptography, genesis: Genesis): LedgerState {
  const tables = emptyTables();
  const { members } = tables;
  for (const [inceptionBytes, organisation] of genesis.body.authorities) {
    const inception = decodeInception(inceptionBytes);
    assert(inception.ok, "a genesis has inceptions only");
    const did = deviceIdOf(crypto, inceptionBytes);
    members.set(toHex(did), newMember({ deviceId: did, inception: inception.value, organisation }));
  }
  const hash = crypto.sha256.bind(crypto);
  const { rules } = genesis.body;
  const state: LedgerState = {
    serial: 0,
    id: genesis.id,
    sealedAt: genesis.body.startedAt,
    rules,
    genesis: genesis.body,
    genesisId: genesis.id,
    authorities: new Set(members.entries().keys()),
    log: appendLeaf(hash, EMPTY_LOG, genesis.id),
    lastMiners: [],
    ...tables,
    unsettled: new Set(),
    uncounted: new UncountedSessions(),
    finality: finalityOfGenesis(rules, genesis.id, []),
  };
  if (rules.finality === "off") return state;
  const finality = finalityOfGenesis(rules, genesis.id, chooseCommittee(hash, state));
  const { governors } = genesis.body;
  return { ...state, finality: governors === undefined ? finality : { ...finality, governance: NO_DECISIONS } };
}

export function newMember({ deviceId, inception, organisation }: NewMember): Member {
  const { role, publicKey, nextKeyDigest } = inception;
  const keys = [{ publicKey, nextKeyDigest, rotateId: undefined, replacedAt: undefined }];
  return { did: deviceId, role, publicKey, organisation, keys, certificates: [] };
}

/** A state on top of the given one, whose maps may be written to. */
export function nextLayer(state: LedgerState): LedgerState {
  return {
    ...state,
    members: state.members.layer(),
    revokedFrom: state.revokedFrom.layer(),
    transactions: state.transactions.layer(),
    programs: state.programs.layer(),
    codeSlots: state.codeSlots.layer(),
    pairs: state.pairs.layer(),
    counterparties: state.counterparties.layer(),
    tallies: state.tallies.layer(),
    misconduct: state.misconduct.layer(),
    unsettled: new Set(state.unsettled),
    uncounted: state.uncounted.layer(),
  };
}

export function isBusy(transaction: Transaction): boolean {
  return transaction.state === "OPEN" || transaction.state === "ACTIVE";
}

export function isTrading(transaction: Transaction): boolean {
  return isBusy(transaction) || transaction.state === "COMPLETING";
}
