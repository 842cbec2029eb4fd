/** Example tariffs of OCPI that more than one worked session uses, in a form of our own. */
import type { CompactTariff } from "#test/builders/ocpi-objects.ts";

export const FLAT_ENERGY: CompactTariff["elements"][number] = [["FLAT 0.5 vat 20", "ENERGY 0.25 vat 10"]];
const WEEKDAYS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];

export const TARIFF_4 = (saturday: string): CompactTariff => ({
  elements: [
    [["FLAT 2.5 vat 15"]],
    [["TIME 1 vat 20 step 900"], { max_current: 32 }],
    [["TIME 2 vat 20 step 600"], { min_current: 32, day_of_week: WEEKDAYS }],
    [[`TIME ${saturday} vat 20 step 600`], { min_current: 32, day_of_week: ["SATURDAY", "SUNDAY"] }],
    [["PARKING_TIME 5 vat 10 step 300"], { start_time: "09:00", end_time: "18:00", day_of_week: WEEKDAYS }],
    [["PARKING_TIME 6 vat 10 step 300"], { start_time: "10:00", end_time: "17:00", day_of_week: ["SATURDAY"] }],
  ],
});
export const TARIFF_6: CompactTariff = {
  elements: [FLAT_ENERGY],
  rest: { max_price: { before_taxes: 10, after_taxes: 11 }, end_date_time: "2019-06-30T23:59:59Z" },
};
export const TARIFF_12: CompactTariff = {
  elements: [[["ENERGY 0.25 vat 10"]]],
  rest: { min_price: { before_taxes: 0.5, after_taxes: 0.55 } },
};
export const TARIFF_14: CompactTariff = {
  elements: [
    [["TIME 1.2 step 1800", "PARKING_TIME 1 step 900"], { start_time: "00:00", end_time: "17:00" }],
    [["TIME 2.4 step 900", "PARKING_TIME 1 step 900"], { start_time: "17:00", end_time: "20:00" }],
    [["TIME 2.4 step 900"], { start_time: "20:00", end_time: "00:00" }],
  ],
};
export const TARIFF_17: CompactTariff = {
  elements: [
    [["FLAT 4 vat 20"], { reservation: "RESERVATION_EXPIRES" }],
    [["TIME 2 vat 20 step 600"], { reservation: "RESERVATION" }],
    FLAT_ENERGY,
  ],
};
export const TARIFF_18: CompactTariff = {
  elements: [
    [["TIME 6 vat 20 step 600"], { reservation: "RESERVATION_EXPIRES" }],
    [["TIME 3 vat 20 step 600"], { reservation: "RESERVATION" }],
    FLAT_ENERGY,
  ],
};
