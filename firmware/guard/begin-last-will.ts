/** What a guard with a last will is made of: the controller's driver on a line of this process' own. */
import { fail, ok, type Result } from "#base/result.ts";
import { chargePointModel } from "#hal/charge-points/registry.ts";
import { openRegisterBus } from "#hal/linux/modbus/open-register-bus.ts";
import { LastWillDuty, type LastWillDutyParts } from "./last-will-duty.ts";
import type { Duty } from "./guard-message.ts";
import { openDesk, replaceOrphan, type DeskFault } from "./orphan-desk.ts";

export interface LastWillSurroundings extends Omit<LastWillDutyParts, "chargePoint" | "isArmed"> {
  /** Its gateway has gone. */
  readonly isOrphan: () => boolean;
}

export async function beginLastWill(
  duty: Extract<Duty, { readonly kind: "last-will" }>,
  surroundings: LastWillSurroundings,
): Promise<Result<LastWillDuty, DeskFault>> {
  const make = chargePointModel(duty.model);
  if (make === undefined) return fail({ reason: `there is no charge controller ${duty.model}` });
  const replaced = await replaceOrphan();
  if (!replaced.ok) return replaced;
  const bus = openRegisterBus(duty.endpoint, surroundings.clock);
  const { unit, pauseMs } = duty;
  const chargePoint = make({ bus, clock: surroundings.clock }, { unit, ...(pauseMs === undefined ? {} : { pauseMs }) });
  const will = new LastWillDuty({ ...surroundings, chargePoint, isArmed: replaced.value.wasArmed });
  const desk = await openDesk(() => {
    if (!surroundings.isOrphan()) return "held";
    // The answer goes out first; then the line is let go with the process.
    surroundings.clock.wakeAt(surroundings.clock.monotonicMs() + LEAVE_AFTER_MS, () => {
      process.exit(0);
    });
    return will.isArmed ? "armed" : "disarmed";
  });
  return desk.ok ? ok(will) : desk;
}

const LEAVE_AFTER_MS = 50;
