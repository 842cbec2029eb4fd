/**
 * Hyundai and Kia: the battery management at 7E4, which all of them answer in nearly the same layout, and the charger
 * units of the E-GMP platform.
 *
 * Vehicle study, section 2.1 (layouts grade A; 22 01 11, 22 E0 01 and 22 E0 02 grade C, from recordings). Bytes that
 * the study does not name hold what parked cars were recorded to send.
 */
import { VEHICLE_MODELS } from "#hal/mock/physics/vehicle-models.ts";
import type { BatteryState } from "../battery-source.ts";
import { type CarDescription, type ControlUnit, dataIdentifier, localIdentifier } from "./control-unit.ts";
import { counter, type Encode, type Field, layout, signed, unsigned } from "./data-layout.ts";

/** The battery's voltage, current, counters and state: offsets behind `62 01 01` and behind `61 01` alike. */
const BATTERY_FIELDS: readonly Field[] = [
  unsigned(4, 1, (car) => car.stateOfChargePercent / 0.5),
  // Negative while charging.
  signed(10, 2, (car) => -car.packCurrentA / 0.1),
  unsigned(12, 2, (car) => car.packVoltageV / 0.1),
  // The highest cell and the lowest, their numbers behind them.
  unsigned(23, 1, (car) => car.cellVoltageMaxV / 0.02),
  unsigned(24, 1, () => 1),
  unsigned(25, 1, (car) => car.cellVoltageMinV / 0.02),
  unsigned(26, 1, () => 41),
  unsigned(29, 1, (car) => car.auxiliaryVoltageV / 0.1),
  counter(30, 4, (car) => car.chargedAh / 0.1),
  counter(34, 4, (car) => car.dischargedAh / 0.1),
  // Regeneration is in the first.
  counter(38, 4, (car) => car.chargedWh / 100),
  counter(42, 4, (car) => car.dischargedWh / 100),
  counter(46, 4, (car) => car.operatingSeconds),
  // The inverter's capacitor (recordings: the pack's voltage while the main relay is closed).
  unsigned(51, 2, (car) => car.packVoltageV),
  signed(53, 2, (car) => car.motorRpm),
];

const SEVEN_TEMPERATURES_20 = "14".repeat(7);

/** `start` are the four bytes in front, by which generations differ. */
function batteryAnswer(length: number, start: string, flags: readonly Field[]): Encode {
  return layout(length, [...BATTERY_FIELDS, ...flags], `${start}${"00".repeat(10)}${SEVEN_TEMPERATURES_20}`);
}

/** 22 01 05 and 21 05. */
function healthAnswer(length: number, start: string): Encode {
  return layout(
    length,
    [unsigned(25, 2, (car) => car.healthPercent / 0.1), unsigned(31, 1, (car) => car.displayPercent / 0.5)],
    start,
  );
}

/** Until 2022: main relay in D[9], and 09 while charging, 0D on the road in D[50]. */
const FLAGS_UNTIL_2022: readonly Field[] = [
  // Bit 7, which public lists take for charging, was recorded on the road and never at the plug.
  unsigned(9, 1, (car) => (isDriving(car) ? 0x83 : car.charging ? 0x03 : 0x00)),
  unsigned(50, 1, (car) => (car.charging ? 0x09 : isDriving(car) ? 0x0d : 0x01)),
];

/** From 2023, and E-GMP: both bytes say nothing. */
const FLAGS_FROM_2023: readonly Field[] = [unsigned(9, 1, () => 0x00), unsigned(50, 1, () => 0x00)];

/** Ioniq of 28 kWh: bit 7 charging, bit 6 direct and bit 5 alternating current; bits 0 and 1 the main relay. */
const FLAGS_IONIQ_28: readonly Field[] = [
  unsigned(9, 1, (car) => {
    if (car.charging) return car.inlet.kind === "dc" ? 0xc3 : 0xa3;
    return isDriving(car) ? 0x03 : 0x00;
  }),
  unsigned(50, 1, (car) => (car.charging ? 0x49 : isDriving(car) ? 0x0d : 0x01)),
];

/** A unit that has just woken up and measured nothing yet. */
const EMPTY_BATTERY_ANSWER = ["00".repeat(59)];

function batteryUnit(battery: Encode, health: Encode, others: ControlUnit["identifiers"] = []): ControlUnit {
  return {
    name: "battery management",
    idBits: 11,
    requestId: 0x7e4,
    responseId: 0x7ec,
    padding: 0xaa,
    identifiers: [dataIdentifier(0x0101, battery, EMPTY_BATTERY_ANSWER), dataIdentifier(0x0105, health), ...others],
  };
}

