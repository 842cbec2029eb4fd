/** The control units of the cars that can be simulated. */
import type { BatterySource, BatteryState } from "./battery-source.ts";
import { eUpCountersData, eUpCurrentData, eUpModeData, eUpStateOfChargeData, eUpVoltageData } from "./e-up-answers.ts";
import { konaBatteryData, konaHealthData } from "./kona-answers.ts";

export type CarModel = "hyundai-kona" | "vw-e-up";

export interface EcuModel {
  readonly idBits: 11 | 29;
  readonly requestId: number;
  readonly responseId: number;
  /** With which the last frame is filled up. */
  readonly padding: number;
  readonly answers: ReadonlyMap<number, (battery: BatteryState) => Uint8Array>;
}

export const carModels: Readonly<Record<CarModel, readonly EcuModel[]>> = {
  "hyundai-kona": [
    {
      idBits: 11,
      requestId: 0x7e4,
      responseId: 0x7ec,
      padding: 0xaa,
      answers: new Map([
        [0x0101, konaBatteryData],
        [0x0105, konaHealthData],
      ]),
    },
  ],
  "vw-e-up": [
    {
      idBits: 11,
      requestId: 0x7e5,
      responseId: 0x7ed,
      padding: 0x55,
      answers: new Map([
        [0x1e3b, eUpVoltageData],
        [0x1e3d, eUpCurrentData],
        [0x028c, eUpStateOfChargeData],
        [0x1e32, eUpCountersData],
      ]),
    },
    {
      idBits: 11,
      requestId: 0x765,
      responseId: 0x7cf,
      padding: 0x55,
      answers: new Map([[0x1dd6, eUpModeData]]),
    },
  ],
};

/** The whole answer to a request, from the service byte on: positive, or a refusal (ISO 14229-1). */
export function answerRequest(ecu: EcuModel, request: Uint8Array, battery: BatterySource): Uint8Array {
  const [service = 0, high = 0, low = 0] = request;
  if (service === 0x3e) return Uint8Array.of(0x7e, 0x00);
  if (service !== 0x22) return Uint8Array.of(0x7f, service, 0x11);
  if (request.length !== 3) return Uint8Array.of(0x7f, service, 0x13);
  const encode = ecu.answers.get((high << 8) | low);
  if (encode === undefined) return Uint8Array.of(0x7f, service, 0x31);
  return Uint8Array.of(0x62, high, low, ...encode(battery.now()));
}
