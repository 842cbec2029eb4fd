/** Whatever comes from the bus, the mesh's parsers answer with a value or a fault, and the broker stays up. */
import { connect as connectTcp } from "node:net";
import fc from "fast-check";
import mqtt from "mqtt";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LoginDesk } from "#core/mesh/broker-login.ts";
import { judgePublication, judgeSubscription } from "#core/mesh/topic-access.ts";
import { parseTopic, rootName, topicName } from "#core/mesh/topics.ts";
import { decodeWrapper, encodeWrapper } from "#core/mesh/wrapper.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { clientIdOf, credentialsOf, LOGIN_SCOPE, startTestBroker, waitUntil } from "#test/builders/bus-worlds.ts";
import { ROOT } from "#test/contract/message-bus.ts";

const test = suite("fuzz: mesh");
const BUDGET = { seed: 20_261_122, numRuns: 2000 } as const;

/** First bytes that MQTT 3.1.1 allows (tables 2.1 and 2.2). */
const packetType = fc.constantFrom(
  ...[0x10, 0x20, 0x30, 0x32, 0x34, 0x3d, 0x40, 0x50, 0x62, 0x70, 0x82, 0x90, 0xa2, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0],
);
const level = fc.oneof(
  fc.constantFrom("offer", "hs", "r", "tx", "blk", "vote", "tip", "q", "open", "evd", "+", "#", "", "1", "99", "$SYS"),
  fc.stringMatching(/^[0-9a-f]{16}$/),
  fc.stringMatching(/^[0-9a-f]{32}$/),
  fc.string(),
);
const name = fc.array(level, { maxLength: 5 }).map((levels) => [rootName(ROOT), ...levels].join("/"));

test("F7 a topic that parses is the one that its parts build, and no other name parses", () => {
  fc.assert(
    fc.property(fc.oneof(name, fc.string()), (text) => {
      const topic = parseTopic(ROOT, text);
      if (topic !== undefined) assert.is(topicName(ROOT, topic), text);
    }),
    BUDGET,
  );
});

test("F7 the broker's rules answer for every topic and filter", () => {
  fc.assert(
    fc.property(fc.oneof(name, fc.string()), fc.constantFrom(0, 1, 2), fc.boolean(), (text, qos, retain) => {
      const published = judgePublication(ROOT, clientIdOf(1), {
        topic: text,
        qos: qos === 0 ? 0 : qos === 1 ? 1 : 2,
        retain,
      });
      if (published.ok) assert.equal(published.value, parseTopic(ROOT, text));
      const subscribed = judgeSubscription(ROOT, clientIdOf(1), text);
      if (subscribed.ok) assert.not.ok(text.includes("#"));
    }),
    BUDGET,
  );
});

test("F7 a wrapper that is taken apart goes together to the same bytes", () => {
  const payload = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Uint8Array.of(0x82, ...bytes)),
  );
  fc.assert(
    fc.property(payload, (bytes) => {
      const decoded = decodeWrapper(bytes);
      if (decoded.ok) assert.equal(encodeWrapper(decoded.value.hops, decoded.value.object), bytes);
    }),
    BUDGET,
  );
});

test("no login but a signed one is admitted", () => {
  const desk = new LoginDesk({ crypto: new NodeCryptography() }, LOGIN_SCOPE);
  const good = credentialsOf(1)("");
  const part = fc.oneof(
    fc.string(),
    fc.stringMatching(/^([0-9a-f]{2}){0,80}$/),
    fc.constantFrom(good.username, good.password),
  );
  fc.assert(
    fc.property(fc.oneof(fc.constant(clientIdOf(1)), part), part, part, (clientId, username, password) => {
      fc.pre(password !== good.password || username !== good.username || clientId !== clientIdOf(1));
      assert.not.ok(desk.admit({ clientId, username, password }, Date.now()).ok);
    }),
    BUDGET,
  );
});

test("F7 the broker survives strangers and members that send anything", async () => {
  const { broker, url } = await startTestBroker();
  const packet = fc
    .tuple(fc.oneof(fc.nat(255), packetType), fc.uint8Array({ maxLength: 120 }))
    .map(([first, body]) => Uint8Array.of(first, body.length, ...body));
  const streams = fc.sample(
    fc.array(fc.oneof(packet, fc.uint8Array({ maxLength: 20 })), { minLength: 1, maxLength: 6 }),
    {
      seed: BUDGET.seed,
      numRuns: 150,
    },
  );
  for (const [index, packets] of streams.entries()) {
    const socket = connectTcp({ host: "127.0.0.1", port: broker.port });
    socket.on("error", () => undefined);
    for (const bytes of packets) socket.write(bytes);
    if (index % 5 === 0) await sendAsMember(url, index, packets);
    socket.end();
  }
  const client = await mqtt.connectAsync(url, {
    clientId: clientIdOf(1),
    ...credentialsOf(1)(""),
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  assert.ok(client.connected);
  client.end(true);
  await broker.close();
});

async function sendAsMember(url: string, number: number, packets: readonly Uint8Array[]): Promise<void> {
  const login = credentialsOf(1000 + number)("");
  const client = mqtt.connect(url, { ...login, protocolVersion: 4, reconnectPeriod: 0, keepalive: 10 });
  client.on("error", () => undefined);
  assert.ok(await waitUntil(() => client.connected));
  for (const bytes of packets) client.stream.write(Buffer.from(bytes));
  await waitUntil(() => !client.connected, 20);
  client.end(true);
}

test.run();
