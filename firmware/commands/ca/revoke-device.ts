/** `ca revoke`: the fact that ends what a device may do, as a file for any gateway of its region. */
import { resolve } from "node:path";
import { fromHex } from "#base/bytes.ts";
import { shortDeviceId, topicDeviceId } from "#core/identity/device-id.ts";
import { revokeBody, type RevokeBody } from "#core/identity/membership-facts.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { utcText } from "#records/quantity-text.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { findDevices } from "./issued-certificates.ts";
import { appendIssued, newestCertificates, readIssued } from "./issued-log.ts";
import { logPlace, openOffice } from "./office.ts";
import { fromSeconds, nowSeconds } from "./office-time.ts";
import { replaceFile, tallyBytes } from "./tally-file.ts";

const REASONS = ["stolen", "key-lost", "retired", "misconduct", "other"] as const;

export async function revokeDevice(given: CommandArguments, io: CommandIo): Promise<number> {
  const log = logPlace(given, io);
  const { entries } = await readIssued(log);
  const reason = given.oneOf("reason", REASONS) ?? "other";
  const from = fromSeconds(given);
  const [device = ""] = findDevices(entries, given.words.slice(1));
  const deviceId = fromHex(device) ?? new Uint8Array();
  const networks = newestCertificates(entries).filter((entry) => entry.device === device);
  const [only] = networks;
  if (only === undefined || networks.length > 1)
    throw new CommandError(EXIT.usage, "the device is in several networks");
  const network = fromHex(only.network) ?? new Uint8Array();
  const office = await openOffice(given, io);
  const body: RevokeBody = { network, device: deviceId, reason, from };
  const payload = encodeShape(revokeBody, body);
  const envelope = encodeSigned(payload, [office.sign(toBeSigned(network, PURPOSE.REVOKE, payload))]);
  await appendIssued(log, [{ kind: "revocation", at: nowSeconds(), network: only.network, device, reason, from }]);
  const path = resolve(io.cwd, given.text("out") ?? `${topicDeviceId(deviceId)}.revoke.tally`);
  await replaceFile(path, tallyBytes("REVOKE", envelope));
  if (given.flag("json")) {
    io.out(JSON.stringify({ file: path, device, network: only.network, reason, from }));
    return EXIT.ok;
  }
  io.out(`${path}: ${shortDeviceId(deviceId)} is out from ${utcText(from)} (${reason})`);
  io.out("Give it to any gateway of the region: tallystick submit FILE --config tallystick.toml");
  return EXIT.ok;
}
