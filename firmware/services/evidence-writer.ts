/** Makes records of closed intervals and has them kept, as long as the card takes them. */
import type { ClosedInterval } from "#core/metering/battery-evidence.ts";
import { recordedEstimates } from "#core/metering/battery-record.ts";
import type { BatteryStatement } from "#core/metering/battery-statement.ts";
import type { VehicleLink } from "#hal/ports/vehicle-link.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import type { EmitEvent } from "./events.ts";

export interface EvidenceWriterParts {
  readonly vehicle: Pick<VehicleLink, "identify">;
  readonly evidence: Pick<EvidenceStore, "keep">;
  readonly emit: EmitEvent;
}

/** The charge to which an interval belongs. */
export interface IntervalPlace {
  readonly address: Uint8Array;
  readonly index: number;
  readonly statement: BatteryStatement;
  readonly powerMaxW: number | null;
}

export class EvidenceWriter {
  readonly #parts: EvidenceWriterParts;
  #profile: string | undefined;
  #canKeep = true;

  constructor(parts: EvidenceWriterParts) {
    this.#parts = parts;
  }

  /** Evidence is worth having; but a car charges, and pays, without it: what the card refuses is told, once. */
  async write(interval: ClosedInterval, { address, index, statement, powerMaxW }: IntervalPlace): Promise<void> {
    if (!this.#canKeep) return;
    const { estimates, fromWallMs, ...rest } = interval;
    const kept = this.#parts.evidence.keep({
      version: 1,
      ...{ address, index, profile: await this.#profileName(), powerMaxW, ...rest },
      fromWallMs: Math.max(0, Math.round(fromWallMs)),
      interval: recordedEstimates(estimates),
      charge: recordedEstimates(statement.estimates),
      signedMilliWh: statement.signed.energyMilliWh,
      gaps: statement.gaps.count,
      gapsBridged: statement.gaps.bridged,
      isInconsistent: statement.isInconsistent,
    });
    await kept.catch((failure: unknown) => {
      this.#canKeep = false;
      const code = failure instanceof Error && "code" in failure ? String(failure.code) : "FLASH_IO";
      this.#parts.emit("refused", { what: "evidence", code, count: 1 });
    });
  }

  async #profileName(): Promise<string> {
    if (this.#profile === undefined) {
      const identity = await this.#parts.vehicle.identify();
      if (identity.ok) this.#profile = identity.value.profile.replaceAll(/[^ -~]/g, "?").slice(0, PROFILE_BYTES_MAX);
    }
    return this.#profile ?? "";
  }
}

/** As much as a record takes. */
const PROFILE_BYTES_MAX = 64;
