/** A gateway's own signed meter records: the store on flash, and what each record says. The same for both roles. */
import { openSafetyRegister, openSegmentLog } from "#adapters/flash-store/index.ts";
import { signOcmf } from "#adapters/crypto/sign-ocmf.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import type { Transaction } from "#core/ledger/state.ts";
import type { Role } from "#core/session/facts.ts";
import type { MeterIdentity } from "#hal/ports/energy-meter.ts";
import { chargeReadings } from "#records/ocmf/charge-readings.ts";
import { writePayload, type OwnMeter, type TimeState } from "#records/ocmf/write-payload.ts";
import { OCMF_FOLDER } from "#services/ocmf-entry.ts";
import { OcmfService } from "#services/ocmf-service.ts";
import type { RoleParts } from "./assemble-gateway.ts";
import { FIRMWARE_VERSION } from "./firmware-version.ts";
import { meterMaker } from "./meter-maker.ts";

export interface OcmfRecords {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** @param meter asked when a charge has ended */
export async function assembleOcmf(parts: RoleParts, role: Role, meter: () => OwnMeter): Promise<OcmfRecords> {
  try {
    return await openRecords(parts, role, meter);
  } catch (failure) {
    // Without room for these records a gateway trades all the same: the facts that both sign stand in the ledger.
    const code = failure instanceof Error && "code" in failure ? String(failure.code) : undefined;
    if (code === undefined) throw failure;
    parts.emit("refused", { what: "own OCMF records", code, count: 1 });
    return { start: () => Promise.resolve(), stop: () => Promise.resolve() };
  }
}

/** A station's meter as a record names it. */
export function stationMeter(identity: MeterIdentity | undefined): OwnMeter {
  return {
    vendor: meterMaker(identity?.model ?? ""),
    model: identity?.product ?? identity?.model ?? "",
    serial: identity?.serialNumber ?? "",
    firmware: identity?.firmware ?? undefined,
  };
}

/** A car's battery management has no number that its gateway may know: what measures is the gateway with it. */
export function vehicleMeter(profile: string, did: Uint8Array): OwnMeter {
  return { vendor: undefined, model: profile, serial: shortDeviceId(did), firmware: undefined };
}

/** About 200 records. */
const SEGMENT_BYTES = 256 * 1024;

async function openRecords(parts: RoleParts, role: Role, meter: () => OwnMeter): Promise<OcmfRecords> {
  const { ledger, signer, did, randomness, emit } = parts;
  const folder = await parts.openFolder(OCMF_FOLDER);
  const { log, records, damages } = await openSegmentLog(folder, { randomness, segmentBytes: SEGMENT_BYTES });
  const { register } = await openSafetyRegister(folder);
  const makeRecord = (transaction: Transaction, page: number): string | undefined => {
    const timeState = timeStateOf(parts);
    const maker = { role, page, meter: meter(), firmwareVersion: FIRMWARE_VERSION, timeState };
    const readings = chargeReadings(transaction, maker);
    return readings === undefined ? undefined : signOcmf(signer, writePayload(readings));
  };
  const stored = records.map(({ bytes }) => bytes);
  const isDamaged = damages.length > 0;
  const service = new OcmfService({ ledger, log, stored, isDamaged, register, did, role, makeRecord, emit });
  return {
    start: () => service.start(),
    stop: async () => {
      await service.stop();
      await log.close();
      await register.close();
    },
  };
}

/** Nobody has certified a gateway's clock; and one before the newest blocks is known to be wrong. */
function timeStateOf({ ledger }: RoleParts): TimeState {
  return ledger.time.isDateKnown ? "I" : "U";
}
