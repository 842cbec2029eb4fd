/**
 * What one client may take of the embedded broker: its bounds, and that one client's flood is not another's silence.
 */
import { connect as connectTcp, type Socket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BrokerOptions } from "#adapters/mqtt/embedded-broker.ts";
import { BASE, dial, did8, enterAs, OPEN_FACTS, withBroker, type TestBroker } from "#test/builders/broker-visitors.ts";
import { waitUntil } from "#test/builders/bus-worlds.ts";

const test = suite("embedded broker under load");

/** A report may take this long during an attack; one process floods, serves and listens here. */
const HONEST_DELAY_MAX_MS = 5000;

function claim(text: string, prove: (at: TestBroker) => Promise<void>, options: Partial<BrokerOptions> = {}): void {
  test(text, () => withBroker(options, prove));
}

claim("B23: a packet of 1 MiB ends the connection before it has been read", async (at) => {
  const client = await enterAs(at, 1);
  client.publish(OPEN_FACTS, Buffer.alloc(1024 * 1024));
  assert.ok(await waitUntil(() => !client.connected));
  assert.is(at.refusals.at(-1)?.code, "MQTT_PACKET_TOO_LONG");
});

claim(
  "a stranger may send no more than a login, and not wait for ever",
  async (at) => {
    const long = connectTcp({ host: "127.0.0.1", port: at.broker.port });
    long.write(Uint8Array.of(0x10, 0xff, 0x7f));
    await closed(long);
    assert.is(at.refusals.at(-1)?.code, "MQTT_PACKET_TOO_LONG");
    const noise = connectTcp({ host: "127.0.0.1", port: at.broker.port });
    noise.write(Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0xff, 0xff));
    await closed(noise);
    const silent = connectTcp({ host: "127.0.0.1", port: at.broker.port });
    await closed(silent);
  },
  { limits: { loginTimeoutMs: 100 } },
);

claim("strangers who only connect do not keep members out", async (at) => {
  const strangers = Array.from({ length: 200 }, () => connectTcp({ host: "127.0.0.1", port: at.broker.port }));
  for (const stranger of strangers) stranger.on("error", () => undefined);
  const client = await enterAs(at, 1);
  assert.ok(client.connected);
  for (const stranger of strangers) stranger.destroy();
});

claim("a message between retained ones is not lost", async (at) => {
  const [client, ear] = [await enterAs(at, 1), await dial(at, 2, [OPEN_FACTS, `${BASE}/tip/+`])];
  client.stream.cork();
  for (let count = 0; count < 100; count += 1) {
    client.publish(`${BASE}/tip/${did8(1)}`, `tip ${count}`, { retain: true });
    client.publish(OPEN_FACTS, `fact ${count}`, { qos: count % 2 === 0 ? 0 : 1 });
  }
  client.stream.uncork();
  await waitUntil(() => ear.heard.length >= 200, 3000);
  assert.is(ear.heard.length, 200);
});

claim(
  "what is retained is bounded, and the newest stays",
  async (at) => {
    const client = await enterAs(at, 1);
    for (let evse = 1; evse <= 20; evse += 1) {
      await client.publishAsync(`${BASE}/offer/${did8(1)}/${evse}`, `offer ${evse}`, { qos: 1, retain: true });
    }
    const ear = await dial(at, 2, [`${BASE}/offer/+/+`]);
    assert.ok(await waitUntil(() => ear.heard.length >= 5));
    await waitUntil(() => ear.heard.length > 5, 100);
    assert.equal([...ear.texts()].sort(), ["offer 16", "offer 17", "offer 18", "offer 19", "offer 20"]);
    await client.endAsync();
  },
  { limits: { retained: { messagesMax: 5, bytesMax: 10_000, ageMaxMs: 60_000 } } },
);

claim("B23: a flood of 20,000 messages by one client does not starve another", async (at) => {
  const flooder = await enterAs(at, 1);
  const [speaker, listener] = [await dial(at, 2, []), await dial(at, 3, [`${BASE}/tx/+`])];
  for (let count = 0; count < 20_000; count += 1) flooder.publish(`${BASE}/tx/rep`, `flood ${count}`, { qos: 0 });
  const delaysMs: number[] = [];
  for (let count = 0; count < 50; count += 1) {
    const saidMs = performance.now();
    speaker.say(OPEN_FACTS, `honest ${count}`);
    const isHeard = await waitUntil(() => listener.texts(OPEN_FACTS).length > count, HONEST_DELAY_MAX_MS);
    assert.ok(isHeard, `message ${count} of the honest client arrives`);
    delaysMs.push(performance.now() - saidMs);
  }
  const flooded = listener.texts(`${BASE}/tx/rep`).length;
  assert.ok(flooded < 10_000, `the flood is held back (${flooded} messages came through)`);
  assert.ok(Math.max(...delaysMs) < HONEST_DELAY_MAX_MS);
});

claim(
  "a client that does not read is left out, and does not hold up the others",
  async (at) => {
    const [speaker, deaf] = [await enterAs(at, 1), await enterAs(at, 2)];
    await deaf.subscribeAsync(OPEN_FACTS);
    deaf.stream.pause();
    const listener = await dial(at, 3, [OPEN_FACTS]);
    const large = Buffer.alloc(60_000, "x");
    for (let count = 0; count < 250; count += 1) await speaker.publishAsync(OPEN_FACTS, large, { qos: 1 });
    assert.ok(await waitUntil(() => listener.heard.length >= 250));
    assert.ok(at.broker.leftOut > 0, "messages to the deaf client were left out");
  },
  { limits: { byteRate: { perSecond: 100_000_000, burst: 100_000_000 } } },
);

function closed(socket: Socket): Promise<void> {
  socket.on("error", () => undefined);
  return new Promise((resolve) =>
    socket.once("close", () => {
      resolve();
    }),
  );
}

test.run();
