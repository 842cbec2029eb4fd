/**
 * Looks through the old blocks on flash, a few an hour, for what has rotted, and has it sent again: while others still
 * have it, and before somebody asks for it (protocol 2.17).
 */
import { fromHex, toHex } from "#base/bytes.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { RecordArchive } from "#core/ledger/record-archive.ts";
import { syncRequest } from "#core/mesh/sync-messages.ts";
import { encodeShape } from "#core/wire/schema.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { EmitEvent } from "./events.ts";
import type { MeshService } from "./mesh-service.ts";

const LOOK_MS = 3_600_000;
/** All blocks are looked at in so many looks: a week. */
const LOOKS = 168;
/** Of what is missing so much is asked for at a time. */
const ASKED_MAX = 8;

export interface StoreScrubParts {
  readonly chain: Chain;
  readonly archive: Pick<RecordArchive, "hasRotten">;
  readonly mesh: Pick<MeshService, "token" | "publish">;
  readonly clock: Clock;
  /** Peers by device id in hex. */
  readonly peers: () => ReadonlyMap<string, unknown>;
  readonly emit: EmitEvent;
}

export class StoreScrub {
  readonly #parts: StoreScrubParts;
  /** The next block to be looked at. */
  #serial = 1;
  /** Serials of blocks of which something has rotted. */
  readonly #rotten = new Set<number>();
  #turn = 0;
  #cancel: Cancel = () => undefined;

  constructor(parts: StoreScrubParts) {
    this.#parts = parts;
  }

  start(): void {
    const { clock } = this.#parts;
    this.#cancel = clock.wakeAt(clock.monotonicMs() + LOOK_MS, () => {
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.#cancel();
  }

  /** At the next blocks, and once more at those that were not whole. */
  look(): void {
    const { head } = this.#parts.chain;
    const count = Math.ceil(head.serial / LOOKS);
    for (let looked = 0; looked < count; looked += 1) {
      if (this.#serial > head.serial) this.#serial = 1;
      if (this.#hasRotted(this.#serial)) this.#note(this.#serial);
      this.#serial += 1;
    }
    for (const serial of this.#rotten) if (!this.#hasRotted(serial)) this.#rotten.delete(serial);
    for (const serial of [...this.#rotten].slice(0, ASKED_MAX)) this.#ask(serial);
  }

  /** Blocks that were dropped, or never were here, are no loss. */
  #hasRotted(serial: number): boolean {
    const { chain, archive } = this.#parts;
    const link = chain.at(serial);
    return link === undefined ? archive.hasRotten(chain.idAt(serial) ?? "") : link.block === undefined;
  }

  #note(serial: number): void {
    if (!this.#rotten.has(serial)) {
      this.#parts.emit("refused", { what: "ledger store", code: "RECORD_DAMAGED", count: 1 });
    }
    this.#rotten.add(serial);
  }

  /** Another peer each time: one of them may have dropped it. */
  #ask(serial: number): void {
    const { chain, mesh, peers } = this.#parts;
    const all = [...peers().keys()];
    const peer = all[this.#turn % Math.max(1, all.length)];
    const before = fromHex(chain.idAt(serial - 1) ?? toHex(chain.genesis.id));
    this.#turn += 1;
    if (peer === undefined || before === undefined) return;
    const request = { token: mesh.token, kind: "blocks", locator: [before], known: new Uint8Array() } as const;
    mesh.publish({ kind: "query", node: peer.slice(0, 16) }, encodeShape(syncRequest, request));
  }
}
