/**
 * One outlet of a charger gateway: offers its terms while somebody is plugged in, agrees on a contract, lets power flow
 * as long as both sides' signed readings say that it may, and signs its own.
 *
 *   free --plugged--> offering --contract--> charging --last word signed--> done --unplugged--> free
 */
import { toHex } from "#base/bytes.ts";
import type { Result } from "#base/result.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { REGISTER_AGE_MS_MAX } from "#core/session/charge-party.ts";
import type { ChargePoint, PlugState } from "#hal/ports/charge-point.ts";
import { ChargePointWatch } from "./charge-point-watch.ts";
import type { Cancel } from "#hal/ports/clock.ts";
import type { CompletionReason } from "#core/session/facts.ts";
import { IDLE_POWER_W } from "#core/session/idle.ts";
import type { PowerAdvice } from "#core/session/stop-rules.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { ChargeRunner, type ChargeRunnerParts } from "./charge-runner.ts";
import type { FloorLimit } from "./floor-limit.ts";
import { openChargeOf } from "./open-charge.ts";
import { StationBinding } from "./station-binding.ts";
import type { MeshService } from "./mesh-service.ts";
import type { MeterWatch } from "./meter-watch.ts";
import type { SyncService } from "./sync-service.ts";
import type { StationHandshakeService } from "./station-handshake-service.ts";

/** How often meter and charge point are looked at. */
export const LOOK_MS = 1000;
/** Nor more often than this, whatever waits. */
const LOOK_MS_MIN = 100;
/** The same while nobody is plugged in. */
const FREE_LOOK_MS = 2000;
/** So long an outlet waits for the newest chain before it offers on the one it has. */
const CHAIN_WAIT_MS = 5_000;
/** Power that has not gone after so long is a contactor that does not open. */
const STILL_AFTER_MS = 60_000;

/** Why nothing can be offered at this moment, whoever is plugged in. */
export interface OfferFault {
  readonly code: string;
  readonly detail: string;
}

export interface StationServiceParts extends Omit<ChargeRunnerParts, "role" | "isSettled"> {
  readonly did: Uint8Array;
  readonly crypto: Cryptography;
  readonly mesh: Pick<MeshService, "publish">;
  readonly evse: number;
  readonly currentMaxA: number;
  readonly meter: MeterWatch;
  readonly chargePoint: ChargePoint;
  readonly handshakes: StationHandshakeService;
  readonly sync: SyncService;
  readonly floor: Pick<FloorLimit, "allowanceOf">;
  /** The terms that are offered now; they depend on what the meter is, and on what the tariff says of this hour. */
  readonly offerTerms: () => Result<Terms, OfferFault>;
}

export class StationService {
  readonly #parts: StationServiceParts;
  readonly #pointWatch: ChargePointWatch;
  #plug: PlugState = "unplugged";
  #charge: ChargeRunner | undefined;
  /** Of a charge whose contract has the physical binding. */
  #binding: StationBinding | undefined;
  #flowing = false;
  #forbiddenSinceMs: number | undefined;
  #wish: CompletionReason | undefined;
  /** The car of the charge was unplugged: whichever is plugged in by now is another one, or comes for a new charge. */
  #hasLeft = false;
  #pluggedAtMs: number | undefined;
  #offerFault: OfferFault | undefined;
  #askedMs = 0;
  #mayOfferMs = 0;
  #running = false;
  #looking: Promise<void> = Promise.resolve();
  #cancel: Cancel = () => undefined;

  constructor(parts: StationServiceParts) {
    this.#parts = parts;
    this.#pointWatch = new ChargePointWatch(parts.emit);
  }

  async start(): Promise<void> {
    this.#running = true;
    await this.#parts.chargePoint.forbid();
    this.#lookAfter(LOOK_MS);
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancel();
    this.#parts.handshakes.withdraw();
    await this.#parts.chargePoint.forbid();
    // A look that was under way may have been about to renew the permit; its own failure is told where it was begun.
    await this.#looking.catch(() => undefined);
    await this.#parts.chargePoint.forbid();
  }

  /** The driver or the host wants the charge to end. */
  endCharge(): void {
    if (this.#charge !== undefined) this.#wish = "stopped-by-station";
  }

  get isCharging(): boolean {
    return this.#charge !== undefined;
  }

  /** Why nothing is offered, if that is not for want of a car. */
  get offerFault(): OfferFault | undefined {
    return this.#offerFault;
  }

  #run(transaction: Transaction): ChargeRunner {
    const { ledger, boot, clock, signer, emit, sync } = this.#parts;
    const startMs = this.#parts.handshakes.startOf(transaction);
    const isSettled = (): boolean => startMs !== undefined || sync.settling.isOver;
    this.#binding = this.#bindingOf(transaction);
    return new ChargeRunner({ ledger, boot, clock, signer, emit, isSettled, role: "station" }, transaction, startMs);
  }