/** Lifetime energies and numbers of charges. */
const LIFETIME_CHARGES = layout(
  74,
  [
    counter(4, 4, (car) => car.alternatingSessions),
    counter(8, 4, (car) => car.directSessions),
    counter(12, 4, (car) => car.alternatingWh / 1000),
    counter(16, 4, (car) => car.directWh / 1000),
  ],
  "f21fffff",
);

/**
 * The charger of E-GMP. Recordings hold one-phase charges only; of three phases this one says the voltage of the first
 * two and the sum of the currents, a half of it on each converter.
 */
const E_GMP_CHARGER: ControlUnit = {
  name: "charger",
  idBits: 11,
  requestId: 0x7e5,
  responseId: 0x7ed,
  padding: 0xaa,
  identifiers: [
    dataIdentifier(
      0xe002,
      layout(
        58,
        [
          unsigned(4, 2, ({ inlet }) => inlet.voltagesV[0] / 0.1),
          unsigned(6, 2, ({ inlet }) => inlet.voltagesV[1] / 0.1),
          unsigned(10, 1, ({ inlet }) => (inlet.voltagesV[0] > 0 ? inlet.frequencyHz : 0)),
          signed(11, 2, ({ inlet }) => sum(inlet.currentsA) / 0.01),
          signed(13, 2, ({ inlet }) => sum(inlet.currentsA) / 2 / 0.01),
          signed(15, 2, ({ inlet }) => sum(inlet.currentsA) / 2 / 0.01),
          // Not in the study: 5880 was recorded beside 204.9 V and 29.39 A, which fits the active power.
          unsigned(17, 2, ({ inlet }) => (inlet.kind === "ac" ? inlet.activeW : 0)),
          unsigned(19, 2, (car) => (car.inlet.outputV > 0 ? car.inlet.outputV : car.packVoltageV) / 0.1),
          signed(21, 2, ({ inlet }) => (inlet.kind === "ac" ? inlet.outputA : 0) / 0.01),
        ],
        "9fff3ff8",
      ),
    ),
  ],
};

const E_GMP_CHARGE_MANAGEMENT: ControlUnit = {
  name: "vehicle charge management",
  idBits: 11,
  requestId: 0x744,
  responseId: 0x74c,
  padding: 0xaa,
  identifiers: [
    dataIdentifier(
      0xe001,
      layout(
        36,
        [
          unsigned(17, 1, (car) => {
            if (car.charging) return car.inlet.kind === "dc" ? 0x08 : 0x05;
            return car.plugged ? 0x04 : 0x00;
          }),
          unsigned(23, 2, ({ inlet }) => (inlet.kind === "ac" ? sum(inlet.currentsA) : 0) / 0.1),
        ],
        "ffffffc0",
      ),
    ),
  ],
};

const START_UNTIL_2022 = "fff7e7ff";
const START_FROM_2023 = "effbe7ed";
const START_E_GMP = "effbe7ef";
const START_HEALTH = "003fff90";
const START_HEALTH_E_GMP = "fffb740c";
const START_SERVICE_21 = "ffffffff";

export const hyundaiKona: CarDescription = {
  vehicle: VEHICLE_MODELS["hyundai-kona"],
  units: [batteryUnit(batteryAnswer(59, START_UNTIL_2022, FLAGS_UNTIL_2022), healthAnswer(43, START_HEALTH))],
};

export const kiaNiroSg2: CarDescription = {
  vehicle: VEHICLE_MODELS["kia-niro-sg2"],
  units: [batteryUnit(batteryAnswer(59, START_FROM_2023, FLAGS_FROM_2023), healthAnswer(43, START_HEALTH))],
};

export const hyundaiIoniq5: CarDescription = {
  vehicle: VEHICLE_MODELS["hyundai-ioniq-5"],
  units: [
    batteryUnit(batteryAnswer(59, START_E_GMP, FLAGS_FROM_2023), healthAnswer(43, START_HEALTH_E_GMP), [
      dataIdentifier(0x0111, LIFETIME_CHARGES),
    ]),
    E_GMP_CHARGER,
    E_GMP_CHARGE_MANAGEMENT,
  ],
};

/** Grade B: service 21 with the offsets of service 22, and 60 and 46 bytes of data (evDash demonstration replies). */
export const hyundaiIoniq28: CarDescription = {
  vehicle: VEHICLE_MODELS["hyundai-ioniq-28"],
  units: [
    {
      name: "battery management",
      idBits: 11,
      requestId: 0x7e4,
      responseId: 0x7ec,
      padding: 0x00,
      identifiers: [
        localIdentifier(0x01, batteryAnswer(60, START_SERVICE_21, FLAGS_IONIQ_28)),
        localIdentifier(0x05, healthAnswer(46, START_SERVICE_21)),
      ],
    },
  ],
};

function isDriving(car: BatteryState): boolean {
  return car.motorRpm !== 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
