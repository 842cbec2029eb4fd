/**
 * The composition root on Linux: from a configuration and a folder to a running gateway. Says which parts are plugged
 * into the ports, and decides nothing that a part could decide.
 */
import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { ThreadVerifier } from "#adapters/crypto/thread-verifier.ts";
import { loadKeyFile } from "#adapters/keys/key-file.ts";
import { startBroker, type Broker } from "#adapters/mqtt/embedded-broker.ts";
import { firstLoginName } from "#config/broker-config.ts";
import { DEVICE_ROLE_OF, type GatewayConfig } from "#config/gateway-config.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { LoginDesk } from "#core/mesh/broker-login.ts";
import { meshRoot } from "#core/mesh/topics.ts";
import { openFlash } from "#hal/linux/flash.ts";
import { PendingCalls } from "#hal/linux/pending-calls.ts";
import { SettableClockState } from "#hal/mock/settable-clock-state.ts";
import { openClockState } from "#hal/linux/time/open-clock-state.ts";
import { ScaledClock } from "#hal/linux/scaled-clock.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Flash } from "#hal/ports/flash.ts";
import type { EmitEvent } from "#services/events.ts";
import { assembleArbiter } from "./assemble-arbiter.ts";
import {
  assembleGateway,
  type Gateway,
  type GatewayPorts,
  type RoleParts,
  type RoleService,
} from "./assemble-gateway.ts";
import { composeBoard, type BoxPanel } from "./compose-board.ts";
import { composeCharger } from "./compose-charger.ts";
import { composeVehicle } from "./compose-vehicle.ts";
import { configuredBoard } from "./configured-board.ts";
import { configuredBrokers } from "./configured-brokers.ts";
import { GatewayError } from "./gateway-error.ts";
import { LoginKeys } from "./login-keys.ts";
import { readGenesis } from "./read-genesis.ts";
import { inceptionOfKeys, membershipFiles } from "./membership-files.ts";
import { gatewayPlaces, type GatewayPlaces } from "./gateway-places.ts";
import { choosePseudonym, type RunningPseudonym } from "./pseudonym-turns.ts";
import type { GatewayEventEmitter } from "./gateway-events.ts";

export type { Gateway } from "./assemble-gateway.ts";

export interface StartedGateway extends Omit<Gateway, "stop"> {
  /** How long the oldest call to flash has been waited for, in milliseconds; 0 when none is. */
  readonly flashDelayMs: () => number;
  /** Of a vehicle that is known by one identity after the other; undefined where there is one for ever. */
  readonly pseudonym: RunningPseudonym | undefined;
  /** After a failure the box says so, for some seconds. */
  stop(why?: "failed"): Promise<void>;
}

/**
 * Starts the gateway whose files are in `home`. Rejects with a coded error when something of it cannot be had.
 *
 * @param leftAt when it has left an identity to go on with another: the date as it was known then, unix seconds
 */
export async function startGateway(
  config: GatewayConfig,
  home: string,
  events: GatewayEventEmitter,
  leftAt?: number,
): Promise<StartedGateway> {
  const clocks = await clocksOf(config);
  const flashCalls = new PendingCalls(clocks.deviceClock);
  const panel = await openPanel(config, clocks.deviceClock, events);
  try {
    const gateway = await startParts(config, home, { ...clocks, flashCalls, leftAt }, events.tell);
    await panel.serve({
      endCharge: gateway.role.endCharge,
      isClockKnown: () => gateway.ledger.time.isDateKnown,
    });
    return {
      ...gateway,
      flashDelayMs: () => flashCalls.oldestMs,
      stop: async (why) => {
        if (why === "failed") panel.fail();
        await gateway.stop().finally(() => panel.close());
      },
    };
  } catch (error) {
    panel.fail();
    await panel.close();
    throw error;
  }
}

async function openPanel(config: GatewayConfig, clock: Clock, events: GatewayEventEmitter): Promise<BoxPanel> {
  const served = configuredBoard(config);
  if (!served.ok) {
    const { path, found, expected } = served.fault;
    throw new GatewayError("CONFIG_INVALID", `${path}: found ${found}, expected ${expected}`);
  }
  const role = config.role === "charger" ? "station" : "vehicle";
  const panel = await composeBoard(served.value, { role, clock, emit: events.tell });
  events.listen(panel.take);
  return panel;
}

interface MachineParts extends Clocks {
  readonly flashCalls: PendingCalls;
  readonly leftAt: number | undefined;
}

type RunningParts = Gateway & Pick<StartedGateway, "pseudonym">;