  #bindingOf({ address, open }: Transaction): StationBinding | undefined {
    if (open.terms.bind === undefined) return undefined;
    const { crypto, emit, handshakes, mesh, currentMaxA: limitA } = this.#parts;
    return new StationBinding({
      ...{ crypto, emit, address, limitA },
      line: () => handshakes.lineOf(address),
      tell: (token, sight) => {
        mesh.publish({ kind: "reply", token: toHex(token) }, sight);
      },
    });
  }

  /** A chip of the pattern does not wait for the next look. */
  get #nextLookMs(): number {
    const chipMs = this.#binding?.nextChipMs(this.#parts.clock.monotonicMs());
    return chipMs === undefined ? LOOK_MS : Math.max(LOOK_MS_MIN, Math.min(LOOK_MS, chipMs));
  }

  #lookAfter(waitMs: number): void {
    const { clock } = this.#parts;
    this.#cancel = clock.wakeAt(clock.monotonicMs() + waitMs, () => {
      this.#looking = this.#look();
      void this.#looking.then(
        () => {
          const isFree = this.#plug === "unplugged" && this.#charge === undefined;
          if (this.#running) this.#lookAfter(isFree ? FREE_LOOK_MS : this.#nextLookMs);
        },
        async (error: unknown) => {
          // Nothing can be signed or stored any more, so nothing may flow. The failure itself ends the gateway.
          await this.#parts.chargePoint.forbid();
          throw error;
        },
      );
    });
  }

  async #look(): Promise<void> {
    const [look] = await Promise.all([this.#parts.chargePoint.look(), this.#parts.meter.look()]);
    const plug = this.#pointWatch.take(look);
    if (plug !== undefined) await this.#notePlug(plug);
    if (this.#pointWatch.mustStop) await this.#stopForTrouble();
    if (this.#charge === undefined) await this.#offer();
    else await this.#continue(this.#charge);
  }

  /** A demand to stop that has ended is over with the forbid that follows it. */
  async #stopForTrouble(): Promise<void> {
    if (this.#charge !== undefined) this.#wish ??= "stopped-by-station";
    await this.#parts.chargePoint.forbid();
  }

  async #notePlug(plug: PlugState): Promise<void> {
    const wasIn = this.#plug !== "unplugged";
    const isIn = plug !== "unplugged";
    if (isIn) this.#pluggedAtMs = this.#parts.clock.monotonicMs();
    this.#plug = plug;
    if (!isIn) await this.#parts.boot.markServed(false);
    if (wasIn === isIn) return;
    this.#parts.emit("plugged", { evse: this.#parts.evse, plugged: isIn });
    if (isIn) {
      // Everybody requests the latest chain before a trade (the paper, II.E); whoever is alone has it.
      const { sync, clock, ledger, emit } = this.#parts;
      const asked = sync.requestLatest();
      this.#askedMs = clock.monotonicMs();
      this.#mayOfferMs = this.#askedMs + (asked > 0 ? CHAIN_WAIT_MS : 0);
      emit("chainRequested", { asked, serial: ledger.chain.head.serial });
      return;
    }
    this.#parts.handshakes.unplugged();
    if (this.#charge === undefined) return;
    this.#wish = "unplugged";
    this.#hasLeft = true;
  }

  async #offer(): Promise<void> {
    const { handshakes, meter, offerTerms, ledger, did, sync, clock } = this.#parts;
    // A contract just agreed on, or one that was open when the gateway stopped: what was signed is in the ledger.
    const contract = openChargeOf(ledger.chain.pending, did, "station");
    if (contract !== undefined) {
      handshakes.withdraw();
      this.#hasLeft = this.#plug === "unplugged";
      this.#wish = this.#hasLeft ? "unplugged" : undefined;
      this.#charge = this.#run(contract);
      await this.#continue(this.#charge);
      return;
    }
    const terms = this.#tellOfferFault(offerTerms());
    meter.forgetFault();
    const isFree = this.#pointWatch.isUsable && (this.#plug === "plugged" || this.#plug === "charging");
    const isMetered = meter.registerMilliWh !== undefined && meter.ageMs <= REGISTER_AGE_MS_MAX;
    if (!isFree || this.#parts.boot.served || !isMetered || terms === undefined) {
      handshakes.withdraw();
      return;
    }
    const isCurrent = (sync.lastSyncMs ?? Number.NEGATIVE_INFINITY) >= this.#askedMs;
    if (isCurrent || clock.monotonicMs() >= this.#mayOfferMs) handshakes.offer(terms, meter.registerMilliWh);
  }

  /** Without a tariff that holds now nothing is offered; better no charge than a wrong price. */
  #tellOfferFault(terms: Result<Terms, OfferFault>): Terms | undefined {
    const { emit } = this.#parts;
    const { code, detail } = terms.ok ? {} : terms.fault;
    if (code !== this.#offerFault?.code) {
      if (code === undefined || detail === undefined) emit("tariffBack", {});
      else emit("tariffLost", { code, detail });
    }
    this.#offerFault = terms.ok ? undefined : terms.fault;
    return terms.ok ? terms.value : undefined;
  }

  async #continue(charge: ChargeRunner): Promise<void> {
    const { meter, clock } = this.#parts;
    const registerMilliWh = meter.registerMilliWh;
    const transaction = charge.transaction;
    if (registerMilliWh === undefined && transaction === undefined) return;
    if (this.#isFloorReached(transaction, registerMilliWh)) this.#wish ??= "limit-reached";
    const advice = await charge.look({
      registerMilliWh: registerMilliWh ?? transaction?.logs.station.lastRegisterMilliWh ?? 0,
      registerAgeMs: meter.ageMs,
      wish: this.#wish,
      isStill: this.#isStill(),
      takes: meter.powerW === undefined ? this.#plug === "charging" : Math.abs(meter.powerW) >= IDLE_POWER_W,
      isPlugged: this.#plug !== "unplugged",
      pluggedAgeMs: this.#pluggedAtMs === undefined ? undefined : clock.monotonicMs() - this.#pluggedAtMs,
    });
    // Noted before the last word is signed: after a restart the same car must not be charged a second time by itself.
    // A contract whose vehicle never reported may be that of somebody else on the mesh: the car here was not served.
    const hasBegun = (charge.transaction?.logs.vehicle.nextSequence ?? 0) > 0;
    const isServed = hasBegun && !this.#hasLeft && this.#plug !== "unplugged";
    if (advice.kind === "stop") await this.#parts.boot.markServed(isServed);
    await this.#steer(charge, advice);
    if (!charge.isOver) return;
    this.#charge = undefined;
    this.#binding = undefined;
    this.#wish = undefined;
    await this.#steer(charge, { kind: "stop", reason: "finished" });
  }

  #isFloorReached(transaction: Transaction | undefined, registerMilliWh: number | undefined): boolean {
    if (transaction === undefined || registerMilliWh === undefined) return false;
    const allowance = this.#parts.floor.allowanceOf(transaction);
    return allowance !== undefined && registerMilliWh - transaction.open.startMilliWh[0] >= allowance;
  }

  /** Renews the permit, or takes it back. Taking it back is repeated until the controller has acknowledged. */
  async #steer(charge: ChargeRunner, advice: PowerAdvice): Promise<void> {
    const { chargePoint, clock, emit } = this.#parts;
    const wants = advice.kind === "go" && this.#running;
    const limitA = this.#limitNow(charge, wants);
    const done = wants ? await chargePoint.permit(limitA) : await chargePoint.forbid();
    if (!done.ok) emit("refused", { what: "charge point", code: done.fault.code, count: 1 });
    if (wants) this.#forbiddenSinceMs = undefined;
    else if (done.ok) this.#forbiddenSinceMs ??= clock.monotonicMs();
    if (wants === this.#flowing || !done.ok) return;
    this.#flowing = wants;
    const reason = advice.kind === "go" ? "agreed" : advice.reason;
    emit("powerChanged", { address: toHex(charge.address), flowing: wants, reason });
  }

  /** What a permit says now, A a phase: less than the outlet's for the low chips of a pattern, never more. */
  #limitNow(charge: ChargeRunner, mayFlow: boolean): number {
    const { clock, currentMaxA, meter } = this.#parts;
    const { elapsedMs } = charge;
    const moment = { nowMs: clock.monotonicMs(), elapsedMs, mayFlow, flow: meter.flow };
    return this.#binding?.look(moment) ?? currentMaxA;
  }

  /** Nothing flows: the permit is gone and the meter shows no power, or has had long enough to. */
  #isStill(): boolean {
    const { meter, clock } = this.#parts;
    if (this.#forbiddenSinceMs === undefined) return false;
    const sinceMs = clock.monotonicMs() - this.#forbiddenSinceMs;
    const isQuiet = meter.powerW === undefined || Math.abs(meter.powerW) < IDLE_POWER_W;
    return (isQuiet && sinceMs > 2 * LOOK_MS && meter.ageMs < 2 * LOOK_MS) || sinceMs > STILL_AFTER_MS;
  }
}
