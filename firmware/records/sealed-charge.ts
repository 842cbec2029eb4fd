/** What of a chain belongs on the receipt of a charge: the block with its newest result, and the facts behind it. */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { Certificate } from "#core/identity/certificate.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import { compareFacts } from "#core/ledger/block-order.ts";
import type { Block } from "#core/ledger/block.ts";
import type { Chain, ChainLink } from "#core/ledger/chain.ts";
import { LATE_SECONDS_MAX } from "#core/ledger/membership.ts";
import type { CodeFact, Fact, JoinFact } from "#core/ledger/fact.ts";
import { factAt } from "#core/ledger/chain-records.ts";
import { hasBeginning } from "#core/ledger/stored-blocks.ts";
import type { Member, Transaction } from "#core/ledger/state.ts";
import { chargeInBlocks } from "./charge-in-blocks.ts";
import { standingFacts } from "#core/ledger/voided-words.ts";
import { codeHash } from "#core/script/code-hash.ts";

export interface SealedCharge {
  /** The block that holds the newest result, and the place of the result in it. */
  readonly block: Block;
  readonly index: number;
  /** Those from which the result follows, in the order of a block. */
  readonly facts: readonly Fact[];
}

/** @param others of whom the facts also say who they are and which keys they have, by dids in hex */
export function sealedCharge(
  chain: Chain,
  address: Uint8Array,
  others: ReadonlySet<string> = new Set(),
): SealedCharge | undefined {
  const key = toHex(address);
  const last = chain.sealingOf(key);
  const transaction = chain.head.state.transactions.get(key) ?? chargeInBlocks(chain, address);
  const block = last?.block;
  if (last === undefined || block === undefined || transaction === undefined) return undefined;
  const { station, vehicle, terms } = transaction.open;
  const links = linksOf(chain, { last, block }, transaction);
  if (links === undefined) return undefined;
  const index = last.results.findIndex((result) => toHex(result.address) === key);
  // A dispute that lapsed ends as the result before it said, whatever was said in between.
  const lastSerial = last.results[index]?.ending === "lapse" ? serialOfResultBefore(links, key) : last.serial;
  const words = links
    .filter(({ serial }) => serial <= lastSerial)
    .flatMap(({ facts: each }) => each.filter((fact) => isWordOf(fact, key, transaction)));
  const code = codeOf(chain, terms, lastSerial);
  const signers = [station, vehicle, block.header.miner, terms.arbiter, code?.body.member].map((did) =>
    toHex(did ?? NOBODY),
  );
  const identities = [...new Set([...signers, ...others])].flatMap((did) => {
    const newest = others.has(did) ? chain.head : last;
    return identityOf(chain, did, {
      openedAt: links[0]?.sealedAt ?? last.sealedAt,
      until: newest.sealedAt,
      untilSerial: newest.serial,
    });
  });
  const facts = [...words, ...(code === undefined ? [] : [code]), ...identities];
  return { block, index, facts: [...standingFacts(facts, transaction)].sort(compareFacts) };
}

/** A block as it was read: most of them are on flash alone. */
interface ReadLink extends Pick<ChainLink, "serial" | "sealedAt" | "results"> {
  readonly facts: readonly Fact[];
}

/**
 * The blocks in which something of the charge may stand: from its OPEN to its newest result. Of those between them that
 * were dropped nothing was about it, if it is one's own. Undefined where its OPEN is not here any more.
 */
function linksOf(
  chain: Chain,
  { last, block: lastBlock }: { readonly last: ChainLink; readonly block: Block },
  { openId }: Pick<Transaction, "openId">,
): readonly ReadLink[] | undefined {
  const links: ReadLink[] = [];
  for (let { serial } = last; serial > 0; serial -= 1) {
    const link = chain.at(serial);
    const block = serial === last.serial ? lastBlock : link?.block;
    if (link === undefined || block === undefined) continue;
    const { sealedAt, results } = link;
    links.unshift({ serial, sealedAt, results, facts: block.facts });
    if (block.facts.some((fact) => fact.kind === "OPEN" && equalBytes(fact.id, openId))) return links;
  }
  return undefined;
}

function serialOfResultBefore(links: readonly ReadLink[], key: string): number {
  const sealings = links.filter(({ results }) => results.some(({ address }) => toHex(address) === key));
  return (sealings.at(-2) ?? sealings.at(-1))?.serial ?? 0;
}

function isWordOf(fact: Fact, key: string, { openId }: Pick<Transaction, "openId">): boolean {
  switch (fact.kind) {
    case "OPEN":
      return equalBytes(fact.id, openId);
    case "REPORT":
    case "COMPLETE":
    case "CANCEL":
    case "RESOLVE":
    case "ADJUDICATE":
      return toHex(fact.body.address) === key;
    // What governors decide is about no charge. A REVOKE ends nothing that has begun, so no result rests on it. And the
    // words that evidence has left standing say the result by themselves.
    case "PARAMS":
    case "RECONFIG":
    case "REVOKE":
    case "EVIDENCE":
    // Chosen by whom they are of, and by what the contract names.
    case "JOIN":
    case "ROTATE":
    case "CODE":
      return false;
  }
}

