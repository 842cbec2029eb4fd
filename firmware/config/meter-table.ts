/** The meter, as its table in the configuration says it. */
import { baudRate, lineKeys, lineOf, type Line } from "./line-config.ts";
import { absentOr, anyText, decimal, oneOf, refuse, table, text, wholeNumber, withDefault } from "./shape.ts";

/** Of a meter on a bus, and of one that speaks by itself; which keys a model needs is known only where models are. */
export const meterTable = table({
  model: absentOr(anyText),
  /** A table of the meter's registers or codes, for a model that this firmware does not know. */
  model_file: absentOr(anyText),
  /** On a bus only. */
  unit: absentOr(wholeNumber(1, 247)),
  class: withDefault(oneOf("A", "B", "C"), "B"),
  temperature: withDefault(oneOf("5..30", "-10..40", "-25..55", "-40..70"), "5..30"),
  /** Of a meter outside of MID, such as one for direct current: takes the place of class and temperature. */
  error_max_percent: absentOr(decimal(0.1, 20)),
  measuring_point: withDefault(oneOf("mains", "charger-output"), "mains"),
  /** Of the only meter that may be billed by, as `meter read` shows it. */
  serial_number: absentOr(text("1 to 64 characters", /^.{1,64}$/)),
  /** Rest of a meter on a bus between two requests, where it needs another than is usual for its model. */
  pause_ms: absentOr(wholeNumber(0, 5000)),
  /** How often a meter that speaks by itself does so, or is asked, where that is not as usual for its model. */
  period_ms: absentOr(wholeNumber(20, 86_400_000)),
  /** Of a meter that is asked for readouts on a line with others (IEC 62056-21, 6.3.1). */
  device_address: absentOr(text("at most 32 letters, digits and spaces", /^[0-9A-Za-z ]{1,32}$/)),
  /** Files with the keys of a meter that encrypts, as 32 hexadecimal digits; from the operator of the grid. */
  key_file: absentOr(anyText),
  authentication_key_file: absentOr(anyText),
  ...lineKeys,
  /** What is not given is as usual for the model. */
  baud: absentOr(baudRate),
  data_bits: absentOr(wholeNumber(7, 8)),
  parity: absentOr(oneOf("none", "even", "odd")),
  stop_bits: absentOr(wholeNumber(1, 2)),
});

type MeterKeys = ReturnType<typeof meterTable>;

export interface MeterConfig extends Pick<MeterKeys, "class" | "temperature" | "error_max_percent"> {
  /** Either a model that the firmware knows, or a file. */
  readonly model: string | undefined;
  readonly modelFile: string | undefined;
  readonly unit: number | undefined;
  readonly measuringPoint: MeterKeys["measuring_point"];
  readonly serialNumber: string | undefined;
  readonly pauseMs: number | undefined;
  readonly periodMs: number | undefined;
  readonly deviceAddress: string | undefined;
  readonly keyFile: string | undefined;
  readonly authenticationKeyFile: string | undefined;
  /** As a meter on a bus has it: 9600 baud, no parity and 1 stop bit where nothing is given. */
  readonly line: Line;
  /** What of a serial line is given; undefined leaves it to the model. */
  readonly given: GivenSettings;
}

export interface GivenSettings {
  readonly baudRate: number | undefined;
  readonly dataBits: 7 | 8 | undefined;
  readonly parity: "none" | "even" | "odd" | undefined;
  readonly stopBits: 1 | 2 | undefined;
}

export function meterOf(keys: MeterKeys): MeterConfig {
  const { baud, parity, stop_bits: stopBits, data_bits: dataBits } = keys;
  if (keys.authentication_key_file !== undefined && keys.key_file === undefined) {
    refuse("meter.authentication_key_file", keys.authentication_key_file, "a meter.key_file beside it");
  }
  return {
    ...modelOf(keys),
    ...{ unit: keys.unit, class: keys.class, temperature: keys.temperature },
    ...{ error_max_percent: keys.error_max_percent, measuringPoint: keys.measuring_point },
    ...{ serialNumber: keys.serial_number, pauseMs: keys.pause_ms, periodMs: keys.period_ms },
    ...{ deviceAddress: keys.device_address, keyFile: keys.key_file },
    authenticationKeyFile: keys.authentication_key_file,
    line: lineOf({ ...keys, baud: baud ?? 9600, parity: parity ?? "none", stop_bits: stopBits ?? 1 }, "meter"),
    given: {
      baudRate: baud,
      dataBits: dataBits === undefined ? undefined : dataBits === 7 ? 7 : 8,
      parity,
      stopBits: stopBits === undefined ? undefined : stopBits === 2 ? 2 : 1,
    },
  };
}

function modelOf({ model, model_file: modelFile }: MeterKeys): Pick<MeterConfig, "model" | "modelFile"> {
  if (model === undefined && modelFile === undefined) {
    refuse("meter.model", undefined, "the name of a model, or model_file = a table of its registers or codes");
  }
  if (model !== undefined && modelFile !== undefined) refuse("meter", "model and model_file", "one of the two");
  return { model, modelFile };
}
