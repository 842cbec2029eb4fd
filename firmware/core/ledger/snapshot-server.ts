/** What a gateway answers to those who fetch a state from it: a few kilobytes at a time, from what is in memory. */
import { concatBytes, equalBytes, toHex } from "#base/bytes.ts";
import { SNAPSHOT_IDS, SNAPSHOT_REPLY_BYTES_MAX, SNAPSHOT_WANTED_MAX } from "#core/limits.ts";
import { ANY_CHECKPOINT, type SnapshotReply, type SnapshotRequest } from "#core/mesh/snapshot-messages.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { committeesOf, seatsOf } from "#core/finality/finality-state.ts";
import { idsOf } from "./block-ids.ts";
import { encodeBlock } from "./block.ts";
import type { Chain } from "./chain.ts";
import { decodeFact } from "./fact.ts";
import { rotationsOf, type FactBytes } from "./handoff-book.ts";
import { merkleRoot, type Hash } from "./merkle-tree.ts";
import { encodeFinality } from "./snapshot-frame.ts";
import { encodeAbout, encodeLog, encodeUncounted, PART, type PartName } from "./snapshot-parts.ts";
import type { SnapshotPoint, SnapshotPoints } from "./snapshot-points.ts";
import { ROOTED_TABLES } from "./state-tables.ts";
import { encodePart } from "./table-part.ts";
import { finalWord } from "./trusted-committee.ts";
import { finalCertificates, vouchedBy } from "./vouched.ts";

/** Roots of so many thousand ids are computed for one request: a hundredth of a second. */
const LOG_PARTS_AT_ONCE = 4;
/** Blocks behind the checkpoint in which the votes for it are looked for. */
const VOTES_WITHIN_BLOCKS = 64;
/** Of an item in the list of items. */
const ITEM_HEAD_BYTES = 3;

type Answer = Pick<SnapshotReply, "items" | "total" | "last">;
const NOTHING: Answer = { items: [], total: 0 };

export interface SnapshotServerParts {
  readonly chain: Chain;
  readonly points: SnapshotPoints;
  readonly factBytes: FactBytes;
}

export class SnapshotServer {
  readonly #parts: SnapshotServerParts;
  readonly #hash: Hash;
  /** Of full parts of the log: they stay as they are. */
  readonly #logRoots: Uint8Array[] = [];
  readonly #encoded = new WeakMap<SnapshotPoint, Map<PartName, Uint8Array>>();
  readonly #words = new WeakMap<SnapshotPoint, Word>();

  constructor(parts: SnapshotServerParts) {
    this.#parts = parts;
    this.#hash = (message) => parts.chain.context.crypto.sha256(message);
  }

  /** The checkpoint whose state is offered. */
  get offered(): readonly [serial: number, id: Uint8Array] | undefined {
    const checkpoint = this.#parts.points.newest?.checkpoint;
    return checkpoint === undefined ? undefined : [checkpoint.serial, checkpoint.id];
  }

  answer(request: SnapshotRequest): SnapshotReply {
    const { points } = this.#parts;
    const isAny = equalBytes(request.checkpoint, ANY_CHECKPOINT);
    const point = isAny ? points.newest : points.find(toHex(request.checkpoint));
    const { nonce } = request;
    if (point === undefined) return { nonce, checkpoint: this.offered ?? null, ...NOTHING };
    return { nonce, checkpoint: [point.checkpoint.serial, point.checkpoint.id], ...this.#serve(point, request) };
  }

  #serve(point: SnapshotPoint, { kind, from, wanted }: SnapshotRequest): Answer {
    switch (kind) {
      case "way":
        return this.#way(point, from);
      case "part":
        return this.#part(point, wanted, from);
      case "entries":
        return this.#entries(point, wanted, from);
      case "ids":
        return this.#ids(point, from);
      case "records":
        return { items: this.#records(wanted), total: 0 };
    }
  }

  #way(point: SnapshotPoint, epoch: number): Answer {
    const word = this.#wordFor(point);
    const { handoffs } = this.#parts.chain;
    if (word === undefined || handoffs.epoch < word.epoch) return NOTHING;
    const all = handoffs.from(epoch).slice(0, Math.max(0, word.epoch - epoch));
    const items = withinReply(all.slice(0, SNAPSHOT_WANTED_MAX), SNAPSHOT_REPLY_BYTES_MAX - word.encoded.length);
    return { items, total: 0, ...(items.length === all.length && { last: word.encoded }) };
  }

