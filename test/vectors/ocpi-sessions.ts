/**
 * The sessions that the text of OCPI works out for its example tariffs (mod_tariffs and mod_cdrs of 2.2.1 and 2.3.0),
 * with the amounts that it prints.
 */
import type { CompactTariff } from "#test/builders/ocpi-objects.ts";
import { FLAT_ENERGY, TARIFF_4, TARIFF_6, TARIFF_12, TARIFF_14, TARIFF_17, TARIFF_18 } from "./ocpi-example-tariffs.ts";

export interface WorkedExample {
  readonly title: string;
  /** Name of the published object, without `.json`. */
  readonly file?: string;
  readonly tariff: CompactTariff;
  readonly session: WorkedSession;
  /** As printed: without tax and, where it is printed, with tax. */
  readonly expected: readonly [string, string?];
  /** Where the printed amount does not follow from the printed tariff: what does follow. */
  readonly follows?: readonly [string, string];
}

export interface WorkedSession {
  /** Date and time in Amsterdam. */
  readonly start?: readonly [year: number, month: number, day: number, hour: number, minute: number];
  /** Minutes and kWh, one after the other; none: the reservation was not used. */
  readonly charge: readonly (readonly [minutes: number, kwh: number])[];
  readonly parkedMinutes?: number;
  readonly reservedMinutes?: number;
}

const KWH_20: WorkedSession = { charge: [[120, 20]] };
/** 2026-06-01 is a Monday, 2026-06-06 a Saturday. */
const MONDAY = [2026, 6, 1] as const;
const SATURDAY = [2026, 6, 6] as const;

