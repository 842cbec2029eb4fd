/** What the tests write on a card: as its example says, but for what this garage has otherwise. */
export const TEST_CAR = "hyundai-kona";

/** The emulator's console is no Raspberry Pi, so there is no [board]; the line is the emulator's USB adapter. */
export function chargerCard(example: string): string {
  return example
    .replace('name = "charger-1"', 'name = "garage"')
    .replace('organisation = ""', 'organisation = "owner of the garage"');
}

/** The mistake that people make: a comma, and a meter that nobody makes. */
export function wrongCard(example: string): string {
  return example
    .replace('price_per_kwh = "0.35"', 'price_per_kwh = "0,35"')
    .replace('model = "eastron-sdm630"', 'model = "eastron-sdm999"');
}