/** The CODE that brought the contract's program; undefined where every gateway carries it. */
function codeOf(chain: Chain, { codeHash: named }: Terms, lastSerial: number): CodeFact | undefined {
  const { crypto } = chain.context;
  if (equalBytes(named, codeHash(crypto, ENERGY_V1_BYTES))) return undefined;
  const isNamed = (fact: Fact): fact is CodeFact =>
    fact.kind === "CODE" && equalBytes(codeHash(crypto, fact.body.program), named);
  for (const fact of factsUpTo(chain, lastSerial)) if (isNamed(fact)) return fact;
  return undefined;
}

const NOBODY = new Uint8Array();

/** What of a member's identity bears on a charge; unix seconds, both of them block times. */
interface Period {
  readonly openedAt: number;
  readonly until: number;
  readonly untilSerial: number;
}

/** What says who a member is and with which keys it signs. */
function identityOf(chain: Chain, did: string, period: Period): readonly Fact[] {
  const member = chain.head.state.members.get(did);
  if (member === undefined) return [];
  // A key is known by when the one before it was replaced.
  const rotations = member.keys.flatMap(({ rotateId }, number) => {
    const isInTime = (member.keys[number - 1]?.replacedAt ?? Infinity) <= period.until;
    return rotateId === undefined || !isInTime ? [] : (factAt(chain, toHex(rotateId)) ?? []);
  });
  return [...joinsOf(chain, did, member, period), ...rotations];
}

/** A member that was certified again has joined as often: a contract is judged by the certificates of its time. */
function joinsOf(chain: Chain, did: string, { certificates }: Member, period: Period): readonly Fact[] {
  // Who founded the region stands in its genesis.
  if (certificates.length === 0 && chain.head.state.authorities.has(did)) return [];
  const from = period.openedAt - LATE_SECONDS_MAX;
  const ofPeriod = certificates.filter(({ notBefore, notAfter }) => notBefore <= period.until && notAfter >= from);
  const [first] = certificates;
  const chosen = ofPeriod.length > 0 || first === undefined ? ofPeriod : [first];
  const ids = certificates.length === 0 ? [did] : chosen.map(({ id }) => toHex(id));
  const found = ids.flatMap((id) => joinAt(chain, id) ?? []);
  const isAll = found.length === ids.length;
  // A chain that has joined late was told of the first and of the newest only.
  const newest = isAll || hasBeginning(chain) ? undefined : joinAt(chain, did);
  if (!isAll && newest === undefined) return [...joinsInBlocks(chain, did, period.untilSerial)];
  const isNew = newest !== undefined && !found.some(({ key }) => key === newest.key);
  const joins = isNew ? [...found, newest] : found;
  const needsFirst = standsBehindOthers(joins) && !chain.head.state.authorities.has(did);
  return needsFirst ? [...firstWord(chain, did, certificates, period.untilSerial), ...joins] : joins;
}

/** An office's word, and one signed with a later key, stand only behind one of the device with its first key. */
function standsBehindOthers(joins: readonly JoinFact[]): boolean {
  return joins.length > 0 && !joins.some(standsAlone);
}

function firstWord(
  chain: Chain,
  did: string,
  certificates: readonly Certificate[],
  untilSerial: number,
): readonly JoinFact[] {
  for (const { id } of certificates) {
    const join = joinAt(chain, toHex(id));
    if (join !== undefined && standsAlone(join)) return [join];
  }
  // It came without a certificate, and by its did the newest is found.
  for (const join of joinsInBlocks(chain, did, untilSerial)) if (standsAlone(join)) return [join];
  return [];
}

function standsAlone({ body: { by, keyNumber: number } }: JoinFact): boolean {
  return by === undefined && number === undefined;
}

function joinAt(chain: Chain, key: string): JoinFact | undefined {
  const fact = factAt(chain, key);
  return fact?.kind === "JOIN" ? fact : undefined;
}

function* joinsInBlocks(chain: Chain, did: string, untilSerial: number): Generator<JoinFact> {
  const { crypto } = chain.context;
  for (const fact of factsUpTo(chain, untilSerial)) {
    if (fact.kind === "JOIN" && toHex(deviceIdOf(crypto, fact.body.inception)) === did) yield fact;
  }
}

/** Each block is read once and let go: most of them are on flash alone. */
function* factsUpTo(chain: Chain, serial: number): Generator<Fact> {
  for (let each = 1; each <= serial; each += 1) yield* chain.at(each)?.block?.facts ?? [];
}
