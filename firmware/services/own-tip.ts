/**
 * TIP: what this gateway holds, signed by it, for others to compare with what they hold (protocol 2.4).
 *
 * In a region of n gateways each word goes to n others. So something new is told a moment later, by each gateway at
 * another moment, and not at all by those who have heard the same from enough others by then; this is the Trickle of
 * RFC 6206 in its plainest form. Once a minute every gateway tells what it holds, whoever else has.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { topicDeviceId } from "#core/identity/device-id.ts";
import { sketchOf, tipBody, type TipBody } from "#core/mesh/sync-messages.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { Boot } from "./boot.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";
import type { PeerTips } from "./peer-tips.ts";

/** It is signed anew at least so often, by whoever knows the time. */
const TIP_TIME_SECONDS = 60;
/** Said again so long after it was new, and then ever more rarely: most that could miss it have heard it by then. */
const AGAIN_FIRST_MS = 10_000;
const AGAIN_LAST_MS = 60_000;
/** Within so long of something new all gateways have told it, or have heard it told. */
const SPREAD_MS = 2_000;
/** So many members that tell the same are enough: one of them may be a liar, and one's line may be bad. */
const ENOUGH = 3;

export interface OwnTipParts {
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly did: Uint8Array;
  readonly peers: Pick<PeerTips, "count">;
}

export class OwnTip {
  readonly #parts: OwnTipParts;
  #signed: { readonly says: string; readonly bytes: Uint8Array } | undefined;
  #count = 0;
  #told = "";
  #againMs = 0;
  #waitMs = AGAIN_FIRST_MS;
  #saidMs = Number.NEGATIVE_INFINITY;
  #cancelNews: Cancel | undefined;
  #isStopped = false;

  constructor(parts: OwnTipParts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelNews?.();
  }

  /** What is held may be something else now. */
  noteNews(): void {
    if (this.#cancelNews !== undefined || this.#isStopped) return;
    const { clock, did, ledger } = this.#parts;
    const [own = 0] = did;
    const [drawn = 0] = ledger.chain.head.id;
    // Another order of the gateways for each block, and nothing to draw.
    const waitMs = (((own ^ drawn) & 0xff) * SPREAD_MS) / 256;
    this.#cancelNews = clock.wakeAt(clock.monotonicMs() + waitMs, () => {
      this.#cancelNews = undefined;
      this.tellAgain();
    });
  }

  /** Signed when it says something new; said again as it is, for whoever missed it. */
  tell(): void {
    const { ledger, mesh, did, clock } = this.#parts;
    const { holds, waiting } = this.#holdings();
    // Who does not know the time takes it from here, so that it must not be an old one.
    const minute = Math.floor(ledger.knownSeconds / TIP_TIME_SECONDS);
    const says = `${holds} ${minute}`;
    if (this.#signed?.says !== says) this.#signed = { says, bytes: this.#sign(waiting) };
    this.#waitMs = holds === this.#told ? Math.min(AGAIN_LAST_MS, 2 * this.#waitMs) : AGAIN_FIRST_MS;
    this.#told = holds;
    this.#saidMs = clock.monotonicMs();
    this.#againMs = this.#saidMs + this.#waitMs;
    mesh.publish({ kind: "tip", node: topicDeviceId(did) }, this.#signed.bytes);
  }

  /** To be called every few seconds: tells when something else is held, or when it is time to say the same again. */
  tellAgain(): void {
    const now = this.#parts.clock.monotonicMs();
    const { holds, waiting } = this.#holdings();
    if (holds === this.#told && now < this.#againMs) return;
    if (now < this.#saidMs + AGAIN_LAST_MS && this.#isToldByOthers(waiting)) this.#told = holds;
    else this.tell();
  }

  #isToldByOthers([, sketch]: TipBody["waiting"]): boolean {
    const { ledger, peers, mesh } = this.#parts;
    // Whoever is on one of a relay's brokers may hear nobody but the relay.
    if (mesh.brokers.length > 1) return false;
    const { head, justified, final } = ledger.chain;
    const isSame = (tip: TipBody): boolean =>
      equalBytes(tip.head, head.id) &&
      equalBytes(tip.waiting[1], sketch) &&
      (tip.justified === undefined || equalBytes(tip.justified[1], justified.id)) &&
      (tip.final === undefined || equalBytes(tip.final[1], final.id));
    return peers.count(isSame) >= ENOUGH;
  }

  /** Without the time: what is held, in a word that is another one when something else is. */
  #holdings(): { readonly holds: string; readonly waiting: TipBody["waiting"] } {
    const { head, justified, final, mempool } = this.#parts.ledger.chain;
    const sketch = sketchOf(mempool.facts());
    const places = [head, justified, final].map(({ id }) => toHex(id));
    return { holds: [...places, mempool.size, toHex(sketch)].join(" "), waiting: [mempool.size, sketch] };
  }

  #sign(waiting: TipBody["waiting"]): Uint8Array {
    const { ledger, signer, did, boot } = this.#parts;
    const { head, justified, final, genesis } = ledger.chain;
    const { network } = ledger.chain.context;
    this.#count += 1;
    const payload = encodeShape(tipBody, {
      ...{ version: 1, network, did, serial: head.serial, head: head.id, waiting },
      order: [boot.count, this.#count],
      at: ledger.knownSeconds,
      ...(genesis.body.rules.finality === "off"
        ? {}
        : { justified: [justified.serial, justified.id] as const, final: [final.serial, final.id] as const }),
    });
    return encodeSigned(payload, [signer.sign(toBeSigned(network, PURPOSE.TIP, payload))]);
  }
}
