/**
 * Looks out for those who sign two things that no honest member signs both of, and shows both to the region, once. As a
 * party of a charge it says by that which word of the other side it holds by, and brings that one back to stand.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { certificatesContradict, flowsOverlap } from "#core/evidence/contradicts.ts";
import { evidenceNumber, type EvidenceKind } from "#core/evidence/evidence-body.ts";
import { makePiece } from "#core/evidence/make-piece.ts";
import { offenderOf } from "#core/evidence/offender.ts";
import { readPiece } from "#core/evidence/read-piece.ts";
import { decodeShown, encodeShown, type ShownCertificate } from "#core/evidence/shown-object.ts";
import type { Vote } from "#core/finality/vote.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import type { Block } from "#core/ledger/block.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import { isSignedByItsSigners } from "#core/ledger/fact-signers.ts";
import type { EvidenceFact, Fact, JoinFact, ReportFact, RotateFact } from "#core/ledger/fact.ts";
import { isSignedByItsMiner } from "#core/ledger/header-signer.ts";
import { EVIDENCE_SECONDS, lastShown } from "#core/ledger/misconduct.ts";
import { withoutWord } from "#core/ledger/voided-words.ts";
import { TokenBucket, type Rate } from "#core/mesh/token-bucket.ts";
import { otherRole, type OpenBody } from "#core/session/facts.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { EmitEvent } from "./events.ts";
import type { LedgerService } from "./ledger-service.ts";
import { asShown, isWord, SaidWords, type Contradiction, type WordFact } from "./said-words.ts";

/** Headers, rotations and certificates that are remembered to hold others against. */
const REMEMBERED_MAX = 1024;
/** At a start what the newest blocks hold is looked at again: they are in memory anyway. */
const BLOCKS_LOOKED_BACK = 256;
/** Blocks behind an end where nobody votes, after which no other branch is expected. */
const CERTAIN_DEPTH = 64;
/** What was refused as a contradiction is verified so often at most: anybody can make it up. */
const CONFLICTS: Rate = { perSecond: 2, burst: 50 };

export interface EvidenceServiceParts {
  readonly ledger: LedgerService;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly did: Uint8Array;
  readonly emit: EmitEvent;
}

export class EvidenceService {
  readonly #parts: EvidenceServiceParts;
  readonly #words = new SaidWords();
  /** By miner and slot: the signed header. */
  readonly #headers = new Map<string, Uint8Array>();
  /** By device and number. */
  readonly #rotations = new Map<string, RotateFact>();
  /** Newest by device: the certificate as it travels. */
  readonly #certificates = new Map<string, Uint8Array>();
  /** Ids in hex of evidence that was told of. */
  readonly #told = new Map<string, true>();
  readonly #conflicts: TokenBucket;
  /** Pieces are made one after the other: each looks at what the one before it has changed. */
  #last: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor(parts: EvidenceServiceParts) {
    this.#parts = parts;
    const { ledger, clock } = parts;
    this.#conflicts = new TokenBucket(CONFLICTS, clock.monotonicMs());
    ledger.listen({
      onFact: (fact) => {
        this.#hear(fact);
      },
      onBlock: (block) => {
        this.#hearBlock(block);
      },
      onHead: () => {
        this.#reviewAll();
      },
      onConflict: (fact) => {
        this.#hearConflict(fact);
      },
      onRefusedBlock: (block) => {
        if (this.#isSealed(block)) this.#hearHeader(block);
      },
    });
  }

  /** What this gateway holds already is what others are held against. */
  start(): void {
    const { chain } = this.#parts.ledger;
    const blocks: Block[] = [];
    for (let link: ChainLink | undefined = chain.head; link !== undefined; link = link.parent) {
      if (link.block === undefined || blocks.length >= BLOCKS_LOOKED_BACK) break;
      blocks.unshift(link.block);
    }
    for (const block of blocks) this.#hearBlock(block);
    for (const fact of chain.mempool.facts()) this.#hear(fact);
  }

  /** Resolves when everything that was found so far has been shown; what is found later is not. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#last;
  }

  /** Resolves when everything that was found so far has been shown. */
  get settled(): Promise<unknown> {
    return this.#last;
  }

