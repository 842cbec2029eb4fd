/** `ca recover`: countersigns rotations of devices that have lost their key and not the one after it. */
import { resolve } from "node:path";
import { toHex } from "#base/bytes.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import { rotateBody } from "#core/identity/membership-facts.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape } from "#core/wire/schema.ts";
import { decodeSigned, encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { appendIssued, newestCertificates, readIssued } from "./issued-log.ts";
import { logPlace, openOffice } from "./office.ts";
import { nowSeconds } from "./office-time.ts";
import { readTally, replaceFile, tallyBytes } from "./tally-file.ts";

/** The file gets the office's signature in place of the lost key's; the new key's stays. */
export async function recoverKeys(given: CommandArguments, io: CommandIo): Promise<number> {
  const log = logPlace(given, io);
  const crypto = new NodeCryptography();
  const office = await openOffice(given, io);
  for (const word of given.words.slice(1)) {
    const path = resolve(io.cwd, word);
    const signed = decodeSigned(await readTally(path, "ROTATE"), 2);
    const read = signed.ok ? decodeShape(rotateBody, signed.value.payload) : undefined;
    if (!signed.ok || read?.ok !== true) throw new CommandError(EXIT.badData, `${path}: not a rotation`);
    const { network, device, publicKey, number, by } = read.value;
    if (by !== "authority") throw new CommandError(EXIT.usage, `${path}: this rotation does not ask for an office`);
    const message = toBeSigned(network, PURPOSE.ROTATE, signed.value.payload);
    const [, own = new Uint8Array()] = signed.value.signatures;
    if (!crypto.verify(publicKey, message, own)) {
      throw new CommandError(EXIT.badData, `${path}: the new key has not signed it`);
    }
    const { entries } = await readIssued(log);
    const place = { network: toHex(network), device: toHex(device) };
    const isKnown = newestCertificates(entries).some(
      (entry) => entry.network === place.network && entry.device === place.device,
    );
    if (!isKnown) throw new CommandError(EXIT.usage, `${path}: this office has never issued for that device`);
    await appendIssued(log, [{ kind: "recovery", at: nowSeconds(), ...place, number }]);
    const envelope = encodeSigned(signed.value.payload, [office.sign(message), own]);
    await replaceFile(path, tallyBytes("ROTATE", envelope));
    io.out(`${path}: key ${number} of ${shortDeviceId(device)} is countersigned`);
  }
  return EXIT.ok;
}
