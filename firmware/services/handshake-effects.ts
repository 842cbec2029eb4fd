/** What both sides' handshake services do with the effects of their machines. */
import { toHex } from "#base/bytes.ts";
import type { Committed, HandshakeEffect, Instant, Send, Store } from "#core/handshake/effects.ts";
import { encodeFact } from "#core/ledger/fact.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { EmitEvent } from "./events.ts";
import type { LedgerService } from "./ledger-service.ts";
import type { MeshService } from "./mesh-service.ts";

export interface HandshakeEffectsParts {
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly clock: Clock;
  readonly emit: EmitEvent;
}

/** What only the owner of the machine can do. */
export interface HandshakeOwner {
  /** Makes the record durable and gives the machine its `stored`. */
  readonly store: (effect: Store) => Promise<string | undefined>;
  /** Gives the machine its `deadline`. */
  readonly wake: () => void;
}

export class HandshakeEffects {
  readonly #parts: HandshakeEffectsParts;
  readonly #owner: HandshakeOwner;
  #cancel: Cancel = () => undefined;

  constructor(parts: HandshakeEffectsParts, owner: HandshakeOwner) {
    this.#parts = parts;
    this.#owner = owner;
  }

  get now(): Instant {
    const { clock } = this.#parts;
    return { monotonicMs: clock.monotonicMs(), wallSeconds: Math.floor(clock.wallMs() / 1000) };
  }

  /** Performs them in order; the last code of something that was ignored or refused. */
  async perform(effects: readonly HandshakeEffect[]): Promise<string | undefined> {
    let code: string | undefined;
    for (const effect of effects) code = (await this.#act(effect)) ?? code;
    return code;
  }

  /** Puts the contract into the ledger; the code of why it does not stand there, when it does not. */
  async storeOpen({ joins, bytes }: Store): Promise<string | undefined> {
    const { ledger, emit } = this.#parts;
    // The peer's JOIN goes first: without it nobody can check the OPEN.
    for (const join of joins) await ledger.receive(encodeFact("JOIN", join));
    const stored = await ledger.submit(encodeFact("OPEN", bytes));
    if (stored.ok || stored.fault.code === "FACT_KNOWN") return undefined;
    emit("handshakeEnded", { committed: false, code: stored.fault.code });
    return stored.fault.code;
  }

  #act(effect: HandshakeEffect): string | undefined | Promise<string | undefined> {
    const { clock, emit } = this.#parts;
    switch (effect.kind) {
      case "send":
        this.#send(effect);
        return undefined;
      case "store":
        return this.#owner.store(effect);
      case "wakeAt":
        this.#cancel();
        this.#cancel = clock.wakeAt(effect.monotonicMs, this.#owner.wake);
        return undefined;
      case "committed":
        this.#tellCommitted(effect);
        return undefined;
      case "aborted":
        emit("handshakeEnded", { committed: false, code: effect.reason.code });
        return undefined;
      case "ignored":
        return effect.fault.code;
    }
  }

  #send({ to, bytes }: Send): void {
    const { mesh } = this.#parts;
    if (to.topic === "reply") mesh.publish({ kind: "reply", token: toHex(to.token) }, bytes);
    else mesh.publish({ kind: "handshake", station: toHex(to.station).slice(0, 16) }, bytes);
  }

  #tellCommitted({ address, body }: Committed): void {
    const { emit } = this.#parts;
    emit("handshakeEnded", { committed: true, code: "COMMITTED" });
    emit("contractSigned", {
      address: toHex(address),
      station: toHex(body.station),
      vehicle: toHex(body.vehicle),
      evse: body.evse,
    });
  }
}