async function startParts(
  config: GatewayConfig,
  home: string,
  of: MachineParts,
  emit: EmitEvent,
): Promise<RunningParts> {
  const { deviceClock, flashCalls, leftAt, ...clocks } = of;
  const crypto = new NodeCryptography();
  const genesis = await readGenesis(crypto, gatewayPlaces(config, home).genesis);
  const openFlashAt = (path: string): Promise<Flash> => openFlash(path, flashCalls);
  const chosen = await choosePseudonym(
    { ...{ config, home, crypto, genesis, emit }, randomness: new SystemRandomness(), openFlash: openFlashAt },
    leftAt ?? knownSeconds(clocks),
  );
  const identity = await readIdentity(config, chosen.places, { crypto, genesis });
  const base = { ...identity, ...clocks, root: meshRoot(identity.genesis.network, config.region.site), emit };
  const broker = await startOwnBroker(config, base);
  const place = { config, home, ownPort: broker?.port };
  const ports: GatewayPorts = {
    ...base,
    name: config.name,
    organisation: config.organisation,
    randomness: new SystemRandomness(),
    connect: await configuredBrokers(place, { ...base, network: base.genesis.network }),
    openFolder: (name) => openFolder(chosen.places.flash, name, flashCalls),
    keepDays: config.keep_days === "all" ? undefined : config.keep_days,
    openVerifier: () => new ThreadVerifier(identity.crypto),
  };
  try {
    const gateway = await assembleGateway(ports, (parts) => composeRole(config, home, deviceClock, parts));
    const pseudonym = chosen.watch(gateway);
    return {
      ...gateway,
      pseudonym,
      stop: async () => {
        pseudonym?.stop();
        await gateway.stop();
        await broker?.close();
      },
    };
  } catch (error) {
    await broker?.close();
    throw error;
  }
}

function composeRole(config: GatewayConfig, home: string, deviceClock: Clock, parts: RoleParts): Promise<RoleService> {
  switch (config.role) {
    case "charger":
      return composeCharger(config, home, deviceClock, parts);
    case "vehicle":
      return composeVehicle(config, home, deviceClock, parts);
    case "arbiter":
      return Promise.resolve(assembleArbiter());
  }
}

/** A folder that an older firmware did not have yet is made; the ledger's own never is: its card may not be mounted. */
async function openFolder(flash: string, name: string, calls: PendingCalls): Promise<Flash> {
  const path = join(flash, name);
  if (name !== "ledger") {
    await mkdir(path).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    });
  }
  return openFlash(path, calls);
}

interface Clocks extends Pick<GatewayPorts, "clock" | "clockState" | "toMonotonicMs"> {
  /** The machine's time: a device answers in so many real milliseconds, however fast the bench's world runs. */
  readonly deviceClock: Clock;
}

async function clocksOf({ bench }: GatewayConfig): Promise<Clocks> {
  const deviceClock = new SystemClock();
  if (bench === undefined) {
    const clockState = await openClockState(deviceClock);
    return { clock: deviceClock, clockState, deviceClock, toMonotonicMs: (stampMs) => stampMs };
  }
  const { speed, real_epoch_ms: realEpochMs, world_epoch_ms: worldEpochMs } = bench;
  const clock = new ScaledClock({ realEpochMs, worldEpochMs, speed }, deviceClock);
  const toMonotonicMs = (stampMs: number): number =>
    clock.monotonicMs() - (deviceClock.monotonicMs() - stampMs) * speed;
  // The gateways of a bench share the origin of their time, whatever the machine's own is worth.
  return { clock, clockState: new SettableClockState(clock), deviceClock, toMonotonicMs };
}

/** Unix seconds; undefined where nothing outside has set the clock yet. */
function knownSeconds({ clock, clockState }: Pick<Clocks, "clock" | "clockState">): number | undefined {
  return clockState.look().kind === "synced" ? Math.floor(clock.wallMs() / 1000) : undefined;
}

interface Identity extends Pick<
  GatewayPorts,
  "crypto" | "signer" | "inception" | "did" | "genesis" | "membershipFiles" | "onChain"
> {
  readonly logins: LoginKeys;
}

async function readIdentity(
  config: GatewayConfig,
  places: GatewayPlaces,
  { crypto, genesis }: Pick<Identity, "crypto" | "genesis">,
): Promise<Identity> {
  const keys = await loadKeyFile(places.key);
  const signer = new NobleSigner(keys.signing.reveal());
  const inception = inceptionOfKeys(crypto, DEVICE_ROLE_OF[config.role], keys);
  const did = deviceIdOf(crypto, inception);
  const before = keys.rotated === undefined ? [] : [new NobleSigner(keys.rotated.before.reveal())];
  const logins = new LoginKeys(did, [signer, ...before]);
  return {
    ...{ crypto, signer, inception, did, genesis, logins },
    membershipFiles: membershipFiles(crypto, places.key, ({ current, before: old }) => {
      logins.replace([current, old]);
    }),
    onChain: (chain) => {
      logins.follow(chain);
    },
  };
}

type Network = Identity & Pick<GatewayPorts, "clock" | "root" | "emit">;

async function startOwnBroker(config: GatewayConfig, network: Network): Promise<Broker | undefined> {
  const { embedded } = config.broker;
  if (embedded === undefined) return undefined;
  const currentKey = network.logins.currentKeyOf;
  const scope = { network: network.genesis.network, brokerId: firstLoginName(config.broker, network.root.site) };
  const desk = new LoginDesk({ crypto: network.crypto, currentKey }, scope);
  return startBroker({
    ...embedded,
    root: network.root,
    authenticate: (clientId, username, password) =>
      desk.admit({ clientId, username, password }, network.clock.wallMs()).ok,
    onRefusal: ({ code }) => {
      network.emit("refused", { what: "broker", code, count: 1 });
    },
  });
}
