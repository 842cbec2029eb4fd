/** Folders of gateways as an export finds them: a stored chain, and the gateway's own meter records beside it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openSafetyRegister, openSegmentLog } from "#adapters/flash-store/index.ts";
import { signOcmf } from "#adapters/crypto/sign-ocmf.ts";
import { toHex } from "#base/bytes.ts";
import type { Role } from "#core/session/facts.ts";
import { openFlash } from "#hal/linux/flash.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import { chargeReadings } from "#records/ocmf/charge-readings.ts";
import { writePayload } from "#records/ocmf/write-payload.ts";
import { encodeOcmfEntry } from "#services/ocmf-entry.ts";
import type { SealedCharge } from "./sealed-charge.ts";

/** What an operator writes for his CDRs. */
export const OPERATOR_FILE = `country_code = "DE"
party_id = "TLY"
[location]
id = "LOC1"
address = "Hafenstrasse 3"
city = "Bremen"
country = "DEU"
latitude = "53.079296"
longitude = "8.801694"
evse_uid = "E1"
evse_id = "DE*TLY*E1"
connector_id = "1"
connector_standard = "IEC_62196_T2"
connector_format = "SOCKET"
connector_power_type = "AC_3_PHASE"
`;

/** Puts records into a store of a gateway's flash, as the gateway itself would have. */
export async function storeRecords(home: string, store: string, records: readonly Uint8Array[]): Promise<void> {
  const folder = join(home, store);
  mkdirSync(folder, { recursive: true });
  const flash = await openFlash(folder);
  const { log } = await openSegmentLog(flash, { randomness: new SeededRandomness("salt"), segmentBytes: 16_384 });
  const { register } = await openSafetyRegister(flash);
  await register.write(Uint8Array.of(1));
  for (const record of records) await log.append(record);
  await log.close();
  await register.close();
  await flash.close();
}

/** The record that a gateway makes of its own side. */
export function ownEntry({ chain, address, station, vehicle }: SealedCharge, role: Role): Uint8Array {
  const transaction = chain.pending.transactions.get(toHex(address));
  const meter = { vendor: undefined, model: "m", serial: "123", firmware: undefined };
  const maker = { role, page: 1, meter, firmwareVersion: "0", timeState: "I" } as const;
  const readings = transaction === undefined ? undefined : chargeReadings(transaction, maker);
  if (readings === undefined) throw new Error("the charge has ended");
  const { signer } = role === "station" ? station : vehicle;
  return encodeOcmfEntry({ version: 1, address, page: 1, text: signOcmf(signer, writePayload(readings)) });
}
