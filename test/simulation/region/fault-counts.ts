/** What can go wrong in a simulated region, and how often it really did: a fault that never fired proves nothing. */

/** By name, in a word or two for the reader of the histogram. */
export const FAULT_KINDS = {
  loss: "a message did not come",
  delay: "a message took longer than a second",
  duplication: "a message came twice",
  reorder: "a message overtook another",
  corruption: "a message came damaged",
  clog: "messages to one client were held back and came all at once",
  deaf: "one client could speak and not hear",
  partition: "no message passed between two sites, either way",
  "one-way partition": "messages passed between two sites one way only",
  "parted message": "a message ended at a cut link",
  "broker crash": "a site's broker stopped, and forgot what it had retained",
  "broker restart": "a site's broker stopped, and kept what it had retained",
  "client takeover": "somebody else connected with a gateway's client id",
  outage: "a site was without backhaul for hours or days",
  roaming: "a car plugged in at another site than before",
  "clock offset": "a gateway's date was off",
  "clock drift": "a gateway's quartz was fast or slow",
  "clock jump": "a gateway's date was set while it ran",
  "clock lost": "a gateway no longer knew whether its date was right",
  kill: "a process was killed",
  "power cut": "a gateway lost power",
  "power cut at a write": "a gateway lost power during a write or a sync",
  "torn write": "a page held half of what was written when the power came back",
  "lost write": "a page held nothing of what was written when the power came back",
  "failed write": "a write or a sync failed",
  "bit rot": "a bit of what was stored turned over",
  "full flash": "a card had no room left",
  "slow flash": "a call to flash took long",
  "old image": "an image of the card of some hours ago was put back",
  "cloned card": "two gateways ran from copies of one card",
  "early unplug": "a driver pulled the plug in mid-charge",
  "lying station": "a station's meter showed more than had flowed",
  "lying vehicle": "a car said that it had received less than it had",
  "low price limit": "a car would sign no price as high as the station's",
  "two blocks in a slot": "a miner sealed twice in one slot, for different ears",
  "out of turn": "somebody sealed when it was not its turn",
  "withheld facts": "a side kept its reports and completions to itself",
  "invented fact": "somebody published a fact about a contract that there is not",
  "double vote": "a voter signed votes that contradict each other",
} as const;

export type FaultKind = keyof typeof FAULT_KINDS;
export const FAULT_KIND_NAMES = Object.keys(FAULT_KINDS) as readonly FaultKind[];

export class FaultCounts {
  readonly #counts = new Map<FaultKind, number>();

  count(kind: FaultKind, times = 1): void {
    this.#counts.set(kind, this.get(kind) + times);
  }

  get(kind: FaultKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  addAll(other: FaultCounts): void {
    for (const kind of FAULT_KIND_NAMES) if (other.get(kind) > 0) this.count(kind, other.get(kind));
  }

  /** Kinds that never happened, of those that were to. */
  missing(wanted: readonly FaultKind[] = FAULT_KIND_NAMES): readonly FaultKind[] {
    return wanted.filter((kind) => this.get(kind) === 0);
  }
}
