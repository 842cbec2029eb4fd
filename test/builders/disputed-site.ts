/**
 * The folders of a charger, a vehicle and an arbiter whose region already has disputed charges: real keys, real
 * configurations, and the facts on the charger's flash as if it had run before. Devices are named that nobody answers
 * at.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { loadKeyFile } from "#adapters/keys/key-file.ts";
import { openSegmentLog } from "#adapters/flash-store/index.ts";
import { toHex } from "#base/bytes.ts";
import { deviceIdOf, encodeInception, inceptionOf, type DeviceRole } from "#core/identity/device-id.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { makeGenesis, type Genesis } from "#core/ledger/genesis.ts";
import { factRecord, genesisRecord } from "#core/ledger/journal.ts";
import { HARDENED_RULES } from "#core/ledger/rules.ts";
import { CONFIG_NAME, configText } from "#firmware/commands/config-text.ts";
import { makeGatewayFolder, type NewIdentity } from "#firmware/commands/gateway-folder.ts";
import { openFlash } from "#hal/linux/flash.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import { freePort } from "./free-port.ts";
import { ChargeBuilder } from "./charge-builder.ts";
import { inletTerms } from "./charge-facts.ts";
import { crypto, joinFact, type Actor } from "./ledger-actors.ts";

export interface DisputedSite {
  readonly root: string;
  /** Paths of the configurations. */
  readonly configs: Readonly<Record<DeviceRole, string>>;
  readonly dids: Readonly<Record<DeviceRole, string>>;
  /** Addresses of the charges, in each of which half of 20 kWh is contested; the last one names no arbiter. */
  readonly charges: readonly string[];
}

const GRACE_SECONDS = 600;
const DURATION_SECONDS = 7200;
/** Of a world at the machine's own pace: whether the machine has a time server must not decide what the test sees. */
const OWN_TIME = "\n[bench]\nspeed = 1\nreal_epoch_ms = 0\nworld_epoch_ms = 0\n";
const NOWHERE = { kind: "tcp", host: "127.0.0.1", port: 1 } as const;

function placesIn(folder: string): { readonly configPath: string; readonly state: string } {
  return { configPath: join(folder, CONFIG_NAME), state: folder };
}

export async function makeDisputedSite(): Promise<DisputedSite> {
  const root = mkdtempSync(join(tmpdir(), "disputed-site-"));
  const brokerPort = await freePort();
  const brokerUrl = `mqtt://127.0.0.1:${brokerPort}`;
  const base = { organisation: "", site: "site-1" };
  const tools = { crypto, randomness: new SystemRandomness() };
  const charger = await makeGatewayFolder(
    {
      ...placesIn(join(root, "charger")),
      role: "station",
      config:
        configText({
          ...{ ...base, role: "charger", name: "charger", currency: "EUR", pricePerKwh: "0.45", brokerPort },
          meter: { model: "eastron-sdm630", line: NOWHERE, unit: 1 },
          chargePoint: { driver: "simple-evse-wb", unit: 2, line: NOWHERE },
        }).replace('host = "0.0.0.0"', 'host = "127.0.0.1"') + OWN_TIME,
      genesisFor: quickRegion,
    },
    tools,
  );
  const { genesis } = charger;
  const genesisFor = (): Genesis => genesis;
  const car = { profile: "hyundai-kona", start: "asked", line: NOWHERE } as const;
  const vehicleConfig = configText({ ...base, role: "vehicle", name: "car", brokerUrl, ...car });
  await makeGatewayFolder(
    { ...placesIn(join(root, "vehicle")), role: "vehicle", config: vehicleConfig + OWN_TIME, genesisFor },
    tools,
  );
  const arbiterConfig = configText({ ...base, role: "arbiter", name: "court", brokerUrl });
  await makeGatewayFolder(
    { ...placesIn(join(root, "arbiter")), role: "arbiter", config: arbiterConfig + OWN_TIME, genesisFor },
    tools,
  );
  const actors = {
    station: await actorOf(join(root, "charger"), "station"),
    vehicle: await actorOf(join(root, "vehicle"), "vehicle"),
    arbiter: await actorOf(join(root, "arbiter"), "arbiter"),
  };
  const charges = [1, 2, 3].map((number) => disputedCharge(genesis, actors, number));
  await storeFacts(join(root, "charger"), genesis, [
    ...Object.values(actors).map((actor) => joinFact(genesis.network, actor)),
    ...charges.flatMap((charge) => charge.whole({ milliWh: 20_000_000, vehicleShare: 0.5 })),
  ]);
  return {
    root,
    configs: {
      station: join(root, "charger", "tallystick.toml"),
      vehicle: join(root, "vehicle", "tallystick.toml"),
      arbiter: join(root, "arbiter", "tallystick.toml"),
    },
    dids: {
      station: toHex(actors.station.did),
      vehicle: toHex(actors.vehicle.did),
      arbiter: toHex(actors.arbiter.did),
    },
    charges: charges.map(({ address }) => toHex(address)),
  };
}

/** A block each second, so that a test need not wait; it began a while ago, and the charges with it. */
function quickRegion({ inception }: NewIdentity): Genesis {
  const startedAt = Math.floor(Date.now() / 1000) - DURATION_SECONDS;
  const rules = { ...HARDENED_RULES, blockSeconds: 1, slotSeconds: 1, heartbeatBlocks: 10_000 };
  return makeGenesis(crypto, { version: 1, name: "disputed", startedAt, rules, authorities: [[inception, ""]] });
}

function disputedCharge(genesis: Genesis, actors: Readonly<Record<DeviceRole, Actor>>, number: number): ChargeBuilder {
  const arbiter = number === 3 ? null : actors.arbiter.did;
  const terms = inletTerms({ graceSeconds: GRACE_SECONDS, durationMaxSeconds: DURATION_SECONDS, arbiter });
  const startedAt = genesis.body.startedAt + 60 * number;
  return new ChargeBuilder(genesis, actors, { terms, startedAt, notAfter: startedAt + DURATION_SECONDS });
}

async function actorOf(folder: string, role: DeviceRole): Promise<Actor> {
  const keys = await loadKeyFile(join(folder, "gateway.key"));
  const signer = new NobleSigner(keys.signing.reveal());
  const nextKey = new NobleSigner(keys.next.reveal()).publicKey;
  const inception = encodeInception(inceptionOf(crypto, role, signer.publicKey, nextKey));
  return { name: role, role, signer, inception, did: deviceIdOf(crypto, inception), organisation: "" };
}

async function storeFacts(folder: string, genesis: Genesis, facts: readonly Fact[]): Promise<void> {
  const flash = await openFlash(join(folder, "flash", "ledger"));
  const { log } = await openSegmentLog(flash, { randomness: new SystemRandomness() });
  for (const record of [genesisRecord(genesis), ...facts.map(factRecord)]) await log.append(record);
  await log.close();
  await flash.close();
}
