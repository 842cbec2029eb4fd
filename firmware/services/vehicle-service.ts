/**
 * The vehicle's gateway: watches the battery, agrees with the station at which the car stands, signs its own readings
 * and says when the charge is over.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import { readSightFrame } from "#core/binding/sight-message.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { Want } from "#core/contract/want.ts";
import type { Transaction } from "#core/ledger/state.ts";
import type { CompletionReason } from "#core/session/facts.ts";
import { paysForStanding } from "#core/session/idle.ts";
import type { Cancel } from "#hal/ports/clock.ts";
import type { BatteryWatch } from "./battery-watch.ts";
import { openChargeOf } from "./open-charge.ts";
import { OutletChoice, type Choice } from "./outlet-choice.ts";
import { ChargeRunner, type ChargeRunnerParts } from "./charge-runner.ts";
import type { SyncService } from "./sync-service.ts";
import type { VehicleBinding } from "./vehicle-binding.ts";
import type { VehicleHandshakeService } from "./vehicle-handshake-service.ts";

const LOOK_MS = 1000;
/** How often while nobody wants to charge; a parked car's battery is asked more rarely still. */
const PARKED_LOOK_MS = 10_000;
/** So long must the car say that it does not charge, after it did, before the charge counts as ended. */
const CHARGE_ENDED_MS = 90_000;
/** A charge that never begins: the car or the cable does not want to. */
const NEVER_BEGAN_MS = 900_000;
/** So long must the car say that no cable is in it, before that is believed: its word is carried a while. */
const PULLED_MS = 10_000;
/** Pause between two tries to agree. */
const RETRY_MS = 5_000;
/** So long a vehicle waits for the newest chain before it trades on the one it has. */
const CHAIN_WAIT_MS = 10_000;
/** So long an offer is worth waking the car for; a post that offers for ever would empty its 12 V battery. */
const OFFER_WATCHED_MS = 600_000;

export interface VehicleServiceParts extends Omit<ChargeRunnerParts, "role" | "isSettled"> {
  readonly did: Uint8Array;
  readonly battery: BatteryWatch;
  readonly handshakes: VehicleHandshakeService;
  readonly sync: SyncService;
  /** As the car measures, for an offer: before it is known which car it is, only what is always true can be stated. */
  readonly want: (offer: Terms) => Want;
  /** Of a contract that has the physical binding. */
  readonly bindingOf: (contract: Transaction) => VehicleBinding | undefined;
  /** From the start; undefined waits for `chargeAt`. */
  readonly choice: Choice | undefined;
}

export class VehicleService {
  readonly #parts: VehicleServiceParts;
  readonly #choice: OutletChoice;
  #charge: ChargeRunner | undefined;
  /** Of a charge whose contract has the physical binding. */
  #binding: VehicleBinding | undefined;
  #wish: CompletionReason | undefined;
  #chargedOnce = false;
  #endedSinceMs: number | undefined;
  #pulledSinceMs: number | undefined;
  /** Since when the car has said that a cable is in it although it has stopped to charge. */
  #restsPluggedSinceMs: number | undefined;
  /** It has said so for a while: its word on that can be taken. */
  #tellsPlug = false;
  #standsOn = false;
  #beganMs = 0;
  #nextTryMs = 0;
  #offeredSinceMs: number | undefined;
  #askedForChain: { readonly station: string; readonly atMs: number } | undefined;
  #running = false;
  /** When it looks next, in monotonic ms; undefined during a look. */
  #lookAtMs: number | undefined;
  #cancel: Cancel = () => undefined;

  constructor(parts: VehicleServiceParts) {
    this.#parts = parts;
    this.#choice = new OutletChoice(parts.clock, parts.choice);
  }

