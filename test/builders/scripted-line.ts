/** A vehicle line whose answers a test sets by hand, and that counts what it is asked. */
import { ok, type Result } from "#base/result.ts";
import { toHex } from "#base/bytes.ts";
import type { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { VehicleFault } from "#hal/ports/vehicle-link.ts";
import type { EcuRequest } from "#hal/protocols/obd/decode-reply.ts";
import { probeName } from "#hal/vehicles/identification.ts";
import type { AskOutcome, VehicleLine } from "#hal/vehicles/vehicle-line.ts";

/** A payload, or a negative response code. */
export type ScriptedAnswer = Uint8Array | number;

export class ScriptedLine implements VehicleLine {
  readonly asked: string[] = [];
  answers: Map<string, ScriptedAnswer>;
  readonly #clock: SimulatedClock;
  readonly #exchangeMs: number;

  constructor(clock: SimulatedClock, answers: ReadonlyMap<string, ScriptedAnswer>, exchangeMs = 20) {
    this.#clock = clock;
    this.answers = new Map(answers);
    this.#exchangeMs = exchangeMs;
  }

  /** How often it was asked, and forgets it. */
  takeAsked(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const name of this.asked.splice(0)) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  }

  prepare(): Promise<Result<string, VehicleFault>> {
    return Promise.resolve(ok("scripted"));
  }

  async ask({ ecu, bytes }: EcuRequest): Promise<AskOutcome> {
    const startedMs = this.#clock.monotonicMs();
    await new Promise<void>((resolve) => {
      this.#clock.wakeAt(startedMs + this.#exchangeMs, resolve);
    });
    const name = probeName({ ecu, request: toHex(bytes).toUpperCase() });
    this.asked.push(name);
    const answer = this.answers.get(name);
    if (answer === undefined) return { kind: "ask-again", fault: { code: "VEHICLE_ASLEEP", reply: "NO DATA" } };
    if (typeof answer === "number") return { kind: "refused", responseCode: answer };
    const endedMs = this.#clock.monotonicMs();
    return { kind: "payload", payload: answer, startedMs, endedMs, text: toHex(answer).toUpperCase() };
  }

  supplyVoltage(): Promise<Result<number | null, VehicleFault>> {
    return Promise.resolve(ok(null));
  }

  distrust(): void {
    // There is nothing to set up.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
