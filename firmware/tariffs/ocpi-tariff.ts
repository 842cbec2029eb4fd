/**
 * A tariff object of OCPI 2.2.1 or 2.3.0 (mod_tariffs) after it has been read: everything that decides a price, in
 * whole numbers. Texts for people, links and the energy mix decide none and are not kept.
 */
import type { PriceBound, TariffDimension } from "#core/tariff/tariff-terms.ts";

export type OcpiVersion = "2.2.1" | "2.3.0";

export interface OcpiFault {
  readonly code: "OCPI_TARIFF_REFUSED";
  /** Where in the object, such as `elements[1].restrictions.max_power`; empty for the whole. */
  readonly path: string;
  readonly reason: string;
}

export interface OcpiTariff {
  readonly version: OcpiVersion;
  readonly id: string;
  readonly currency: string;
  readonly currencyDigits: number;
  readonly taxIncluded: "no" | "yes" | "none";
  readonly elements: readonly OcpiElement[];
  readonly minPrice?: PriceBound;
  readonly maxPrice?: PriceBound;
  /** Unix seconds. */
  readonly validFrom?: number;
  readonly validTo?: number;
}

export interface OcpiElement {
  readonly components: readonly OcpiComponent[];
  readonly restrictions: OcpiRestrictions;
}

export interface OcpiComponent {
  readonly type: TariffDimension;
  readonly microPrice: number;
  readonly taxPpm: number;
  /** Wh, seconds, or 0 for FLAT. */
  readonly stepSize: number;
}

export interface OcpiRestrictions {
  /** Minutes since midnight on the clock of the place; the end may be 1440, and may be before the start. */
  readonly startMinute?: number;
  readonly endMinute?: number;
  /** Days since 1970-01-01; the last is not included. */
  readonly startDay?: number;
  readonly endDay?: number;
  /** 0 is Monday. */
  readonly weekdays?: ReadonlySet<number>;
  readonly minMilliWh?: number;
  readonly maxMilliWh?: number;
  readonly minMilliA?: number;
  readonly maxMilliA?: number;
  readonly minW?: number;
  readonly maxW?: number;
  readonly minSeconds?: number;
  readonly maxSeconds?: number;
  readonly reservation?: "RESERVATION" | "RESERVATION_EXPIRES";
}

export function refused(path: string, reason: string): OcpiFault {
  return { code: "OCPI_TARIFF_REFUSED", path, reason };
}
