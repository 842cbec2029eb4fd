/** The rules of the ledger in words, by the code of the fault that names each: what a reader of a chain is told. */

/** What the rule says, as a whole sentence; for an unknown code the code itself. */
export function ruleText(code: string): string {
  return RULES[code] ?? `The rule ${code} does not hold.`;
}

const RULES: Readonly<Record<string, string>> = {
  // The flash store.
  TORN_TAIL: "Bytes behind the last good record: a write that a power cut interrupted, or changed bytes.",
  TORN_BATCH: "A write that a power cut interrupted, in front of records of the same write, or changed bytes.",
  TORN_SEGMENT: "A file made ahead whose making was interrupted, or changed bytes.",
  RECORD_DAMAGED: "Bytes that were a durable record are not what was written.",
  RECORD_MISSING: "A record does not follow the one before it: something between them is gone or was exchanged.",
  SEGMENT_HEADER: "The header of a file of the store is not what was written.",
  SEGMENT_MISSING: "A file of the store is missing.",
  SEGMENT_UNREADABLE: "A file of the store cannot be a part of this log.",
  REGISTER_DAMAGED: "A slot of the safety register is not what was written, or its write was interrupted.",
  REGISTER_SIZE: "The safety register has not the size of one.",
  // The journal.
  JOURNAL_EMPTY: "There is no record: no chain is stored here.",
  JOURNAL_NO_GENESIS: "The first record must be the genesis of the region.",
  JOURNAL_UNKNOWN_RECORD: "A record must be a genesis, a fact or a block.",
  JOURNAL_BAD_GENESIS: "The genesis must be readable.",
  JOURNAL_BAD_FACT: "A fact must be readable and may stand only where the rules let it.",
  JOURNAL_FACT_TWICE: "A fact is stored once.",
  JOURNAL_FACT_UNPROVEN: "Every stored fact must have a place in the chain where its signature can be checked.",
  JOURNAL_FACT_MISSING: "The facts of a block must be stored before it.",
  JOURNAL_BLOCK_TWICE: "A block is stored once.",
  JOURNAL_BAD_BLOCK: "A block must be readable and may stand only where the rules let it.",
  // Files.
  EXPORT_NOT_A_CHAIN: "An exported chain is its title and a list of records.",
  FILE_UNKNOWN: "The file begins neither like an exported chain nor like a receipt.",
  FILE_TOO_LARGE: "The file is larger than any exported chain or receipt.",
  RECEIPT_UNREADABLE: "A receipt and its parts must be readable.",
  RECEIPT_BAD_FACT: "Each fact of a receipt may stand only where the rules let it.",
  RECEIPT_NO_SUCH_CHARGE: "A receipt holds the contract of the charge that it names.",
  RECEIPT_WRONG_RESULT: "The result must follow from the signed facts.",
  RECEIPT_NOT_SEALED: "The result must be in a block that its miner signed.",
  // Encodings.
  CBOR_NOT_CANONICAL: "Everything has one encoding only.",
  WIRE_WRONG_SHAPE: "An object has exactly the fields of its kind, each within its limits.",
  SIGNED_WRONG_FORM: "A signed object is an envelope with one signature of each signer.",
  FACT_TOO_LARGE: "A fact has a largest size.",
  FACT_UNKNOWN_PURPOSE: "A fact says what it was signed for.",
  BLOCK_TOO_LARGE: "A block has a largest size.",
  // Facts.
  FACT_KNOWN: "A fact stands once.",
  FACT_REFERS_UNKNOWN: "What a fact refers to must stand before it.",
  FACT_BAD_SIGNATURE: "A fact must be signed by those whose word it is.",
  FACT_BAD_JOIN: "Whoever joins signs with the key that its inception names.",
  FACT_WRONG_NETWORK: "A fact is of the network that it names, and of no other.",
  FACT_WRONG_ROLE: "A contract is between a vehicle and a station.",
  FACT_BAD_TERMS: "The terms of a contract must hold together.",
  FACT_REFERENCE_NOT_HERE: "A contract refers to a block that this chain holds.",
  FACT_WRONG_STATE: "Nothing is reported of a charge that is over.",
  FACT_OUT_OF_SEQUENCE: "A report begins after the readings of the one before it.",
  FACT_CONFLICTS: "One side signs one thing for one place.",
  FACT_REGISTER_FELL: "A register only grows.",
  FACT_NO_ROOM: "So many facts may wait for a block.",
  // Blocks.
  BLOCK_WRONG_FIELD: "The header says what follows from the block before it, and from the block's own content.",
  BLOCK_UNKNOWN_MINER: "The miner is a member.",
  BLOCK_BAD_SIGNATURE: "The miner has signed the header.",
  BLOCK_NOT_ITS_TURN: "The miner is the one whom the schedule names for that rank.",
  BLOCK_TOO_EARLY: "A block is not sealed before its rank is due.",
  BLOCK_SLOT_USED: "A miner seals once in a slot, and never in an earlier one.",
  BLOCK_FACTS_MISPLACED: "The facts of a block stand in their one order.",
  BLOCK_BAD_FACT: "Each fact of a block may stand only where the rules let it.",
  BLOCK_WRONG_RESULT: "The results of a block follow from its facts.",
  // The chain.
  CHAIN_UNKNOWN_PARENT: "The block before must be there.",
  CHAIN_BRANCH_TOO_DEEP: "A branch does not start far below the head.",
  CHAIN_FROM_THE_FUTURE: "A block is not from the future.",
};
