/**
 * Keeps the model of this car's losses: computed from the chain at the start and again after each charge of its own
 * that a block settles. Nothing is stored, so nothing can be lost or differ from what anybody else computes: the chain
 * is the memory.
 */
import { toHex } from "#base/bytes.ts";
import { lossModelHash, learnedBand, learnLoss, type LossModel } from "#core/comparison/learned-loss.ts";
import { SettledCharges } from "#core/comparison/settled-charges.ts";
import type { LossPpm } from "#core/contract/default-loss.ts";
import type { MeasuringPoint, Terms } from "#core/contract/terms.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { EmitEvent } from "./events.ts";
import type { LedgerService } from "./ledger-service.ts";

export interface LossLearningParts {
  readonly ledger: Pick<LedgerService, "chain" | "listen">;
  readonly did: Uint8Array;
  readonly crypto: Cryptography;
  readonly emit: EmitEvent;
}

/** As a want names it. */
export interface LearnedLoss {
  readonly lossPpm: LossPpm;
  readonly lossModel: Uint8Array;
}

export class LossLearning {
  readonly #parts: LossLearningParts;
  #learned: { readonly model: LossModel; readonly hash: Uint8Array } | undefined;

  constructor(parts: LossLearningParts) {
    this.#parts = parts;
  }

  start(): void {
    const { ledger, did } = this.#parts;
    const charges = new SettledCharges(ledger.chain, did);
    this.#learn(charges);
    ledger.listen({
      onFact: () => undefined,
      onBlock: () => undefined,
      onHead: (change) => {
        if (charges.follow(change)) this.#learn(charges);
      },
    });
  }

  get model(): LossModel | undefined {
    return this.#learned?.model;
  }

  /**
   * The band for a charge by this offer; undefined where the default is all there is, or where the station offers no
   * part of what was learned: a car that insisted would not be charged.
   */
  lossFor(offer: Terms, vehiclePoint: MeasuringPoint, powerMaxW: number): LearnedLoss | undefined {
    if (this.#learned === undefined) return undefined;
    const { model, hash } = this.#learned;
    const [stationPoint, offeredPoint] = offer.measuringPoints;
    const lossPpm = learnedBand(model, [stationPoint, vehiclePoint], Math.min(powerMaxW, offer.powerMaxW));
    if (lossPpm === undefined) return undefined;
    const isOffered = lossPpm[0] < offer.lossPpm[1] && lossPpm[1] > offer.lossPpm[0];
    return offeredPoint === vehiclePoint && !isOffered ? undefined : { lossPpm, lossModel: hash };
  }

  #learn(charges: SettledCharges): void {
    const { did, crypto, emit } = this.#parts;
    const model = learnLoss(did, charges.observations());
    const hash = model === undefined ? undefined : lossModelHash(crypto, model);
    const isNew = hash !== undefined && toHex(hash) !== toHex(this.#learned?.hash ?? new Uint8Array());
    this.#learned = model === undefined || hash === undefined ? undefined : { model, hash };
    if (model === undefined || hash === undefined || !isNew) return;
    emit("lossLearned", {
      model: toHex(hash),
      charges: model.bins.reduce((sum, bin) => sum + bin[6], 0),
      stations: Math.max(...model.bins.map((bin) => bin[5])),
      bands: model.bins.length,
    });
  }
}
