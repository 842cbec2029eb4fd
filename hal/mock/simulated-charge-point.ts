/** A charge point without a wire: the port's twin over the bench's physics, with the lease that every driver keeps. */
import { fail, ok, type Result } from "#base/result.ts";
import { LEASE_MS, type ChargePoint, type ChargePointFault, type ChargePointState } from "#hal/ports/charge-point.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { EvseTarget } from "./modbus/evse-target.ts";

export class SimulatedChargePoint implements ChargePoint {
  readonly variesLimit = true;
  readonly #target: EvseTarget;
  readonly #clock: Clock;
  #cancel: Cancel = () => undefined;
  #isClosed = false;

  /** @param parts.clock must outlive the gateway: the lease ends although its holder has died. */
  constructor(parts: { readonly target: EvseTarget; readonly clock: Clock }) {
    this.#target = parts.target;
    this.#clock = parts.clock;
  }

  look(): Promise<Result<ChargePointState, ChargePointFault>> {
    const contactor = this.#target.contactor?.() ?? "unknown";
    return Promise.resolve(ok({ plug: this.#target.plugState(), contactor }));
  }

  permit(currentA: number): Promise<Result<void, ChargePointFault>> {
    if (this.#isClosed) return refuse("the charge point was closed");
    // Also for a number that is none.
    if (!(currentA >= CURRENT_A_MIN)) return refuse(`${currentA} A cannot be told to a car`);
    this.#cancel();
    this.#cancel = this.#clock.wakeAt(this.#clock.monotonicMs() + LEASE_MS, () => {
      this.#target.setPermittedCurrent(0);
    });
    this.#target.setPermittedCurrent(currentA);
    return Promise.resolve(ok(undefined));
  }

  forbid(): Promise<Result<void, ChargePointFault>> {
    this.#cancel();
    this.#target.setPermittedCurrent(0);
    return Promise.resolve(ok(undefined));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.forbid();
  }
}

const CURRENT_A_MIN = 6;

function refuse(reason: string): Promise<Result<void, ChargePointFault>> {
  return Promise.resolve(fail({ code: "CHARGE_POINT_REFUSED", reason }));
}
