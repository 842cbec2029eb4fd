/** The gateway's connections to its brokers, from its configuration: addresses, certificates, logins. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { connectMqttBus, type Credentials } from "#adapters/mqtt/mqtt-bus.ts";
import { firstLoginName, secondLoginName, type BrokerAddress } from "#config/broker-config.ts";
import type { GatewayConfig } from "#config/gateway-config.ts";
import { signLogin } from "#core/mesh/broker-login.ts";
import type { BrokerLine } from "#core/mesh/message-bus.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { EmitEvent } from "#services/events.ts";
import { brokerTls } from "./broker-tls.ts";
import { GatewayError } from "./gateway-error.ts";
import type { LoginKeys } from "./login-keys.ts";
import { tellBusFaults } from "./tell-bus-faults.ts";

/** Who logs in. */
export interface LoggingIn {
  readonly did: Uint8Array;
  readonly inception: Uint8Array;
  readonly network: Uint8Array;
  readonly logins: LoginKeys;
  readonly clock: Clock;
  readonly emit: EmitEvent;
}

interface Place {
  readonly config: GatewayConfig;
  readonly home: string;
  /** Of the gateway's own broker, where it runs one. */
  readonly ownPort: number | undefined;
}

/** Rejects with CONFIG_INVALID that names the key whose file cannot be read. */
export async function configuredBrokers(place: Place, who: LoggingIn): Promise<readonly BrokerLine[]> {
  const { broker, region } = place.config;
  const { second } = broker;
  const first = { ...broker, url: broker.url ?? `mqtt://127.0.0.1:${place.ownPort ?? 1883}` };
  const name = broker.url ?? "of this gateway";
  const others = second === undefined ? [] : [second];
  const of = (address: BrokerAddress, path: string, loginName: string | undefined): Promise<BrokerLine["connect"]> =>
    connectTo(address, { home: place.home, path, loginName, name: others.length === 0 ? undefined : address.url }, who);
  const lines = [{ name, connect: await of(first, "broker", firstLoginName(broker, region.site)) }];
  for (const other of others) {
    const connect = await of(other, "broker.second", secondLoginName(other, region.site));
    lines.push({ name: other.url ?? "", connect, ...(other.site === undefined ? {} : { site: other.site }) });
  }
  return lines;
}

interface Way {
  readonly home: string;
  /** Of the table in the configuration. */
  readonly path: string;
  /** Undefined shows the broker no signed login. */
  readonly loginName: string | undefined;
  /** How its faults are told apart from another broker's. */
  readonly name: string | undefined;
}

async function connectTo(address: BrokerAddress, way: Way, who: LoggingIn): Promise<BrokerLine["connect"]> {
  const tls = await brokerTls(address, way.home, way.path);
  const credentials = await credentialsOf(address, way, who);
  return connectMqttBus(address.url ?? "", credentials, { tls, onFault: tellBusFaults(who.emit, way.name) });
}

/** The login that the configuration names, for a broker of others; else the signed one that our own broker asks for. */
async function credentialsOf(
  { user: username, password_file: passwordFile }: BrokerAddress,
  { home, path, loginName }: Way,
  { did: deviceId, inception, network, logins, clock }: LoggingIn,
): Promise<Credentials | undefined> {
  if (username !== undefined) {
    const password = passwordFile === undefined ? "" : await readPassword(resolve(home, passwordFile), path);
    return () => ({ username, password });
  }
  if (loginName === undefined) return undefined;
  let lastMs = 0;
  return () => {
    lastMs = Math.max(lastMs + 1, Math.round(clock.wallMs()));
    return signLogin({ network, brokerId: loginName }, { deviceId, inception, signer: logins.next() }, lastMs);
  };
}

async function readPassword(path: string, table: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new GatewayError("CONFIG_INVALID", `${table}.password_file: ${path} cannot be read`, cause);
  });
  return text.trimEnd();
}
