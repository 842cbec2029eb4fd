/**
 * The rules of a region, given in its genesis; some of them its governors may change. Each deviation from the paper is
 * one switch, and the paper's own rule is one of its values.
 */
import { COMMITTEE_SEATS_MAX } from "#core/limits.ts";
import {
  choice,
  boolean,
  field,
  integer,
  nullable,
  optional,
  record,
  unsigned,
  type ValueOf,
} from "#core/wire/schema.ts";

const seconds = integer(1, 86_400);
const heartbeat = integer(1, 10_000);
const days = nullable(integer(1, 3650));
const cooldown = integer(0, 100);
const scope = choice({ oldest: 1, all: 2 });
const seats = integer(1, COMMITTEE_SEATS_MAX);

export const ledgerRules = record({
  profile: field(1, choice({ paper: 1, hardened: 2 })),
  /** T: least time from one block to the next. */
  blockSeconds: field(2, seconds),
  /** d: a slot, and how much later each further rank may seal. */
  slotSeconds: field(3, seconds),
  /** Further ranks may seal when the first does not; the paper knows only the first. */
  fallback: field(4, boolean),
  /** A block is sealed each T even with nothing in it. */
  emptyBlocks: field(5, boolean),
  /** Without empty blocks, one is sealed after so many T all the same, as a sign of life. */
  heartbeatBlocks: field(6, heartbeat),
  /** L: history from which a node may seal. */
  historyMin: field(7, unsigned),
  /** Distinct counterparties that the history must have. */
  counterpartiesMin: field(8, unsigned),
  /** Most sessions with one counterparty that count; null counts all. */
  pairCap: field(9, nullable(integer(1, 1000))),
  /** Least billed energy of a session that counts. */
  countedMilliWhMin: field(10, unsigned),
  /** A session counts for so many days; null counts for ever. */
  historyDays: field(11, days),
  /** Sessions inside one organisation do not count. */
  otherOrganisationOnly: field(12, boolean),
  /** How many of the last blocks' sealers are moved to the end of the schedule, at most. */
  cooldownBlocks: field(13, cooldown),
  /** Whose relatives come first: those of the oldest open transaction, or of all open ones. */
  relatedScope: field(14, scope),
  /** A party of an open transaction may seal when nobody else is left. */
  partyMaySeal: field(15, boolean),
  /** Who errs in its own favour over many charges may not seal by its history; else that is told and no more. */
  biasPenalty: field(16, boolean),
  /** Whether a committee votes, so that a block that it has vouched for is never replaced. */
  finality: field(17, choice({ off: 1, votes: 2 })),
  /** C: every so many blocks one is a checkpoint, which can be voted for. */
  checkpointBlocks: field(18, integer(1, 1000)),
  /** K: most seats of a committee. */
  committeeMax: field(19, seats),
  /** E: after so many checkpoints the next committee is chosen. */
  epochCheckpoints: field(20, integer(1, 10_000)),
  /** No organisation has a third of the seats, where there are enough of them. */
  seatsPerOrganisation: field(21, boolean),
});

export type LedgerRules = ValueOf<typeof ledgerRules>;

/**
 * The rules that governors may change, each under the key that it has above. The others stay as the genesis has them:
 *
 * - `finality`, `checkpointBlocks`, `epochCheckpoints`: proofs are checked with nothing but the genesis;
 * - `slotSeconds`: it numbers the slots, and what a miner has used of them, and evidence, go by the numbers;
 * - `pairCap`: what it has left out of a history is nowhere any more;
 * - `fallback`, `partyMaySeal`: without them a region can stand still, and then nobody could change them back;
 * - `profile`: a name.
 */
const changeable = {
  blockSeconds: optional(2, seconds),
  emptyBlocks: optional(5, boolean),
  heartbeatBlocks: optional(6, heartbeat),
  historyMin: optional(7, unsigned),
  counterpartiesMin: optional(8, unsigned),
  countedMilliWhMin: optional(10, unsigned),
  historyDays: optional(11, days),
  otherOrganisationOnly: optional(12, boolean),
  cooldownBlocks: optional(13, cooldown),
  relatedScope: optional(14, scope),
  biasPenalty: optional(16, boolean),
  committeeMax: optional(19, seats),
  seatsPerOrganisation: optional(21, boolean),
} as const;
export const ruleChanges = record(changeable);
export type RuleChanges = ValueOf<typeof ruleChanges>;
/** Their names. */
export const CHANGEABLE_RULES = Object.keys(changeable) as readonly (keyof RuleChanges)[];

/** The paper, literally (protocol 2.22, column `paper`). */
export const PAPER_RULES: LedgerRules = {
  profile: "paper",
  blockSeconds: 30,
  slotSeconds: 6,
  fallback: false,
  emptyBlocks: true,
  heartbeatBlocks: 1,
  historyMin: 1,
  counterpartiesMin: 1,
  pairCap: null,
  countedMilliWhMin: 0,
  historyDays: null,
  otherOrganisationOnly: false,
  cooldownBlocks: 0,
  relatedScope: "oldest",
  partyMaySeal: false,
  biasPenalty: false,
  finality: "off",
  checkpointBlocks: 4,
  committeeMax: 13,
  epochCheckpoints: 256,
  seatsPerOrganisation: false,
};

/** The default (protocol 2.22, column `hardened`). */
export const HARDENED_RULES: LedgerRules = {
  profile: "hardened",
  blockSeconds: 30,
  slotSeconds: 6,
  fallback: true,
  emptyBlocks: false,
  heartbeatBlocks: 20,
  historyMin: 20,
  counterpartiesMin: 4,
  pairCap: 5,
  countedMilliWhMin: 1_000_000,
  historyDays: 180,
  otherOrganisationOnly: true,
  cooldownBlocks: 3,
  relatedScope: "all",
  partyMaySeal: true,
  biasPenalty: false,
  finality: "votes",
  checkpointBlocks: 4,
  committeeMax: 13,
  epochCheckpoints: 256,
  seatsPerOrganisation: true,
};
