/** Worlds for the contract of the message bus, and devices that can log in to a real broker. */
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { startBroker, type Broker, type BrokerOptions, type BrokerRefusal } from "#adapters/mqtt/embedded-broker.ts";
import { deviceCredentials } from "#adapters/mqtt/device-credentials.ts";
import { connectMqttBus, type Credentials } from "#adapters/mqtt/mqtt-bus.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import { deviceIdOf, encodeInception, inceptionOf } from "#core/identity/device-id.ts";
import { LoginDesk, type LoginDevice, type LoginScope } from "#core/mesh/broker-login.ts";
import { SeededRandom, SeededRandomness } from "#hal/mock/seeded-random.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { ROOT, type BusWorld } from "#test/contract/message-bus.ts";
import { SimulatedBus, type BusFaults } from "#test/simulation/simulated-bus.ts";

const crypto = new NodeCryptography();

/** Reconnecting at once, so that a test does not wait. */
export const QUICK = { retryMinMs: 20, retryMaxMs: 100 } as const;

export const LOGIN_SCOPE: LoginScope = { network: fromHex(ROOT.network) ?? new Uint8Array(), brokerId: ROOT.site };

const devices = new Map<number, LoginDevice>();
const logins = new Map<number, Credentials>();

/** A vehicle whose keys follow from its number. */
export function deviceOf(number: number): LoginDevice {
  const known = devices.get(number);
  if (known !== undefined) return known;
  const randomness = new SeededRandomness(`device ${number}`);
  const signer = new NobleSigner(randomness.bytes(32));
  const next = new NobleSigner(randomness.bytes(32));
  const inception = encodeInception(inceptionOf(crypto, "vehicle", signer.publicKey, next.publicKey));
  const device = { deviceId: deviceIdOf(crypto, inception), inception, signer };
  devices.set(number, device);
  return device;
}

export function clientIdOf(number: number): string {
  return toHex(deviceOf(number).deviceId);
}

/** Logins of a device, each later than the one before, whoever asks for them. */
export function credentialsOf(number: number): Credentials {
  const known = logins.get(number);
  if (known !== undefined) return known;
  const credentials = deviceCredentials(LOGIN_SCOPE, deviceOf(number), new SystemClock());
  logins.set(number, credentials);
  return credentials;
}

/** An embedded broker on a free port that checks real logins and remembers what it refused. */
export async function startTestBroker(
  options: Partial<BrokerOptions> = {},
): Promise<{ readonly broker: Broker; readonly refusals: readonly BrokerRefusal[]; readonly url: string }> {
  const refusals: BrokerRefusal[] = [];
  const desk = new LoginDesk({ crypto }, LOGIN_SCOPE);
  const broker = await startBroker({
    host: "127.0.0.1",
    port: 0,
    root: ROOT,
    authenticate: (clientId, username, password) => desk.admit({ clientId, username, password }, Date.now()).ok,
    onRefusal: (refusal) => refusals.push(refusal),
    ...options,
  });
  return { broker, refusals, url: `mqtt://127.0.0.1:${broker.port}` };
}

export function simulatedWorld(
  seed: number,
  faults: Partial<BusFaults> = {},
): BusWorld & { readonly bus: SimulatedBus } {
  const clock = new SimulatedClock();
  const bus = new SimulatedBus({ clock, chance: new SeededRandom(seed) }, faults);
  return {
    bus,
    connect: bus.connect,
    clientId: clientIdOf,
    stopBroker: () => {
      bus.stopBroker();
      return Promise.resolve();
    },
    startBroker: () => {
      bus.startBroker();
      return Promise.resolve();
    },
    until: async (condition, atMostMs = 60_000) => {
      const endMs = clock.monotonicMs() + atMostMs;
      while (!condition() && clock.monotonicMs() < endMs) await clock.runFor(1);
      return condition();
    },
    close: () => Promise.resolve(),
    firstClientStays: true,
  };
}

export async function embeddedWorld(): Promise<BusWorld> {
  let { broker, url } = await startTestBroker();
  const { port } = broker;
  return {
    ...realTime(),
    connect: (clientId, filters, listener) => {
      const number = NUMBERS.find((each) => clientIdOf(each) === clientId) ?? 0;
      return connectMqttBus(url, credentialsOf(number), QUICK)(clientId, filters, listener);
    },
    stopBroker: () => broker.close(),
    startBroker: async () => {
      ({ broker, url } = await startTestBroker({ port }));
    },
    close: () => broker.close(),
    firstClientStays: true,
  };
}

/** The parts of a world in which time is real. */
export function realTime(): Pick<BusWorld, "clientId" | "until"> {
  return { clientId: clientIdOf, until: waitUntil };
}

export async function waitUntil(condition: () => boolean, atMostMs = 10_000): Promise<boolean> {
  const endMs = performance.now() + atMostMs;
  while (!condition() && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 5));
  return condition();
}

const NUMBERS = Array.from({ length: 16 }, (_, index) => index);
