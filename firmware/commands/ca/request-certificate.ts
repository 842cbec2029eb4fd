/** `ca request`: what a device asks an office for, signed with its key. */
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { toHex } from "#base/bytes.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { loadKeyFile } from "#adapters/keys/key-file.ts";
import { DEVICE_ROLE_OF, type GatewayConfig } from "#config/gateway-config.ts";
import { deviceIdOf, encodeInception, inceptionOf, shortDeviceId } from "#core/identity/device-id.ts";
import { encodeEnrolment } from "#core/identity/enrolment.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { placesInUse } from "../../pseudonym-places.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { readConfigFile } from "../config-file.ts";
import { EXIT } from "../exit-code.ts";
import { replaceFile, REQUEST_NAME, tallyBytes } from "./tally-file.ts";

export async function requestCertificate(given: CommandArguments, io: CommandIo): Promise<number> {
  const { config, home } = await readConfigFile(io.cwd, given.required("config"));
  const place = await placesInUse(config, home);
  const { bytes, deviceId, network } = await makeRequest(config, place.key, place.genesis);
  const out = given.text("out");
  const path = out === undefined ? join(dirname(place.key), REQUEST_NAME) : resolve(io.cwd, out);
  await replaceFile(path, bytes);
  const device = shortDeviceId(deviceId);
  if (given.flag("json")) {
    io.out(JSON.stringify({ file: path, device, did: toHex(deviceId), network: toHex(network) }));
    return EXIT.ok;
  }
  io.out(`${path}: asks for a certificate of device ${device} in network ${toHex(network)}`);
  io.out(`Give it to the office: tallystick ca issue ${REQUEST_NAME}`);
  return EXIT.ok;
}

export interface MadeRequest {
  /** What goes into `enrol.tally`. */
  readonly bytes: Uint8Array;
  readonly deviceId: Uint8Array;
  readonly network: Uint8Array;
}

/** The request of the gateway with this configuration; paths are absolute. */
export async function makeRequest(
  { role, organisation }: Pick<GatewayConfig, "role" | "organisation">,
  keyPath: string,
  genesisPath: string,
): Promise<MadeRequest> {
  const crypto = new NodeCryptography();
  const keys = await loadKeyFile(keyPath);
  if (keys.rotated !== undefined) {
    const advice = "this device has rotated its key and is enrolled: the office renews it (tallystick ca renew)";
    throw new CommandError(EXIT.usage, advice);
  }
  const genesis = decodeGenesis(crypto, new Uint8Array(await readFile(genesisPath)));
  if (!genesis.ok) throw new CommandError(EXIT.badData, `${genesisPath}: not a genesis (${genesis.fault.code})`);
  const signer = new NobleSigner(keys.signing.reveal());
  const next = new NobleSigner(keys.next.reveal());
  const inception = encodeInception(inceptionOf(crypto, DEVICE_ROLE_OF[role], signer.publicKey, next.publicKey));
  const { network } = genesis.value;
  const envelope = encodeEnrolment({ version: 1, network, inception, organisation }, signer);
  return { bytes: tallyBytes("ENROL", envelope), deviceId: deviceIdOf(crypto, inception), network };
}
