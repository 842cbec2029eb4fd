/**
 * A region whose blocks become final and lie hours apart, with the charges of one gateway among those of others: what a
 * year brings, in little.
 */
import { VOTING_RULES, LedgerBuilder } from "./ledger-builder.ts";
import { sealAndCertify } from "./committee-votes.ts";
import { wordsPiece } from "./evidence-pieces.ts";
import { quickActor } from "./quick-actor.ts";
import type { ChargeBuilder } from "./charge-builder.ts";

export const VOTERS = ["one", "two", "three", "four"].map((name) => quickActor(`voter-${name}`, "station", name));
export const OWN_STATION = quickActor("station-own", "station", "north");
export const OWN_GUEST = quickActor("vehicle-guest", "vehicle", "south");
export const OTHER_STATION = quickActor("station-other", "station", "west");
export const OTHER_VEHICLE = quickActor("vehicle-other", "vehicle", "east");

/** Every so many blocks a charge at the station whose store it is, and one of others. */
const OWN_EVERY = 12;
const OTHER_EVERY = 3;

export class AgingRegion {
  readonly builder: LedgerBuilder;
  /** Charges of `OWN_STATION` that are over, and of others. */
  readonly own: ChargeBuilder[] = [];
  readonly others: ChargeBuilder[] = [];
  readonly #blockSeconds: number;

  /** @param hours from one block to the next */
  constructor(hours: number) {
    this.#blockSeconds = hours * 3600;
    const rules = { ...VOTING_RULES, epochCheckpoints: 16 };
    this.builder = new LedgerBuilder({ rules, authorities: VOTERS });
    this.builder.chain.believesSignatures = true;
    this.builder.join(OWN_STATION, OWN_GUEST, OTHER_STATION, OTHER_VEHICLE);
    sealAndCertify(this.builder, 1);
  }

  extend(blocks: number): void {
    for (let count = 0; count < blocks; count += 1) {
      const { serial } = this.builder.state;
      if (serial % OWN_EVERY === 3) this.own.push(this.#charge(OWN_STATION, OWN_GUEST));
      if (serial % OTHER_EVERY === 1) this.others.push(this.#charge(OTHER_STATION, OTHER_VEHICLE));
      sealAndCertify(this.builder, 1, this.builder.state.sealedAt + this.#blockSeconds);
    }
  }

  /** Somebody's vehicle signs two last words about a charge of others, and its station shows them. */
  lie(): ChargeBuilder {
    const charge = this.#charge(OTHER_STATION, OTHER_VEHICLE);
    this.extend(1);
    const words = [charge.complete("vehicle"), charge.complete("vehicle", { reason: "unplugged" })] as const;
    this.builder.submit(wordsPiece(this.builder.genesis.network, ...words, OTHER_STATION));
    return charge;
  }

  #charge(station: typeof OWN_STATION, vehicle: typeof OWN_GUEST): ChargeBuilder {
    const { serial, sealedAt } = this.builder.state;
    const salt = new Uint8Array(16).fill(serial & 255, 0, 8).fill(serial >> 8, 8);
    const charge = this.builder.charge({ station, vehicle }, { salt, startedAt: sealedAt });
    this.builder.submit(...charge.whole({ milliWh: 5_000_000, count: 4 }));
    return charge;
  }
}
