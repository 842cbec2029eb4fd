/** TIP: what this gateway holds, signed by it, for others to compare with what they hold (protocol 2.4). */
import { toHex } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { topicDeviceId } from "#core/identity/device-id.ts";
import { sketchOf, tipBody, type TipBody } from "#core/mesh/sync-messages.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Boot } from "./boot.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";

/** It is signed anew at least so often, by whoever knows the time. */
const TIP_TIME_SECONDS = 60;
/** Said again so long after it was new, and then ever more rarely: most that could miss it have heard it by then. */
const AGAIN_FIRST_MS = 10_000;
const AGAIN_LAST_MS = 60_000;

export interface OwnTipParts {
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly boot: Boot;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly did: Uint8Array;
}

export class OwnTip {
  readonly #parts: OwnTipParts;
  #signed: { readonly says: string; readonly bytes: Uint8Array } | undefined;
  #count = 0;
  #told = "";
  #againMs = 0;
  #waitMs = AGAIN_FIRST_MS;

  constructor(parts: OwnTipParts) {
    this.#parts = parts;
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
    this.#againMs = clock.monotonicMs() + this.#waitMs;
    mesh.publish({ kind: "tip", node: topicDeviceId(did) }, this.#signed.bytes);
  }

  /** To be called every few seconds: tells when something else is held, or when it is time to say the same again. */
  tellAgain(): void {
    const isDue = this.#parts.clock.monotonicMs() >= this.#againMs;
    if (isDue || this.#holdings().holds !== this.#told) this.tell();
  }

  /** Without the time: what is held, in a word that is another one when something else is. */
  #holdings(): { readonly holds: string; readonly waiting: TipBody["waiting"] } {
    const { head, justified, final, mempool } = this.#parts.ledger.chain;
    const sketch = sketchOf(mempool.facts().map((fact) => fact.id));
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