export const WORKED_EXAMPLES: readonly WorkedExample[] = [
  {
    title: "0.25 a kWh: 20 kWh",
    file: "tariff_8_simple_025kwh",
    tariff: { elements: [[["ENERGY 0.25 vat 10"]]] },
    session: KWH_20,
    expected: ["5.00", "5.50"],
  },
  {
    title: "start fee: 20 kWh",
    file: "tariff_9_025kwh_start",
    tariff: { elements: [FLAT_ENERGY] },
    session: KWH_20,
    expected: ["5.50", "6.10"],
  },
  ...(
    [
      [20, ["5.00", "5.50"]],
      [1.9, ["0.50", "0.55"]],
    ] as const
  ).map(([kwh, expected]): WorkedExample => ({
    ...{ title: `least price: ${kwh} kWh`, file: "tariff_12_025kwh_min_price", tariff: TARIFF_12, expected },
    session: { charge: [[120, kwh]] },
  })),
  {
    title: "parking: 20 kWh, 40 min",
    file: "tariff_10_025kwh_parking_start",
    tariff: { elements: [[["FLAT 0.5 vat 20", "ENERGY 0.25 vat 10", "PARKING_TIME 2 vat 20 step 900"]]] },
    session: { ...KWH_20, parkedMinutes: 40 },
    expected: ["7.00", "7.90"],
  },
  ...(
    [
      [50, ["10.00", "11.00"]],
      [30, ["8.00", "8.85"]],
    ] as const
  ).map(([kwh, expected]): WorkedExample => ({
    ...{ title: `most price: ${kwh} kWh`, file: "tariff_6_025kwh_start_max_price", tariff: TARIFF_6, expected },
    session: { start: [2019, 6, 1, 12, 0], charge: [[120, kwh]] },
  })),
  {
    title: "2.00 an hour: 2.5 h",
    file: "tariff_1_simple_2hour",
    tariff: { elements: [[["TIME 2 vat 10 step 60"]]] },
    session: { charge: [[150, 20]] },
    expected: ["5.00", "5.50"],
  },
  {
    title: "2.00 an hour before tax: 2.5 h",
    file: "tariff_19_simple_north_american_exclusive",
    tariff: { elements: [[["TIME 2"]]], currency: "CAD" },
    session: { charge: [[150, 20]] },
    expected: ["5.00"],
  },
  {
    title: "2.10 an hour, tax in it: 2.5 h",
    file: "tariff_20_simple_north_american_inclusive",
    tariff: { elements: [[["TIME 2.1"]]], currency: "CAD", rest: { tax_included: "YES" } },
    session: { charge: [[150, 20]] },
    expected: ["5.25", "5.25"],
  },
  {
    title: "3.00 an hour, parking 5.00: 150 + 42 min",
    file: "tariff_13_simple_3hour_5parking",
    tariff: { elements: [[["TIME 3 vat 10 step 60", "PARKING_TIME 5 vat 20 step 300"]]] },
    session: { charge: [[150, 20]], parkedMinutes: 42 },
    expected: ["11.25", "12.75"],
  },
  {
    title: "1.90 an hour, 5.2 % tax: 2.5 h",
    file: "tariff_2_alt_text",
    tariff: { elements: [[["TIME 1.9 vat 5.2 step 300"]]] },
    session: { charge: [[150, 20]] },
    expected: ["4.75", "5.00"],
  },
  {
    // The table beside this prose bills 20.45 kWh and prints 5.61 / 6.22; the step of 0.1 kWh is in the tariff.
    title: "step of 0.1 kWh: 20.45 kWh, by the prose",
    file: "tariff_3_alt_url",
    tariff: { elements: [[["FLAT 0.5 vat 20", "ENERGY 0.25 vat 10 step 100"]]] },
    session: { charge: [[120, 20.45]] },
    expected: ["5.63", "6.24"],
  },
  {
    title: "complex: Monday 09:30, 16 A, 165 + 42 min",
    file: "tariff_4_complex",
    tariff: TARIFF_4("1.25"),
    session: { start: [...MONDAY, 9, 30], charge: [[165, 10.12]], parkedMinutes: 42 },
    expected: ["9.00", "10.30"],
  },
  {
    // 114 min at 1.25 an hour are 2.375; the printed table says 2.28, which is what 1.20 an hour gives.
    title: "complex: Saturday 13:30, 43 A, 114 + 71 min",
    file: "tariff_4_complex",
    tariff: TARIFF_4("1.25"),
    session: { start: [...SATURDAY, 13, 30], charge: [[114, 18.791]], parkedMinutes: 71 },
    expected: ["12.28", "13.861"],
    follows: ["12.375", "13.975"],
  },
  {
    title: "the same at 1.20 an hour, which the printed amounts are of",
    tariff: TARIFF_4("1.2"),
    session: { start: [...SATURDAY, 13, 30], charge: [[114, 18.791]], parkedMinutes: 71 },
    expected: ["12.28", "13.861"],
  },
  {
    title: "free of charge: 20 kWh, parked an hour",
    file: "tariff_5_free_of_charge",
    tariff: { elements: [[["FLAT 0 step 0"]]] },
    session: { ...KWH_20, parkedMinutes: 60 },
    expected: ["0.00", "0.00"],
  },
  {
    title: "reservation 5.00 an hour: 15 min, 20 kWh",
    file: "tariff_15_reservation_5_euro_per_hour",
    tariff: { elements: [[["TIME 5 vat 20 step 60"], { reservation: "RESERVATION" }], FLAT_ENERGY] },
    session: { ...KWH_20, reservedMinutes: 15 },
    expected: ["6.75", "7.60"],
  },
  {
    title: "reservation fee 2.00 and 5.00 an hour: 13 min, 20 kWh",
    file: "tariff_16_reservation_2_euro_fee_5_euro_per_hour",
    tariff: {
      elements: [[["FLAT 2 vat 20", "TIME 5 vat 20 step 300"], { reservation: "RESERVATION" }], FLAT_ENERGY],
    },
    session: { ...KWH_20, reservedMinutes: 13 },
    expected: ["8.75", "10.00"],
  },
  {
    title: "reservation, fee when it expires: 22 min, 20 kWh",
    file: "tariff_17_reservation_with_expire_fee",
    tariff: TARIFF_17,
    session: { ...KWH_20, reservedMinutes: 22 },
    expected: ["6.50", "7.30"],
  },
  {
    title: "the same, expired after 60 min",
    file: "tariff_17_reservation_with_expire_fee",
    tariff: TARIFF_17,
    session: { charge: [], reservedMinutes: 60 },
    expected: ["6.00", "7.20"],
  },
  {
    title: "reservation, dearer when it expires: 22 min, 20 kWh",
    file: "tariff_18_reservation_with_expire_time",
    tariff: TARIFF_18,
    session: { ...KWH_20, reservedMinutes: 22 },
    expected: ["7.00", "7.90"],
  },
  {
    title: "the same, expired after 90 min",
    file: "tariff_18_reservation_with_expire_time",
    tariff: TARIFF_18,
    session: { charge: [], reservedMinutes: 90 },
    expected: ["9.00", "10.80"],
  },
  {
    title: "steps: 16:55, 10 min and 2 parked",
    file: "tariff_14_step_size",
    tariff: TARIFF_14,
    session: { start: [...MONDAY, 16, 55], charge: [[10, 2]], parkedMinutes: 2 },
    expected: ["0.55"],
  },
  {
    title: "steps: 16:35, 35 min",
    file: "tariff_14_step_size",
    tariff: TARIFF_14,
    session: { start: [...MONDAY, 16, 35], charge: [[35, 6]] },
    expected: ["1.30"],
  },
  {
    title: "parking free after 20:00: 19:40, 12 and 20 min parked",
    file: "tariff_14_step_size",
    tariff: TARIFF_14,
    session: { start: [...MONDAY, 19, 40], charge: [[12, 2]], parkedMinutes: 20 },
    expected: ["0.73"],
  },
  {
    title: "by power: 1 kWh at 6, 40 at 48, 0.5 at 4 kW",
    file: "tariffrestriction_example_max_power",
    tariff: {
      elements: [
        [["ENERGY 0.2 vat 20"], { max_power: 16 }],
        [["ENERGY 0.35 vat 20"], { max_power: 32 }],
        [["ENERGY 0.5 vat 20"]],
      ],
    },
    session: {
      charge: [
        [10, 1],
        [50, 40],
        [7.5, 0.5],
      ],
    },
    expected: ["20.30"],
  },
  {
    title: "by duration: 5 kWh in 30 min, then 1.2 kWh",
    file: "tariffrestriction_example_max_duration",
    tariff: {
      elements: [
        [["ENERGY 0 vat 20"], { max_duration: 1800 }],
        [["ENERGY 0.25 vat 20"], { max_duration: 3600 }],
        [["ENERGY 0.4 vat 20"]],
      ],
    },
    session: {
      charge: [
        [30, 5],
        [15, 1.2],
      ],
    },
    expected: ["0.30"],
  },
  {
    title: "CDR text: 4.3 + 1.1 kWh in steps of 500 Wh are 5.5 kWh",
    tariff: {
      elements: [
        [["ENERGY 0.2 step 500"], { end_time: "17:00" }],
        [["ENERGY 0.27 step 500"], { start_time: "17:00" }],
      ],
    },
    session: {
      start: [...MONDAY, 16, 0],
      charge: [
        [60, 4.3],
        [15, 1.1],
      ],
    },
    expected: ["1.184"],
  },
  {
    title: "CDR text: 6 + 22 min in steps of 10 min are 6 + 24",
    tariff: {
      elements: [
        [["TIME 5 step 600"], { end_time: "17:00" }],
        [["TIME 7 step 600"], { start_time: "17:00" }],
      ],
    },
    session: { start: [...MONDAY, 16, 54], charge: [[28, 5]] },
    expected: ["3.30"],
  },
  {
    title: "CDR text: 21 min and 16 parked in steps of 10 min are 21 + 20",
    tariff: { elements: [[["TIME 1 step 600", "PARKING_TIME 2 step 600"]]] },
    session: { charge: [[21, 4]], parkedMinutes: 16 },
    expected: ["1.017"],
  },
  ...([101, 125] as const).map((wh): WorkedExample => ({
    title: `step of 25 Wh: ${wh} Wh`,
    tariff: { elements: [[["ENERGY 0.25 step 25"]]] },
    session: { charge: [[5, wh / 1000]] },
    expected: ["0.031"],
  })),
  ...([1, 500] as const).map((wh): WorkedExample => ({
    title: `step of 500 Wh: ${wh} Wh`,
    tariff: { elements: [[["ENERGY 0.25 step 500"]]] },
    session: { charge: [[5, wh / 1000]] },
    expected: ["0.125"],
  })),
  {
    title: "step of 1 Wh: 115.2 Wh",
    tariff: { elements: [[["ENERGY 0.25 step 1"]]] },
    session: { charge: [[5, 0.1152]] },
    expected: ["0.029"],
  },
];
