/**
 * `[charge_point]`: what lets current flow. Either a charge controller on a line, by the name of its driver, or the
 * plain contactor on GPIO lines, whose driver is `gpio-contactor`.
 */
import {
  absentOr,
  anyText,
  decimal,
  oneOf,
  refuse,
  table,
  wholeNumber,
  withDefault,
  yesOrNo,
  type Reader,
} from "./shape.ts";
import { lineKeys, lineOf, type Line } from "./line-config.ts";

export const GPIO_CONTACTOR = "gpio-contactor";

export interface BusChargePointConfig {
  readonly kind: "bus";
  readonly driver: string;
  readonly unit: number;
  readonly line: Line;
  /** Undefined leaves it to the model. */
  readonly pauseMs: number | undefined;
  /** Whether a process of its own switches the controller off when the gateway cannot. */
  readonly hasGuard: boolean;
}

export interface ContactorConfig {
  readonly kind: "contactor";
  readonly driver: typeof GPIO_CONTACTOR;
  /** Label of the chip, or the path of a simulated one's socket; undefined leaves both to the board. */
  readonly chip: string | undefined;
  readonly contactor: GpioLine | undefined;
  readonly feedback: GpioInput | undefined;
  readonly stopButton: GpioInput | undefined;
  readonly emergencyStop: GpioInput | undefined;
  readonly plug: GpioInput | "always" | undefined;
  /** What flows at most when it is closed, A a phase; undefined is what the outlet is for. */
  readonly circuitA: number | undefined;
}

export type ChargePointConfig = BusChargePointConfig | ContactorConfig;

export interface GpioLine {
  readonly line: string | number;
  readonly activeLow: boolean;
}

export interface GpioInput extends GpioLine {
  readonly bias: "pull-up" | "pull-down" | "none";
}

const lineName: Reader<string | number> = (value, path) => {
  if (typeof value === "string" && /^[^\s]{1,32}$/.test(value)) return value;
  return wholeNumber(0, 1023)(value, path);
};

const lineTable = table({ line: lineName, active_low: absentOr(yesOrNo) });
const inputTable = table({
  line: lineName,
  active_low: absentOr(yesOrNo),
  bias: withDefault(oneOf("pull-up", "pull-down", "none"), "pull-up"),
});

/** A name or number, or a table where it is wired otherwise than is usual. */
const output: Reader<GpioLine> = (value, path) => {
  if (typeof value !== "object" || value === null) return { line: lineName(value, path), activeLow: false };
  const { line, active_low: activeLow = false } = lineTable(value, path);
  return { line, activeLow };
};

function input(isActiveLow: boolean): Reader<GpioInput> {
  return (value, path) => {
    if (typeof value !== "object" || value === null) {
      return { line: lineName(value, path), activeLow: isActiveLow, bias: "pull-up" };
    }
    const { line, active_low: activeLow = isActiveLow, bias } = inputTable(value, path);
    return { line, activeLow, bias };
  };
}

/** A contact that is closed at rest: a wire that breaks has to demand the stop, too. */
const emergencyStop: Reader<GpioInput> = (value, path) => {
  const read = input(false)(value, path);
  const restsOnPull = read.bias === (read.activeLow ? "pull-up" : "pull-down");
  if (restsOnPull) {
    const otherwise = `active_low = ${read.activeLow ? "false" : "true"}`;
    return refuse(
      path,
      `active_low = ${read.activeLow} with ${read.bias}`,
      `${otherwise}: a broken wire must be a stop`,
    );
  }
  return read;
};

const plug: Reader<GpioInput | "always"> = (value, path) => (value === "always" ? value : input(true)(value, path));

const contactorKeys = {
  chip: absentOr(anyText),
  contactor: absentOr(output),
  feedback: absentOr(input(true)),
  stop_button: absentOr(input(true)),
  emergency_stop: absentOr(emergencyStop),
  plug: absentOr(plug),
  circuit_a: absentOr(decimal(1, 500)),
};

const busKeys = {
  unit: absentOr(wholeNumber(0, 255)),
  pause_ms: absentOr(wholeNumber(0, 5000)),
  guard: absentOr(yesOrNo),
};

const file = table({ driver: anyText, ...busKeys, ...contactorKeys, ...lineKeys });

export const chargePointConfig: Reader<ChargePointConfig | undefined> = (value, path) => {
  if (value === undefined) return undefined;
  const keys = file(value, path);
  const given = Object.keys(value as Readonly<Record<string, unknown>>);
  const isContactor = keys.driver === GPIO_CONTACTOR;
  const foreign = Object.keys(isContactor ? { ...busKeys, ...lineKeys } : contactorKeys);
  const stray = given.find((key) => foreign.includes(key));
  if (stray !== undefined) {
    refuse(`${path}.${stray}`, "a value", `nothing: it does not belong to driver = ${JSON.stringify(keys.driver)}`);
  }
  if (isContactor) return Object.freeze(contactorOf(keys));
  const { driver, unit, pause_ms: pauseMs, guard: hasGuard = true } = keys;
  return Object.freeze({
    ...{ kind: "bus", driver, pauseMs, hasGuard, line: lineOf(keys, path) },
    unit: unit ?? refuse(`${path}.unit`, undefined, "a whole number from 1 to 247; over TCP also 0 and 255"),
  } as const);
};

function contactorOf(keys: ReturnType<typeof file>): ContactorConfig {
  const { chip, contactor, feedback, plug: plugged, circuit_a: circuitA } = keys;
  return {
    ...{ kind: "contactor", driver: GPIO_CONTACTOR, chip, contactor, feedback },
    ...{ stopButton: keys.stop_button, emergencyStop: keys.emergency_stop, plug: plugged, circuitA },
  };
}
