/**
 * The rules of a region, fixed in its genesis. Each deviation from the paper is one switch, and the paper's own rule is
 * one of its values.
 */
import { COMMITTEE_SEATS_MAX } from "#core/limits.ts";
import { choice, boolean, field, integer, nullable, record, unsigned, type ValueOf } from "#core/wire/schema.ts";

const seconds = integer(1, 86_400);

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
  heartbeatBlocks: field(6, integer(1, 10_000)),
  /** L: history from which a node may seal. */
  historyMin: field(7, unsigned),
  /** Distinct counterparties that the history must have. */
  counterpartiesMin: field(8, unsigned),
  /** Most sessions with one counterparty that count; null counts all. */
  pairCap: field(9, nullable(integer(1, 1000))),
  /** Least billed energy of a session that counts. */
  countedMilliWhMin: field(10, unsigned),
  /** A session counts for so many days; null counts for ever. */
  historyDays: field(11, nullable(integer(1, 3650))),
  /** Sessions inside one organisation do not count. */
  otherOrganisationOnly: field(12, boolean),
  /** How many of the last blocks' sealers are moved to the end of the schedule, at most. */
  cooldownBlocks: field(13, integer(0, 100)),
  /** Whose relatives come first: those of the oldest open transaction, or of all open ones. */
  relatedScope: field(14, choice({ oldest: 1, all: 2 })),
  /** A party of an open transaction may seal when nobody else is left. */
  partyMaySeal: field(15, boolean),
  /** Who errs in its own favour over many charges may not seal by its history; else that is told and no more. */
  biasPenalty: field(16, boolean),
  /** Whether a committee votes, so that a block that it has vouched for is never replaced. */
  finality: field(17, choice({ off: 1, votes: 2 })),
  /** C: every so many blocks one is a checkpoint, which can be voted for. */
  checkpointBlocks: field(18, integer(1, 1000)),
  /** K: most seats of a committee. */
  committeeMax: field(19, integer(1, COMMITTEE_SEATS_MAX)),
  /** E: after so many checkpoints the next committee is chosen. */
  epochCheckpoints: field(20, integer(1, 10_000)),
  /** No organisation has a third of the seats, where there are enough of them. */
  seatsPerOrganisation: field(21, boolean),
});

export type LedgerRules = ValueOf<typeof ledgerRules>;

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
