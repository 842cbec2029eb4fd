/** What the parts of the image test share. */
import type { Card } from "./card.ts";
import type { Claims } from "./claims.ts";
import type { Garage } from "./garage.ts";
import type { LossyCard } from "./lossy-card.ts";
import type { GuestRole } from "./test-card.ts";

export interface TestBench {
  /** The card as an image, written to by the emulator. */
  readonly lossyCard: LossyCard;
  /** For everything that the run leaves. */
  readonly folder: string;
  readonly card: Card;
  readonly garage: Garage;
  readonly claims: Claims;
  /** Of the gateway in the guest. */
  readonly role: GuestRole;
  /** Port of 127.0.0.1 of the charger's broker, whichever of the two is in the guest. */
  readonly brokerPort: number;
  readonly linePort: number;
}
