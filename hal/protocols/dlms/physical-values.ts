/**
 * Some makers send whole numbers and leave scale and unit to their manual. `physicalValues` puts both in; values that
 * came with a unit, and those whose scale is nowhere stated, stay as they are.
 *
 * Sources: Kamstrup "OBIS List Information" for NVE (hundredths of A, whole V, hundredths of kWh); Kaifa "HAN OBIS
 * codes KFM_001" (thousandths of A, tenths of V, Wh); ECE list 1 from a recorded telegram (2346 for 234.6 V). Of
 * memory: Kamstrup's power factors, the currents and energies of the ECE lists, and Iskra's Wh and W.
 */
import type { TelegramValue } from "../telegram.ts";
import { decimalText, readDecimal } from "../decimal.ts";
import { UNSCALED, type ScalerUnit } from "./list-values.ts";
import type { PushList } from "./push-list.ts";

export function physicalValues(list: PushList): readonly TelegramValue[] {
  const scales = SCALES[list.layout];
  return list.values.map((value) => {
    const quantity = value.kind === "number" && value.unit === null ? quantityOf(value.code) : undefined;
    const scale = quantity === undefined ? undefined : scales?.[quantity];
    return scale === undefined ? value : scaled(value, scale);
  });
}

type Quantity = "power" | "reactivePower" | "current" | "voltage" | "powerFactor" | "energy" | "reactiveEnergy";

type Scales = Readonly<Partial<Record<Quantity, ScalerUnit>>>;

const WHOLE_POWERS: Scales = { power: { exponent: 0, unit: "W" }, reactivePower: { exponent: 0, unit: "var" } };
const WHOLE_ENERGIES: Scales = { energy: { exponent: 0, unit: "Wh" }, reactiveEnergy: { exponent: 0, unit: "varh" } };
const ECE: Scales = {
  ...WHOLE_POWERS,
  ...WHOLE_ENERGIES,
  current: { exponent: -2, unit: "A" },
  voltage: { exponent: -1, unit: "V" },
};

const SCALES: Readonly<Partial<Record<PushList["layout"], Scales>>> = {
  kamstrup: {
    ...WHOLE_POWERS,
    current: { exponent: -2, unit: "A" },
    voltage: { exponent: 0, unit: "V" },
    powerFactor: { exponent: -2, unit: null },
    energy: { exponent: 1, unit: "Wh" },
    reactiveEnergy: { exponent: 1, unit: "varh" },
  },
  kaifa: {
    ...WHOLE_POWERS,
    ...WHOLE_ENERGIES,
    current: { exponent: -3, unit: "A" },
    voltage: { exponent: -1, unit: "V" },
  },
  iskra: { ...WHOLE_POWERS, ...WHOLE_ENERGIES },
  "ece-1": ECE,
  "ece-2": ECE,
};

function scaled(value: TelegramValue, scale: ScalerUnit = UNSCALED): TelegramValue {
  const decimal = readDecimal(value.value);
  if (decimal === undefined) return value;
  return { ...value, value: decimalText(decimal.digits, decimal.exponent + scale.exponent), unit: scale.unit };
}

/** What an electricity code measures (IEC 62056-61, 5.3): C the quantity, D 7 now and 8 as a total. */
function quantityOf(code: string): Quantity | undefined {
  const match = /^1-\d+:(\d+)\.([78])\.\d+(?:\*\d+)?$/.exec(code);
  if (match === null) return undefined;
  const quantity = QUANTITIES[Number(match[1])];
  return match[2] === "7" ? quantity?.now : quantity?.total;
}

interface NowAndTotal {
  readonly now: Quantity;
  readonly total?: Quantity;
}

const ACTIVE: NowAndTotal = { now: "power", total: "energy" };
const REACTIVE: NowAndTotal = { now: "reactivePower", total: "reactiveEnergy" };

/** Sums first, then the same 20, 40 and 60 higher for the phases. */
const QUANTITIES: Readonly<Record<number, NowAndTotal>> = Object.fromEntries(
  [0, 20, 40, 60].flatMap((phase): readonly (readonly [number, NowAndTotal])[] => [
    [phase + 1, ACTIVE],
    [phase + 2, ACTIVE],
    [phase + 3, REACTIVE],
    [phase + 4, REACTIVE],
    [phase + 11, { now: "current" }],
    [phase + 12, { now: "voltage" }],
    [phase + 13, { now: "powerFactor" }],
  ]),
);