  /** The votes that made it final: in one of the blocks soon behind it, or in the first that is behind it at all. */
  #wordFor(point: SnapshotPoint): Word | undefined {
    const known = this.#words.get(point);
    if (known !== undefined) return known;
    const { chain, factBytes } = this.#parts;
    const { serial, id } = point.checkpoint;
    const [certificate] = finalCertificates(chain, serial, serial + VOTES_WITHIN_BLOCKS);
    const { state } = chain.head;
    const committees = certificate && committeesOf(state.finality, certificate.body.epoch);
    const voucher = certificate && vouchedBy(chain, { serial, id }, certificate);
    const rotated = committees && rotationsOf(state, seatsOf(committees), factBytes);
    if (certificate === undefined || voucher === undefined || rotated === undefined) return undefined;
    const word = {
      epoch: certificate.body.epoch,
      encoded: encodeShape(finalWord, { word: voucher, rotations: rotated }),
    };
    this.#words.set(point, word);
    return word;
  }

  #part(point: SnapshotPoint, [wanted]: readonly Uint8Array[], offset: number): Answer {
    const name = (Object.keys(PART) as PartName[]).find((each) => PART[each] === wanted?.[0]);
    const part = name && this.#encodedPart(point, name);
    if (part === undefined || offset > part.length) return NOTHING;
    return { items: [part.slice(offset, offset + SNAPSHOT_REPLY_BYTES_MAX)], total: part.length };
  }

  #encodedPart(point: SnapshotPoint, name: PartName): Uint8Array | undefined {
    const parts = this.#encoded.get(point) ?? new Map<PartName, Uint8Array>();
    this.#encoded.set(point, parts);
    const encoded = parts.get(name) ?? this.#encode(point, name);
    if (encoded !== undefined) parts.set(name, encoded);
    return encoded;
  }

  #encode({ checkpoint, state }: SnapshotPoint, name: PartName): Uint8Array | undefined {
    switch (name) {
      case "block":
        return checkpoint.block && encodeBlock(checkpoint.block);
      case "about":
        return encodeAbout(state, this.#hash);
      case "finality":
        return encodeFinality(state.finality);
      case "uncounted":
        return encodeUncounted(state);
      case "log":
        return this.#log(checkpoint.serial);
    }
  }

  /** Undefined while there is more to compute: who asks again gets it further. */
  #log(size: number): Uint8Array | undefined {
    const { chain } = this.#parts;
    const full = Math.floor(size / SNAPSHOT_IDS);
    for (let count = 0; count < LOG_PARTS_AT_ONCE && this.#logRoots.length < full; count += 1) {
      const from = this.#logRoots.length * SNAPSHOT_IDS;
      this.#logRoots.push(merkleRoot(this.#hash, idsOf(chain, from, from + SNAPSHOT_IDS)));
    }
    if (this.#logRoots.length < full) return undefined;
    const rest = idsOf(chain, full * SNAPSHOT_IDS, size);
    return encodeLog([...this.#logRoots.slice(0, full), ...(rest.length === 0 ? [] : [merkleRoot(this.#hash, rest)])]);
  }

  #entries({ state }: SnapshotPoint, wanted: readonly Uint8Array[], table: number): Answer {
    const name = ROOTED_TABLES[table];
    if (name === undefined) return NOTHING;
    const items: Uint8Array[] = [];
    let room = SNAPSHOT_REPLY_BYTES_MAX;
    for (const digits of wanted) {
      const part = encodePart(state[name].look([...digits], SNAPSHOT_REPLY_BYTES_MAX - PART_HEAD_BYTES, this.#hash));
      room -= part.length + ITEM_HEAD_BYTES;
      if (room < 0) break;
      items.push(part);
    }
    return { items, total: 0 };
  }

  #ids({ checkpoint }: SnapshotPoint, from: number): Answer {
    if (from % SNAPSHOT_IDS !== 0 || from >= checkpoint.serial) return NOTHING;
    const to = Math.min(from + SNAPSHOT_IDS, checkpoint.serial);
    return { items: [concatBytes(...idsOf(this.#parts.chain, from, to))], total: 0 };
  }

  /** Each that is here, and behind a report those that it builds on, the newest first. */
  #records(wanted: readonly Uint8Array[]): readonly Uint8Array[] {
    const { chain, factBytes } = this.#parts;
    const found: Uint8Array[] = [];
    for (const id of wanted) {
      for (let next: string | undefined = toHex(id); next !== undefined && found.length < SNAPSHOT_WANTED_MAX;) {
        const encoded = factBytes(next);
        if (encoded === undefined) break;
        const fact = decodeFact(chain.context, encoded);
        if (!fact.ok) break;
        found.push(encoded);
        next = fact.value.kind === "REPORT" ? previousReport(fact.value.body) : undefined;
      }
    }
    return withinReply(found, SNAPSHOT_REPLY_BYTES_MAX);
  }
}

/** Head of a part and of its list of entries. */
const PART_HEAD_BYTES = 64;

interface Word {
  readonly epoch: number;
  readonly encoded: Uint8Array;
}

function previousReport(body: { readonly sequence: number; readonly previous: Uint8Array }): string | undefined {
  return body.sequence === 0 ? undefined : toHex(body.previous);
}

/** The first of them that fit. */
function withinReply(parts: readonly Uint8Array[], bytesMax: number): readonly Uint8Array[] {
  let room = bytesMax;
  const end = parts.findIndex((part) => (room -= part.length + ITEM_HEAD_BYTES) < 0);
  return end < 0 ? parts : parts.slice(0, end);
}
