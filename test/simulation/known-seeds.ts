/** Seeds that once broke an invariant, and what was wrong. They run first. */
export const KNOWN_SEEDS: readonly { readonly seed: number; readonly was: string }[] = [
  { seed: 31, was: "a vehicle that lost power after its promise never picked up the contract both had signed" },
  { seed: 50, was: "readings missed during an outage made the station's next report invalid for ever" },
  { seed: 36, was: "a vehicle whose handshake had timed out never began another" },
  { seed: 41, was: "a lost offer was not shown again before it was renewed" },
  { seed: 110, was: "after a restart the station offered again to a car that it had just charged" },
];
