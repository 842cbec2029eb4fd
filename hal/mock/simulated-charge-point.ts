/** A charge point without a wire: the port's twin over the bench's physics, with the lease that every driver keeps. */
import { ok, type Result } from "#base/result.ts";
import { LEASE_MS, type ChargePoint, type ChargePointFault, type PlugState } from "#hal/ports/charge-point.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { EvseTarget } from "./modbus/evse-target.ts";

export class SimulatedChargePoint implements ChargePoint {
  readonly #target: EvseTarget;
  readonly #clock: Clock;
  #cancel: Cancel = () => undefined;

  /** @param parts.clock must outlive the gateway: the lease ends although its holder has died. */
  constructor(parts: { readonly target: EvseTarget; readonly clock: Clock }) {
    this.#target = parts.target;
    this.#clock = parts.clock;
  }

  plugState(): Promise<Result<PlugState, ChargePointFault>> {
    return Promise.resolve(ok(this.#target.plugState()));
  }

  permit(currentA: number): Promise<Result<void, ChargePointFault>> {
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
    await this.forbid();
  }
}
