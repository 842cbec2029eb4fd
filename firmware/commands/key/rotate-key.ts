/** `key rotate`: the promised key takes over. */
import { readFile } from "node:fs/promises";
import { toHex } from "#base/bytes.ts";
import { askGateway } from "#adapters/control/control-client.ts";
import { ControlError } from "#adapters/control/control-error.ts";
import type { ControlAnswer } from "#adapters/control/control-message.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { loadKeyFile, rotateKeyFile } from "#adapters/keys/key-file.ts";
import { DEVICE_ROLE_OF } from "#config/gateway-config.ts";
import { SIGNATURE_BYTES } from "#core/identity/cryptography.ts";
import { deviceIdOf, shortDeviceId } from "#core/identity/device-id.ts";
import { rotateBody } from "#core/identity/membership-facts.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import type { RotatedSigners } from "#services/membership-service.ts";
import type { GatewayPlaces } from "../../gateway-places.ts";
import { placesInUse } from "../../pseudonym-places.ts";
import { inceptionOfKeys, recoveryPlace, rotatedSigners } from "../../membership-files.ts";
import { replaceFile, tallyBytes } from "../ca/tally-file.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { readConfigFile } from "../config-file.ts";
import { EXIT } from "../exit-code.ts";
import { storedKeyNumber } from "./stored-key-number.ts";

/** Of the identity in use, where a vehicle has several. */
export async function rotateKey(given: CommandArguments, io: CommandIo): Promise<number> {
  const { config, home } = await readConfigFile(io.cwd, given.required("config"));
  const places = await placesInUse(config, home);
  const crypto = new NodeCryptography();
  const keys = await loadKeyFile(places.key);
  const inception = inceptionOfKeys(crypto, DEVICE_ROLE_OF[config.role], keys);
  const deviceId = deviceIdOf(crypto, inception);
  const status = await askRunning(places, { command: "status" });
  const told = keys.rotated?.number ?? 0;
  const running = status?.ok === true ? status["sealedKeyNumber"] : undefined;
  const known = typeof running === "number" ? running : told > 0 ? await storedKeyNumber(crypto, places, deviceId) : 0;
  // The key before the last would be gone, and with it every proof that the device is the same.
  if (known < told) {
    throw new CommandError(EXIT.temporary, `key ${told} is in no block yet; let the gateway run, then try again`);
  }
  const rotated = await rotateKeyFile(places.key, inception, new SystemRandomness());
  const number = told + 1;
  const signers = rotatedSigners(crypto, rotated);
  if (given.flag("lost") && signers !== undefined)
    await askOffice(places, await networkOf(crypto, places), { deviceId, signers });
  const published = given.flag("lost") ? undefined : await askRunning(places, { command: "membership" });
  const isPublished = published?.ok === true && published["keyNumber"] === number;
  if (given.flag("json")) {
    io.out(JSON.stringify({ device: toHex(deviceId), number, published: isPublished }));
    return EXIT.ok;
  }
  io.out(`key ${number} of ${shortDeviceId(deviceId)} is in ${places.key}; keep a new copy of it`);
  if (given.flag("lost"))
    io.out(`${recoveryPlace(places.key)}: have it countersigned with tallystick ca recover, then start`);
  else io.out(isPublished ? "the running gateway has published it" : "the gateway publishes it when it runs");
  return EXIT.ok;
}

/** Undefined where none runs. */
async function askRunning(
  { state }: GatewayPlaces,
  request: Readonly<Record<string, unknown>>,
): Promise<ControlAnswer | undefined> {
  return await askGateway(state, request).catch((error: unknown) => {
    if (error instanceof ControlError && error.code === "CONTROL_NOT_RUNNING") return undefined;
    throw error;
  });
}

async function networkOf(crypto: NodeCryptography, { genesis }: GatewayPlaces): Promise<Uint8Array> {
  const read = decodeGenesis(crypto, new Uint8Array(await readFile(genesis)));
  if (read.ok) return read.value.network;
  throw new CommandError(EXIT.badData, `${genesis}: not a genesis (${read.fault.code})`);
}

interface Asking {
  readonly deviceId: Uint8Array;
  readonly signers: RotatedSigners;
}

/** A rotation that lacks the office's signature: zeros stand in its place. */
async function askOffice({ key }: GatewayPlaces, network: Uint8Array, { deviceId, signers }: Asking): Promise<void> {
  const { number, current, nextKeyDigest } = signers;
  const body = {
    network,
    device: deviceId,
    number,
    publicKey: current.publicKey,
    nextKeyDigest,
    by: "authority",
  } as const;
  const payload = encodeShape(rotateBody, body);
  const own = current.sign(toBeSigned(network, PURPOSE.ROTATE, payload));
  const envelope = encodeSigned(payload, [new Uint8Array(SIGNATURE_BYTES), own]);
  await replaceFile(recoveryPlace(key), tallyBytes("ROTATE", envelope));
}
