/**
 * What a meter that speaks by itself tells, and how: everything in which two of them differ, as data. A file that
 * somebody else wrote becomes a model only by `checkTelegramModel`.
 *
 * Values are named by OBIS codes (IEC 62056-61): `1.8.0` is of electricity, whatever the channel and however much of
 * the code the meter writes (`1.8.0`, `1-0:1.8.0`, `1-1:1.8.0*255`); with medium and channel in front (`0-0:96.1.0`) it
 * is that one alone. A value that is stored for a former billing period (`1.8.0*01`) is never meant.
 */
import type { SerialSettings } from "#hal/ports/byte-link.ts";

export type TelegramProtocol = "sml" | "dsmr" | "iec62056" | "dlms";

export interface TelegramModel {
  /** Name of the model, such as `sml-generic`. */
  readonly model: string;
  readonly protocol: TelegramProtocol;
  /** `pushed`: the meter tells by itself. `asked`: it is asked for each readout (IEC 62056-21, modes A to C). */
  readonly mode: "pushed" | "asked";
  /** Where nothing else is configured. Of an asked meter: those of the request; the speed changes then. */
  readonly line: Omit<SerialSettings, "path">;
  /** From one telegram with the energy to the next, or from one readout to the next. */
  readonly periodMs: number;
  /** From one telegram of any kind to the next, where not all of them have the energy. */
  readonly anyPeriodMs?: number;
  /**
   * What shows that a telegram is undamaged. Of one without a sum a damaged digit looks like another value, and a BCC
   * misses two damages of the same bit: there the register has to go on as it can.
   */
  readonly check: "crc" | "bcc" | "none";
  /** Of energy that the meter sends without a unit; without it such a value is refused. */
  readonly energyUnit?: EnergyUnit;
  /** The register is sent with all digits of its display, and starts again from 0 after the last. */
  readonly rollsOverByDigits?: true;
  readonly identity: {
    /** The first of them that is sent; after them the sender of the telegram, where the protocol has one. */
    readonly serialNumber: readonly string[];
    /** Texts are sent as the hex digits of their characters. */
    readonly isHexText?: true;
    readonly firmware?: readonly string[];
  };
  readonly quantities: {
    /**
     * Lifetime registers that nobody can reset: ways to get the total, as the sum of these codes. The first whose codes
     * are all sent is taken, and kept to.
     */
    readonly importedEnergy: readonly RegisterSum[];
    readonly exportedEnergy?: readonly RegisterSum[];
    /** Ways to get the total active power; the first that can be used is. */
    readonly power?: readonly PowerBalance[];
    /** To neutral, L1 first. */
    readonly voltage?: readonly string[];
    readonly current?: readonly string[];
    readonly frequency?: string;
  };
}

export type EnergyUnit = "Wh" | "kWh" | "MWh";

export type RegisterSum = readonly string[];

/** `plus` must be sent, all of them; of `minus` counts what is sent. */
export interface PowerBalance {
  readonly plus: readonly string[];
  readonly minus?: readonly string[];
  /** Not to be used when one of these is sent: power without a sign means consumption only where nothing is fed in. */
  readonly unless?: readonly string[];
}

/** After so many periods a telegram answers no question any more, and the line is looked after. */
export const PERIODS_MAX = 3;

/** From one telegram of any kind to the next. */
export function telegramPeriodMs(model: TelegramModel): number {
  return model.anyPeriodMs ?? model.periodMs;
}
