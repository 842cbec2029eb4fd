/**
 * The genesis of a region: its name, its rules and who may seal before anybody has a history. Its hash names the
 * network in every signature, so gateways of two regions cannot even understand each other's facts.
 */
import { governors } from "#core/governance/governors.ts";
import { PUBLIC_KEY_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { decodeInception, INCEPTION_BYTES } from "#core/identity/device-id.ts";
import { ORGANISATION_BYTES_MAX, showableText } from "#core/identity/showable-text.ts";
import { NETWORK_BYTES } from "#core/session/facts.ts";
import {
  boolean,
  bytes,
  decodeShape,
  encodeShape,
  field,
  integer,
  list,
  optional,
  record,
  tuple,
  unsigned,
  where,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { decodeCbor, encodeCbor, isMap } from "#core/wire/cbor.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { ledgerRules } from "./rules.ts";

/** As bytes, because the device id is their hash. */
const inception = where(
  bytes(INCEPTION_BYTES),
  (encoded) => decodeInception(encoded).ok,
  "an inception of a station or a vehicle",
);

/** How one becomes a member of a region, and whose word that is. */
export const membership = record({
  /** Enrolment keys: the certificates, revocations and recoveries of one of them count. */
  enrolmentKeys: field(1, list(bytes(PUBLIC_KEY_BYTES), 8, 1)),
  /** Members without a certificate are taken beside the certified ones. */
  admitsUncertified: field(2, boolean),
  /** Charges with an uncertified member count for the history of the other. */
  countsUncertified: field(3, boolean),
});
export type Membership = ValueOf<typeof membership>;

const anyGenesis = record({
  /** 1: anybody may join. 2: there is a `membership`. */
  version: field(1, integer(1, 2)),
  name: field(2, showableText(64)),
  /** Unix seconds; slots are counted from here. */
  startedAt: field(3, unsigned),
  rules: field(4, ledgerRules),
  /**
   * Inception and organisation of the nodes that may seal while nobody has the history for it; members from the start.
   */
  authorities: field(5, list(tuple(inception, showableText(ORGANISATION_BYTES_MAX)), 32, 1)),
  membership: optional(6, membership),
  /** Who may change rules and name voters; without them nobody can. */
  governors: optional(7, governors),
});

export const genesisBody = where(
  where(
    anyGenesis,
    (genesis) => (genesis.version === 2) === (genesis.membership !== undefined),
    "a membership in version 2, and in no other",
  ),
  (genesis) => genesis.governors === undefined || genesis.rules.finality === "votes",
  "governors only where a committee votes: what they decide begins with its epochs",
);
export type GenesisBody = ValueOf<typeof genesisBody>;

export interface Genesis {
  readonly body: GenesisBody;
  readonly bytes: Uint8Array;
  /** Stands for the block with serial 0. */
  readonly id: Uint8Array;
  /** First 8 bytes of the id. */
  readonly network: Uint8Array;
}

export function makeGenesis(crypto: Cryptography, body: GenesisBody): Genesis {
  return genesisOf(crypto, body, encodeShape(genesisBody, body));
}

export type GenesisFault =
  | WireFault
  /** Of a region from before there was finality: its rules do not say what this form of the ledger asks for. */
  | { readonly code: "GENESIS_OF_EARLIER_FORM" };

export function decodeGenesis(crypto: Cryptography, encoded: Uint8Array): Result<Genesis, GenesisFault> {
  const body = decodeShape(genesisBody, encoded);
  if (body.ok) return ok(genesisOf(crypto, body.value, encoded));
  return isOfEarlierForm(encoded) ? fail({ code: "GENESIS_OF_EARLIER_FORM" }) : body;
}

/**
 * Rules that end with key 16 are those of before; whoever has such a region must be told so, not that it is damaged.
 */
function isOfEarlierForm(encoded: Uint8Array): boolean {
  const item = decodeCbor(encoded);
  const rules = item.ok && isMap(item.value) ? item.value.get(4) : undefined;
  return rules !== undefined && isMap(rules) && rules.has(16) && ![...rules.keys()].some((key) => key > 16);
}

function genesisOf(crypto: Cryptography, body: GenesisBody, encoded: Uint8Array): Genesis {
  const id = crypto.sha256(encodeCbor(["TALLY1/genesis", encoded]));
  return { body, bytes: encoded, id, network: id.slice(0, NETWORK_BYTES) };
}
