/** Visitors of an embedded broker: gateways of ours, and clients of anybody's making. */
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import * as assert from "uvu/assert";
import type { BrokerOptions } from "#adapters/mqtt/embedded-broker.ts";
import { connectMqttBus, type MqttBusOptions } from "#adapters/mqtt/mqtt-bus.ts";
import type { MessageBus } from "#core/mesh/message-bus.ts";
import { topicName } from "#core/mesh/topics.ts";
import { Ear, ROOT } from "#test/contract/message-bus.ts";
import { clientIdOf, credentialsOf, QUICK, startTestBroker, waitUntil } from "./bus-worlds.ts";

export const BASE = `tally1/${ROOT.network}/${ROOT.site}`;
export const OPEN_FACTS = topicName(ROOT, { kind: "fact", class: "open" });

export function did8(number: number): string {
  return clientIdOf(number).slice(0, 16);
}

/** Closed after each test. */
const entered: MqttClient[] = [];
const dialled: MessageBus[] = [];

export type TestBroker = Awaited<ReturnType<typeof startTestBroker>>;

/** Runs on a broker of its own, and closes whoever came. */
export async function withBroker(
  options: Partial<BrokerOptions>,
  prove: (at: TestBroker) => Promise<void>,
): Promise<void> {
  const at = await startTestBroker(options);
  try {
    await prove(at);
  } finally {
    for (const client of entered.splice(0)) client.end(true);
    for (const bus of dialled.splice(0)) await bus.close();
    await at.broker.close();
  }
}

/** A client of somebody else's making; undefined when the broker does not let it in. */
export async function enter(at: TestBroker, options: IClientOptions): Promise<MqttClient | undefined> {
  const settings: IClientOptions = { protocolVersion: 4, reconnectPeriod: 0, keepalive: 10, ...options };
  const client = mqtt.connect(at.url, settings);
  client.on("error", () => undefined);
  entered.push(client);
  const isIn = await new Promise<boolean>((resolve) => {
    client.once("connect", () => {
      resolve(true);
    });
    client.once("close", () => {
      resolve(false);
    });
  });
  return isIn ? client : undefined;
}

export async function enterAs(at: TestBroker, number: number, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await enter(at, { clientId: clientIdOf(number), ...credentialsOf(number)(""), ...options });
  assert.ok(client, `device ${number} is let in`);
  return client;
}

/** A gateway of ours. */
export async function dial(
  at: TestBroker,
  number: number,
  filters: readonly string[],
  options: MqttBusOptions = {},
): Promise<Ear> {
  const ear = new Ear();
  const connect = connectMqttBus(at.url, credentialsOf(number), { ...QUICK, ...options });
  ear.bus = await connect(clientIdOf(number), filters, ear);
  dialled.push(ear.bus);
  assert.ok(await waitUntil(() => ear.isUp), `gateway ${number} is connected`);
  return ear;
}

/** Publishes and says whether the broker has put the client out for it. */
export async function isPutOutFor(
  client: MqttClient,
  topic: string,
  options: { retain?: boolean; qos?: 0 | 1 | 2 } = {},
): Promise<boolean> {
  client.publish(topic, "x", { qos: 0, ...options });
  if (client.connected) await client.subscribeAsync(OPEN_FACTS).catch(() => undefined);
  await waitUntil(() => !client.connected, 50);
  return !client.connected;
}

/** The return codes of the SUBACK: the granted QoS, or 128. */
export function answersTo(client: MqttClient, filters: string[]): Promise<readonly unknown[]> {
  return new Promise((resolve) => {
    client.subscribe(filters, (_error, _asked, answer) => {
      resolve(answer?.granted ?? []);
    });
  });
}