  start(): void {
    this.#running = true;
    this.#parts.handshakes.whenOffered(() => {
      this.#lookSoon();
    });
    this.#lookAfter(LOOK_MS);
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** The driver has chosen an outlet, as by the code on the post. Holds for one charge, and for an hour. */
  chargeAt(choice: Choice): void {
    this.#choice.take(choice);
    this.#nextTryMs = 0;
    this.#offeredSinceMs = undefined;
    this.#lookSoon();
    // Whoever is at another post has left the one where the car stood on.
    if (this.#charge?.isIdle === true && !this.#isAt(this.#charge, choice)) this.#wish = "unplugged";
  }

  #isAt({ transaction }: ChargeRunner, choice: Choice): boolean {
    if (choice === "any" || transaction === undefined) return true;
    const { station, evse } = transaction.open;
    return equalBytes(station, choice.station) && evse === choice.evse;
  }

  endCharge(): void {
    if (this.#charge !== undefined) this.#wish = "stopped-by-driver";
  }

  get isCharging(): boolean {
    return this.#charge !== undefined;
  }

  /** What comes on the private reply topic and belongs to a charge. Resolves to why it changes nothing, if so. */
  takeReply(object: Uint8Array): Promise<string | undefined> {
    const frame = readSightFrame(object);
    const { handshakes, clock } = this.#parts;
    if (frame === undefined) return handshakes.takeMessage(object);
    if (this.#charge === undefined || this.#binding === undefined) return Promise.resolve("SIGHT_NOT_AWAITED");
    const { elapsedMs } = this.#charge;
    return Promise.resolve(this.#binding.takeSight(frame, { nowMs: clock.monotonicMs(), elapsedMs }));
  }

  /** What has come wants a look before the one that is planned, if that is far away. */
  #lookSoon(): void {
    const { clock } = this.#parts;
    if (!this.#running || (this.#lookAtMs ?? 0) <= clock.monotonicMs() + LOOK_MS) return;
    this.#cancel();
    this.#lookAfter(LOOK_MS);
  }

  #lookAfter(waitMs: number): void {
    const { clock } = this.#parts;
    this.#lookAtMs = clock.monotonicMs() + waitMs;
    this.#cancel = clock.wakeAt(this.#lookAtMs, () => {
      this.#lookAtMs = undefined;
      void this.#look().then(() => {
        if (this.#running) this.#lookAfter(this.#isParked ? PARKED_LOOK_MS : LOOK_MS);
      });
    });
  }

  /** Nobody wants a charge, and nothing flows. */
  get #isParked(): boolean {
    const { battery, handshakes } = this.#parts;
    const isOver = this.#charge === undefined && this.#choice.current === undefined && !handshakes.isBusy;
    return isOver && !battery.isCharging && !this.#isOfferNew();
  }

  async #look(): Promise<void> {
    await this.#lookAtBattery();
    if (this.#charge === undefined) await this.#agree();
    else await this.#continue(this.#charge);
  }

  /** A car that stands on is let sleep: a night of questions would empty its 12 V battery. */
  async #lookAtBattery(): Promise<void> {
    const { battery } = this.#parts;
    const charge = this.#charge;
    if (charge?.isIdleForBoth !== true) await battery.look(charge !== undefined || this.#isOfferNew());
    else if (charge.isIdleReadingNear) await battery.look(false, LOOK_MS);
    else await battery.look(false);
  }

  #isOfferNew(): boolean {
    const { handshakes, clock } = this.#parts;
    if (handshakes.offers.length === 0) {
      this.#offeredSinceMs = undefined;
      return false;
    }
    this.#offeredSinceMs ??= clock.monotonicMs();
    return clock.monotonicMs() - this.#offeredSinceMs < OFFER_WATCHED_MS;
  }

  async #agree(): Promise<void> {
    const { handshakes, battery, clock, want, ledger, did } = this.#parts;
    // Also a contract that this side signed before a restart, or whose answer was lost: the ledger has both signatures.
    const contract = handshakes.isBusy ? undefined : openChargeOf(ledger.chain.pending, did, "vehicle");
    if (contract !== undefined) {
      await this.#begin(contract);
      return;
    }
    // A restart may have come between the last word on a charge and its end here.
    if (!handshakes.isBusy) await battery.closeCharge();
    const now = clock.monotonicMs();
    const offer = this.#choice.among(handshakes.offers);
    const isReady = battery.ageMs < CHARGE_ENDED_MS && !handshakes.isBusy && now >= this.#nextTryMs;
    if (offer === undefined || !isReady) return;
    if (!this.#hasAskedForChain(toHex(offer.body.station), now)) return;
    this.#nextTryMs = now + RETRY_MS;
    this.#askedForChain = undefined;
    await handshakes.start(offer, want(offer.body.terms), battery.registerMilliWh);
  }

  /** The newest chain is requested before trading; a mesh that does not answer must not keep a car from charging. */
  #hasAskedForChain(station: string, now: number): boolean {
    const { sync, ledger, emit } = this.#parts;
    if (this.#askedForChain?.station !== station) {
      this.#askedForChain = { station, atMs: now };
      emit("chainRequested", { asked: sync.requestLatest(station), serial: ledger.chain.head.serial });
      return false;
    }
    const { atMs } = this.#askedForChain;
    return (sync.lastSyncMs ?? Number.NEGATIVE_INFINITY) >= atMs || now - atMs >= CHAIN_WAIT_MS;
  }

  async #begin(transaction: Transaction): Promise<void> {
    const { ledger, boot, clock, signer, emit, battery, handshakes, sync } = this.#parts;
    const { address, open, openId, logs } = transaction;
    const signedMilliWh = logs.vehicle.lastRegisterMilliWh;
    await battery.openCharge({ address, powerMaxW: open.terms.powerMaxW, signedMilliWh });
    const isSettled = (): boolean => handshakes.hasAgreedOn(openId) || sync.settling.isOver;
    this.#charge = new ChargeRunner({ ledger, boot, clock, signer, emit, isSettled, role: "vehicle" }, transaction);
    this.#binding = this.#parts.bindingOf(transaction);
    this.#wish = undefined;
    this.#standsOn = paysForStanding(open.terms);
    // A car that stood on before a restart would else be taken for one that never began.
    this.#chargedOnce = this.#standsOn && signedMilliWh > open.startMilliWh[1];
    this.#endedSinceMs = undefined;
    this.#pulledSinceMs = undefined;
    this.#restsPluggedSinceMs = undefined;
    this.#tellsPlug = false;
    this.#beganMs = clock.monotonicMs();
    this.#choice.use();
  }

  async #continue(charge: ChargeRunner): Promise<void> {
    const { battery, clock } = this.#parts;
    const bound = await this.#binding?.look({ nowMs: clock.monotonicMs(), flow: battery.flow });
    if (bound?.outcome === "contradicted") this.#wish ??= "another-car";
    await charge.look({
      registerMilliWh: battery.registerMilliWh,
      registerAgeMs: battery.registerAgeMs,
      wish: this.#wish ?? this.#pulledPlug() ?? this.#chargeEnded(charge),
      isStill: battery.isStill,
      isBound: bound?.outcome === "confirmed",
      takes: battery.isCharging,
      isPlugged: this.#tellsPlug ? battery.isPlugged : undefined,
      pluggedAgeMs: undefined,
    });
    if (!charge.isOver) return;
    this.#charge = undefined;
    await this.#binding?.end();
    this.#binding = undefined;
    await battery.closeCharge();
  }

  /**
   * Ends a charge that stands on; one that is under way ends as the car says that it charges no more. Some cars say
   * that they are plugged in only while they charge: theirs is not the word to end on, but that of the outlet.
   */
  #pulledPlug(): CompletionReason | undefined {
    const { battery, clock } = this.#parts;
    const restsPlugged = this.#chargedOnce && battery.isPlugged === true && !battery.isCharging;
    this.#restsPluggedSinceMs = restsPlugged ? (this.#restsPluggedSinceMs ?? clock.monotonicMs()) : undefined;
    // What changes slowly is carried from sample to sample for a while, and lags behind the end of the charge.
    const restedMs = clock.monotonicMs() - (this.#restsPluggedSinceMs ?? clock.monotonicMs());
    if (restedMs >= CHARGE_ENDED_MS) this.#tellsPlug = true;
    const isPulled = this.#standsOn && this.#tellsPlug && battery.isPlugged === false && !battery.isCharging;
    this.#pulledSinceMs = isPulled ? (this.#pulledSinceMs ?? clock.monotonicMs()) : undefined;
    if (this.#pulledSinceMs === undefined) return undefined;
    return clock.monotonicMs() - this.#pulledSinceMs >= PULLED_MS ? "unplugged" : undefined;
  }

  /** The car itself has ended the charge: it is full, or was told to stop. A pause by the station is no end. */
  #chargeEnded(charge: ChargeRunner): CompletionReason | undefined {
    const { battery, clock } = this.#parts;
    const now = clock.monotonicMs();
    if (battery.isCharging) this.#chargedOnce = true;
    if (battery.isCharging || battery.ageMs > CHARGE_ENDED_MS || charge.isPausedByPeer) {
      this.#endedSinceMs = undefined;
      return undefined;
    }
    this.#endedSinceMs ??= now;
    if (!this.#chargedOnce) return now - this.#beganMs > NEVER_BEGAN_MS ? "fault" : undefined;
    if (this.#standsOn) return undefined;
    return now - this.#endedSinceMs >= CHARGE_ENDED_MS ? "finished" : undefined;
  }
}
