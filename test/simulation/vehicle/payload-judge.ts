/**
 * Whether each payload that the driver believes was really sent: the frames on the simulated bus, before any adapter
 * printed them, are put together here by other code than the driver's.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
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
  readonly #unfinished = new Map<number, { readonly bytes: Uint8Array; received: number }>();
  readonly #sent = new Map<string, Uint8Array[]>();
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
    const sent = this.#sent.get(keyOf(ecu.responseId, payload)) ?? [];
    const isSent = sent.some((message) => equalBytes(message, payload));
    if (!isSent) this.wrong.push(`${toHex(bytes)}: ${toHex(payload)}`);
  }

  #hear({ id, bytes }: CanFrame): void {
    const unit = this.#units.get(id);
    if (unit === undefined) return;
    const start = unit.extension === undefined ? 0 : 1;
    const control = bytes[start] ?? 0;
    if (control >> 4 === 0) this.#remember(id, bytes.slice(start + 1, start + 1 + (control & 15)));
    if (control >> 4 === 1) {
      const message = new Uint8Array(((control & 15) << 8) | (bytes[start + 1] ?? 0));
      message.set(bytes.subarray(start + 2));
      this.#unfinished.set(id, { bytes: message, received: bytes.length - start - 2 });
    }
    const begun = this.#unfinished.get(id);
    if (control >> 4 !== 2 || begun === undefined) return;
    const missing = begun.bytes.length - begun.received;
    const part = bytes.subarray(start + 1, start + 1 + missing);
    begun.bytes.set(part, begun.received);
    begun.received += part.length;
    if (begun.received < begun.bytes.length) return;
    this.#unfinished.delete(id);
    this.#remember(id, begun.bytes);
  }

  #remember(id: number, message: Uint8Array): void {
    const key = keyOf(id, message);
    const sent = this.#sent.get(key) ?? [];
    sent.unshift(message);
    if (sent.length > REMEMBERED) sent.pop();
    this.#sent.set(key, sent);
  }
}

/** By unit, service and identifier. */
function keyOf(id: number, message: Uint8Array): string {
  return `${id} ${message[0]} ${message[1]} ${message[2]}`;
}
