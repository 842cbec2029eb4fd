/**
 * A process with a charge point behind a guard, and nothing else of a gateway: told what to do by its parent, it can be
 * killed, stopped, or made to stand still.
 */
import { GuardedContactor } from "#firmware/guard/guarded-contactor.ts";
import { WatchedChargePoint } from "#firmware/guard/watched-charge-point.ts";
import type { Duty } from "#firmware/guard/guard-message.ts";
import { chargePointModel } from "#hal/charge-points/registry.ts";
import { openRegisterBus } from "#hal/linux/modbus/open-register-bus.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { ChargePoint } from "#hal/ports/charge-point.ts";

export type HostOrder =
  | { readonly order: "permit"; readonly currentA: number }
  | { readonly order: "forbid" | "look" | "close" | "pid" }
  /** Renews the permit every 500 ms, until a forbid. */
  | { readonly order: "keep"; readonly currentA: number }
  /** The event loop stands still for so long. */
  | { readonly order: "block"; readonly forMs: number };

interface GuardedPoint extends ChargePoint {
  readonly guardPid: number | undefined;
  start(): Promise<unknown>;
}

const [home = "", dutyText = ""] = process.argv.slice(2);
const duty = JSON.parse(dutyText) as Duty;
const clock = new SystemClock();
const point = make();
let keeping: NodeJS.Timeout | undefined;

process.send?.({ started: await point.start() });
process.on("message", (message: HostOrder) => {
  void obey(message).then((answer) => process.send?.({ order: message.order, answer }));
});
process.on("disconnect", () => {
  process.exit(0);
});

async function obey(message: HostOrder): Promise<unknown> {
  switch (message.order) {
    case "permit":
      return point.permit(message.currentA);
    case "keep":
      clearInterval(keeping);
      keeping = setInterval(() => void point.permit(message.currentA), 500);
      return point.permit(message.currentA);
    case "forbid":
      clearInterval(keeping);
      return point.forbid();
    case "look":
      return point.look();
    case "pid":
      return point.guardPid;
    case "close":
      await point.close();
      return undefined;
    case "block": {
      const untilMs = performance.now() + message.forMs;
      let rounds = 0;
      while (performance.now() < untilMs) rounds += 1;
      return rounds > 0;
    }
  }
}

function make(): GuardedPoint {
  if (duty.kind === "contactor") return new GuardedContactor(clock, { duty, home });
  const makePoint = chargePointModel(duty.model);
  if (makePoint === undefined) throw new Error(`no model ${duty.model}`);
  const bus = openRegisterBus(duty.endpoint, clock);
  return new WatchedChargePoint(clock, makePoint({ bus, clock }, { unit: duty.unit }), { duty, home });
}
