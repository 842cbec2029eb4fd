/** What the tests write on a card: as its example says, but for what this garage has otherwise. */
import { HOST_ADDRESS } from "./machine.ts";

export type GuestRole = "charger" | "vehicle";

export const TEST_CAR = "hyundai-kona";

/** Which card this is, by its example. @returns undefined for one that is neither's */
export function roleOfCard(example: string): GuestRole | undefined {
  const role = /^role = "(charger|vehicle)"/m.exec(example)?.[1];
  return role === "charger" || role === "vehicle" ? role : undefined;
}

/** The emulator's console is no Raspberry Pi, so there is no [board]; the line is the emulator's USB adapter. */
export function chargerCard(example: string): string {
  return example
    .replace('name = "charger-1"', 'name = "garage"')
    .replace('organisation = ""', 'organisation = "owner of the garage"');
}

/** Broker and OBD adapter are programs of this machine. */
export function vehicleCard(example: string, ports: { readonly broker: number; readonly adapter: number }): string {
  return example
    .replace('name = "car-1"', 'name = "car"')
    .replace('organisation = ""', 'organisation = "owner of the car"')
    .replace(/^url = "[^"]*"/m, `url = "mqtt://${HOST_ADDRESS}:${ports.broker}"`)
    .replace('profile = "auto"', `profile = "${TEST_CAR}"`)
    .replace(/^serial = .*$/m, `host = "${HOST_ADDRESS}"\ntcp_port = ${ports.adapter}`);
}

/** The mistake that people make: a comma, and a meter that nobody makes. */
export function wrongCard(example: string): string {
  return example
    .replace('price_per_kwh = "0.35"', 'price_per_kwh = "0,35"')
    .replace('model = "eastron-sdm630"', 'model = "eastron-sdm999"');
}
