/**
 * Every maximum of the protocol in one place, and the relations between them, checked when the file is loaded: a full
 * block that does not fit must be found at start, not when a block is lost.
 */

/** Nesting of CBOR items; the deepest message (a block with its facts) needs 6. */
export const CBOR_DEPTH_MAX = 8;
/**
 * Items of one CBOR message, each container, key and value counted. An empty map is one byte on the wire and some 200
 * in memory; this keeps the worst message near 7 MB. A full block of facts and results needs about 28,000.
 */
export const CBOR_ITEMS_MAX = 32 * 1024;

/** One signed fact (OPEN, REPORT, COMPLETE, JOIN …) as bytes. */
export const FACT_BYTES_MAX = 4 * 1024;
/** A block fits one packet of the mesh, so that no block ever has to be put together from parts (decision 0006). */
export const BLOCK_BYTES_MAX = 60 * 1024;
export const BLOCK_HEADER_BYTES_MAX = 1024;
/** Facts of one block; their bytes are bounded by the block's. */
export const FACTS_PER_BLOCK_MAX = 512;
/** One RESULT as bytes, and how many a block may write; more wait for the next block. */
export const RESULT_BYTES_MAX = 128;
export const RESULTS_PER_BLOCK_MAX = 64;

/** Keys that govern a region, and so signatures of what they decide. */
export const GOVERNORS_MAX = 15;

/** Seats of one committee; a certificate is signed by two committees at most, where one hands over to the next. */
export const COMMITTEE_SEATS_MAX = 31;
export const SEATS_MAX = 2 * COMMITTEE_SEATS_MAX;
/** One quorum certificate as bytes: a bit and a signature for each seat, and what they have signed. */
export const CERTIFICATE_BYTES_MAX = 4608;
/** Certificates that one block carries. */
export const CERTIFICATES_PER_BLOCK_MAX = 4;
/** One VOTE as bytes. */
export const VOTE_BYTES_MAX = 320;

/** One MQTT packet's payload. */
export const MESH_PAYLOAD_BYTES_MAX = 64 * 1024;
/** Blocks and facts sent in answer to one request; the asker asks again for more. */
export const SYNC_BLOCKS_MAX = 64;
export const SYNC_FACTS_MAX = 256;
/** The newest vote of each seat of two committees, and certificates that may be in no block yet. */
export const SYNC_VOTES_MAX = 64;
export const SYNC_CERTIFICATES_MAX = 8;
/** What one answer brings of a snapshot: with keys and heads it fits one packet. */
export const SNAPSHOT_REPLY_BYTES_MAX = 56 * 1024;
/** Parts of the state, or records, that are asked for at once. */
export const SNAPSHOT_WANTED_MAX = 64;
/** Ids of blocks that come in one answer; a power of two. */
export const SNAPSHOT_IDS = 1024;
/** Blocks before a snapshot, bytes of all entries of its state, and records that it refers to: more is not fetched. */
export const SNAPSHOT_BLOCKS_MAX = 8 * 1024 * 1024;
export const SNAPSHOT_STATE_BYTES_MAX = 256 * 1024 * 1024;
export const SNAPSHOT_RECORDS_MAX = 256 * 1024;
/** One handoff from a committee to the next. */
export const HANDOFF_BYTES_MAX = 32 * 1024;
/** How often a message may be carried from one broker to the next. */
export const MESH_HOPS_MAX = 6;
/** Brokers that one gateway is connected to at the same time. */
export const MESH_BROKERS_MAX = 2;
/** Verified objects of which a relay remembers at which brokers they have been. */
export const RELAY_OBJECTS_MAX = 64 * 1024;

/** Facts waiting for a block. */
export const MEMPOOL_FACTS_MAX = 8 * 1024;
/** Facts waiting for something they refer to (a member's JOIN, the OPEN of a report). */
export const PARKED_FACTS_MAX = 64;

/** Readings in one signed REPORT. */
export const READINGS_PER_REPORT_MAX = 60;
/** Reports of one role in one session: a day at one report every 30 s. */
export const REPORTS_PER_SESSION_MAX = 2880;
/** Rules of a signed tariff, windows of one rule, and the bytes of all of it. */
export const TARIFF_RULES_MAX = 32;
export const TARIFF_WINDOWS_MAX = 32;
export const TARIFF_BYTES_MAX = 1536;