  /** Two votes of one member, as whoever hears votes has found them. */
  showVotes(first: Vote, second: Vote): void {
    this.#show(
      "votes",
      [encodeShown("VOTE", first.bytes), encodeShown("VOTE", second.bytes)],
      toHex(first.body.member),
    );
  }

  #hearBlock(block: Block): void {
    this.#hearHeader(block);
    for (const fact of block.facts) this.#hear(fact);
  }

  #hearHeader({ header, headerBytes }: Block): void {
    const place = `${toHex(header.miner)} ${header.slot}`;
    const known = this.#headers.get(place);
    if (known === undefined) remember(this.#headers, place, headerBytes);
    else this.#show("headers", [encodeShown("HEADER", known), encodeShown("HEADER", headerBytes)], toHex(header.miner));
  }

  #isSealed(block: Block): boolean {
    const { ledger, clock } = this.#parts;
    if (!this.#conflicts.take(clock.monotonicMs())) return false;
    const { pending, context } = ledger.chain;
    return isSignedByItsMiner(pending, block, context);
  }

  /** A fact that stands somewhere: on the head's chain, on a branch, or among those that wait. */
  #hear(fact: Fact): void {
    if (fact.kind === "EVIDENCE") this.#tell(fact);
    if (fact.kind === "JOIN") this.#hearJoin(fact);
    if (fact.kind === "ROTATE") this.#hearRotation(fact);
    if (isWord(fact)) this.#hearWord(fact);
    if (fact.kind === "REPORT" && fact.body.role === "vehicle") this.#lookForFlows(fact);
  }

  /** A fact that was refused because another of the same signer stands. */
  #hearConflict(fact: Fact): void {
    const { ledger, clock } = this.#parts;
    if ((!isWord(fact) && fact.kind !== "ROTATE") || !this.#conflicts.take(clock.monotonicMs())) return;
    if (!isSignedByItsSigners(ledger.chain.pending, fact, ledger.chain.context)) return;
    if (isWord(fact)) this.#hearWord(fact);
    else this.#hearRotation(fact);
  }

  #hearWord(word: WordFact): void {
    const address = toHex(word.body.address);
    const open = this.#parts.ledger.chain.pending.transactions.get(address)?.open;
    const isOwn = open !== undefined && equalBytes(open[otherRole(word.body.role)], this.#parts.did);
    if (this.#words.hear(word, isOwn) !== undefined) this.#review(address);
  }

  #reviewAll(): void {
    const { pending, head, final, genesis } = this.#parts.ledger.chain;
    this.#words.forgetEnded({
      isOpen: (address) => pending.unsettled.has(address),
      head: head.serial,
      certain: genesis.body.rules.finality === "off" ? head.serial - CERTAIN_DEPTH : final.serial,
    });
    for (const address of this.#words.contradicted()) this.#review(address);
  }

  #review(address: string): void {
    for (const contradiction of this.#words.contradictionsIn(address)) {
      this.#inTurn(() => this.#showWords(address, contradiction));
    }
  }

  /** Shown when nobody has yet; by the other side whenever the word that it does not hold by has come to stand. */
  async #showWords(address: string, { held, lie }: Contradiction): Promise<void> {
    const { ledger, did } = this.#parts;
    const { transactions, unsettled } = ledger.chain.pending;
    const transaction = transactions.get(address);
    if (transaction === undefined) return;
    const { role } = lie.body;
    if (equalBytes(transaction.open[role], did)) return;
    const isChoice = equalBytes(transaction.open[otherRole(role)], did);
    const isNew = transaction.contradicted[role] === undefined;
    const mayBeVoided = isChoice && unsettled.has(address);
    if (!isNew && !(mayBeVoided && withoutWord(transaction, asShown(lie)) !== transaction)) return;
    const kind = held.kind === "REPORT" && lie.kind === "REPORT" ? "reports" : "endings";
    const isShown = await this.#submit(kind, [shownOf(held), shownOf(lie)]);
    // What the lie had pushed out comes back: the facts are here, and need no signature of the liar again.
    if (isShown && isChoice) for (const word of this.#words.heldOf(address, role)) await ledger.receive(word.bytes);
  }

  /** Energy into one vehicle at two stations at once: its key is in two places. */
  #lookForFlows({ body: report, payload, signatures }: ReportFact): void {
    const { chain } = this.#parts.ledger;
    const { transactions, unsettled } = chain.pending;
    const open = transactions.get(toHex(report.address))?.open;
    if (open === undefined || this.#isShown("places", toHex(open.vehicle))) return;
    for (const address of unsettled) {
      const other = transactions.get(address)?.open;
      if (other === undefined || !equalBytes(other.vehicle, open.vehicle) || equalBytes(other.station, open.station))
        continue;
      const twin = this.#words
        .heldOf(address, "vehicle")
        .find((word) => word.kind === "REPORT" && flowsOverlap({ report, open }, { report: word.body, open: other }));
      if (twin === undefined) continue;
      const own = encodeShown("REPORT", encodeSigned(payload, signatures));
      this.#show("places", [shownOf(twin), own], toHex(open.vehicle));
      return;
    }
  }

  #hearRotation(fact: RotateFact): void {
    const place = `${toHex(fact.body.device)} ${fact.body.number}`;
    const known = this.#rotations.get(place);
    if (known === undefined) remember(this.#rotations, place, fact);
    else if (known.key !== fact.key) this.#show("rotations", [shownOf(known), shownOf(fact)], toHex(fact.body.device));
  }

  #hearJoin({ body: { certificate, inception } }: JoinFact): void {
    if (certificate === undefined) return;
    const { context } = this.#parts.ledger.chain;
    const device = toHex(deviceIdOf(context.crypto, inception));
    const known = this.#certificates.get(device);
    remember(this.#certificates, device, certificate);
    const [one, other] = [known, certificate].map((envelope) => this.#certificateIn(envelope));
    if (one === undefined || other === undefined || !certificatesContradict(one.body, other.body)) return;
    this.#show("certificates", [encodeShown("CERT", known ?? certificate), encodeShown("CERT", certificate)], device);
  }

  #certificateIn(envelope: Uint8Array | undefined): ShownCertificate | undefined {
    if (envelope === undefined) return undefined;
    const shown = decodeShown(this.#parts.ledger.chain.context, encodeShown("CERT", envelope));
    return shown.ok && shown.value.name === "CERT" ? shown.value : undefined;
  }

  #tell({ key, body }: EvidenceFact): void {
    const { chain } = this.#parts.ledger;
    const piece = readPiece(chain.context, body);
    if (!piece.ok || this.#told.has(key)) return;
    remember(this.#told, key, true);
    const openAt = (address: Uint8Array): OpenBody | undefined => chain.pending.transactions.get(toHex(address))?.open;
    const did = offenderOf(chain.context.crypto, piece.value, openAt);
    if (did === undefined) return;
    this.#parts.emit("misconductShown", { kind: evidenceNumber(body.kind), did: toHex(did), by: toHex(body.member) });
  }

  #isShown(kind: EvidenceKind, did: string): boolean {
    const { chain, nowSeconds } = this.#parts.ledger;
    const before = lastShown(chain.pending, did, kind);
    return before !== undefined && nowSeconds <= before.at + EVIDENCE_SECONDS;
  }

  /** Of the region's devices, not of this gateway itself: who finds that it has contradicted itself is told so. */
  #show(kind: EvidenceKind, objects: readonly [Uint8Array, Uint8Array], did: string): void {
    if (did === toHex(this.#parts.did) || this.#isSame(objects)) return;
    this.#inTurn(async () => {
      if (!this.#isShown(kind, did)) await this.#submit(kind, objects);
    });
  }

  #isSame([one, other]: readonly [Uint8Array, Uint8Array]): boolean {
    const { context } = this.#parts.ledger.chain;
    const [left, right] = [decodeShown(context, one), decodeShown(context, other)];
    return !left.ok || !right.ok || left.value.key === right.value.key;
  }

  async #submit(kind: EvidenceKind, objects: readonly [Uint8Array, Uint8Array]): Promise<boolean> {
    const { ledger, signer, did, emit } = this.#parts;
    const piece = makePiece(ledger.chain.context, kind, objects, { member: did, signer });
    const submitted = await ledger.submit(piece);
    if (submitted.ok || submitted.fault.code === "FACT_KNOWN") return true;
    emit("refused", { what: `evidence E${evidenceNumber(kind)}`, code: submitted.fault.code, count: 1 });
    return false;
  }

  #inTurn(work: () => Promise<void>): void {
    if (!this.#isStopped) this.#last = this.#last.then(work);
  }
}

function shownOf(fact: WordFact | RotateFact): Uint8Array {
  return encodeShown(fact.kind, encodeSigned(fact.payload, fact.signatures));
}

function remember<Value>(known: Map<string, Value>, key: string, value: Value): void {
  known.delete(key);
  known.set(key, value);
  const [oldest] = known.keys();
  if (known.size > REMEMBERED_MAX && oldest !== undefined) known.delete(oldest);
}
