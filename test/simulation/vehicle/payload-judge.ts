/**
 * Whether each payload that the driver believes was really sent: the frames on the simulated bus, before any adapter
 * printed them, are put together here by other code than the driver's.
 */
import { toHex } from "#base/bytes.ts";
import type { CanFrame } from "#hal/ports/can-bus.ts";
import type { VehicleFault } from "#hal/ports/vehicle-link.ts";
import type { Result } from "#base/result.ts";
import { type CarModel, carModels } from "#hal/mock/obd/car-model.ts";
import type { ControlUnit } from "#hal/mock/obd/cars/control-unit.ts";
import type { SimulatedCar } from "#hal/mock/obd/simulated-car.ts";
import type { EcuRequest } from "#hal/protocols/obd/decode-reply.ts";
import type { AskOutcome, VehicleLine } from "#hal/vehicles/vehicle-line.ts";

/** A reply that is repeated by the adapter is as old as the request before; older ones are no answer any more. */
const REMEMBERED = 3;

export class PayloadJudge implements VehicleLine {
  readonly #line: VehicleLine;
  readonly #units: ReadonlyMap<number, ControlUnit>;
  readonly #unfinished = new Map<number, { bytes: number[]; readonly length: number }>();
  readonly #sent = new Map<string, string[]>();
  payloads = 0;
  wrong: string[] = [];

  constructor(line: VehicleLine, car: SimulatedCar, model: CarModel) {
    this.#line = line;
    const units: readonly ControlUnit[] = carModels[model].units;
    this.#units = new Map(units.map((unit) => [unit.responseId, unit]));
    car.listen((frame) => {
      this.#hear(frame);
    });
  }

  async ask(request: EcuRequest): Promise<AskOutcome> {
    const outcome = await this.#line.ask(request);
    if (outcome.kind === "payload") this.#check(request, outcome.payload);
    return outcome;
  }

  prepare(): Promise<Result<string, VehicleFault>> {
    return this.#line.prepare();
  }

  supplyVoltage(): Promise<Result<number | null, VehicleFault>> {
    return this.#line.supplyVoltage();
  }

  distrust(): void {
    this.#line.distrust();
  }

  close(): Promise<void> {
    return this.#line.close();
  }

  #check({ ecu, bytes }: EcuRequest, payload: Uint8Array): void {
    this.payloads += 1;
    const hex = toHex(payload);
    const sent = this.#sent.get(keyOf(ecu.responseId, payload)) ?? [];
    if (!sent.includes(hex)) this.wrong.push(`${toHex(bytes)}: ${hex}`);
  }

  #hear({ id, bytes }: CanFrame): void {
    const unit = this.#units.get(id);
    if (unit === undefined) return;
    const content = [...bytes.subarray(unit.extension === undefined ? 0 : 1)];
    const [control = 0, second = 0] = content;
    if (control >> 4 === 0) this.#remember(id, content.slice(1, 1 + (control & 15)));
    if (control >> 4 === 1) {
      this.#unfinished.set(id, { bytes: content.slice(2), length: ((control & 15) << 8) | second });
    }
    const begun = this.#unfinished.get(id);
    if (control >> 4 !== 2 || begun === undefined) return;
    begun.bytes.push(...content.slice(1));
    if (begun.bytes.length < begun.length) return;
    this.#unfinished.delete(id);
    this.#remember(id, begun.bytes.slice(0, begun.length));
  }

  #remember(id: number, message: readonly number[]): void {
    const bytes = Uint8Array.from(message);
    const key = keyOf(id, bytes);
    this.#sent.set(key, [toHex(bytes), ...(this.#sent.get(key) ?? [])].slice(0, REMEMBERED));
  }
}

/** By unit, service and identifier. */
function keyOf(id: number, message: Uint8Array): string {
  return `${id} ${toHex(message.subarray(0, 3))}`;
}