/** Proposals of one role about one disputed charge, and the bytes of an arbiter's reason. */
export const PROPOSALS_PER_ROLE_MAX = 16;
export const REASON_BYTES_MAX = 512;

/** A contract's program as bytes; with who puts it up it fits one CODE fact. */
export const SCRIPT_BYTES_MAX = FACT_BYTES_MAX - 256;
/** Programs that one member may put up: others pay for their room as long as the chain stands. */
export const PROGRAMS_PER_MEMBER_MAX = 4;
/** Nodes of all its expressions, and nesting of one, the lets that it uses included. */
export const SCRIPT_NODES_MAX = 1024;
export const SCRIPT_DEPTH_MAX = 128;
/** Macros around one expression: one may stand inside another. */
export const SCRIPT_MACROS_MAX = 2;
/** Items of a list and code points of a text, whatever they come from. */
export const SCRIPT_LIST_MAX = 64;
export const SCRIPT_TEXT_MAX = 256;
/** Steps of one evaluation: a program that could need more is refused before it ever runs. */
export const SCRIPT_STEPS_MAX = 2000;
/** Entries in one table of a program (inputs, lets, commands …), and bytes of one name. */
export const SCRIPT_ENTRIES_MAX = 64;
export const SCRIPT_NAME_BYTES_MAX = 48;

/** One of the two objects of a piece of evidence, with its purpose: a header is the largest. */
export const EVIDENCE_OBJECT_BYTES_MAX = BLOCK_HEADER_BYTES_MAX + 8;
/** Words of one side of a charge that the other side may show to be contradicted. */
export const VOIDED_WORDS_MAX = 16;

/** Clock difference a receiver forgives in a block or an offer. */
export const FUTURE_SECONDS_MAX = 2;

/** Short ids in the announcement of a block. */
export const SHORT_ID_BYTES = 8;

const voted =
  SYNC_VOTES_MAX * (VOTE_BYTES_MAX + 3) + SYNC_CERTIFICATES_MAX * (CERTIFICATE_BYTES_MAX + 3) + BLOCK_HEADER_BYTES_MAX;
/** Keys, heads and ids of an answer that brings up to 64 parts. */
const HASH_HEADS_BYTES = 1024;
const vouched = CERTIFICATES_PER_BLOCK_MAX * (CERTIFICATE_BYTES_MAX + 3);
const announced = BLOCK_HEADER_BYTES_MAX + FACTS_PER_BLOCK_MAX * SHORT_ID_BYTES + vouched;
const fixed = BLOCK_HEADER_BYTES_MAX + RESULTS_PER_BLOCK_MAX * (RESULT_BYTES_MAX + 3) + vouched;
if (
  fixed + FACT_BYTES_MAX > BLOCK_BYTES_MAX ||
  announced > BLOCK_BYTES_MAX ||
  voted > MESH_PAYLOAD_BYTES_MAX ||
  2 * EVIDENCE_OBJECT_BYTES_MAX + 256 > FACT_BYTES_MAX ||
  BLOCK_BYTES_MAX + 1024 > MESH_PAYLOAD_BYTES_MAX ||
  SNAPSHOT_REPLY_BYTES_MAX + HASH_HEADS_BYTES > MESH_PAYLOAD_BYTES_MAX ||
  HANDOFF_BYTES_MAX + FACT_BYTES_MAX + CERTIFICATE_BYTES_MAX > SNAPSHOT_REPLY_BYTES_MAX ||
  SNAPSHOT_IDS * 32 > SNAPSHOT_REPLY_BYTES_MAX
) {
  throw new Error("bug: limits disagree: a block does not fit what carries it");
}
/**
 * How far below the head a block may still be added: a week of blocks each 30 s. Parts of a region that were apart for
 * longer do not come together by themselves; without the limit a member could fill everybody's flash with old blocks.
 */
export const BRANCH_DEPTH_MAX = 20_160;
