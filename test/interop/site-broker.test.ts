/** Eclipse Mosquitto as deploy/broker sets it up, over real TLS: who is let in, and what each may publish and hear. */
import { readFileSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { connectMqttBus, type BusFault } from "#adapters/mqtt/mqtt-bus.ts";
import { MESH_PAYLOAD_BYTES_MAX } from "#core/limits.ts";
import { judgePublication, judgeSubscription } from "#core/mesh/topic-access.ts";
import { FACT_CLASSES, gatewayFilters, rootName, topicId, topicName, type MeshTopic } from "#core/mesh/topics.ts";
import { isInstalled } from "#test/builders/bench-run.ts";
import { clientIdOf, credentialsOf, QUICK, waitUntil } from "#test/builders/bus-worlds.ts";
import { ears, grantOf, SUBSCRIPTION_REFUSED } from "#test/builders/broker-ears.ts";
import { SiteBroker, type ClientFiles } from "#test/builders/site-broker.ts";
import { Ear, ROOT } from "#test/contract/message-bus.ts";

const ONE = clientIdOf(1);
const TWO = clientIdOf(2);
const GONE = clientIdOf(3);
const MONITOR = clientIdOf(4);
const TOKEN = "0123456789abcdef".repeat(2);

if (isInstalled("mosquitto")) testSiteBroker();
else {
  const test = suite("site broker");
  test("skipped: mosquitto is not installed", () => {
    console.log("skipped: mosquitto is not installed");
  });
  test.run();
}

function testSiteBroker(): void {
  const test = suite("site broker");
  const files = new Map<string, ClientFiles>();
  const clients: MqttClient[] = [];
  let broker: SiteBroker;

  test.before(async () => {
    broker = await SiteBroker.setUp(ROOT);
    for (const id of [ONE, TWO, GONE, MONITOR]) files.set(id, broker.allow(id));
    broker.forbid(GONE);
    letHearAll(broker, MONITOR);
    await broker.start();
  });
  test.after.each(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true);
  });
  test.after(() => broker.close());

  /** A client of any kind: without promises of ours. */
  const connectAs = async (id: string, options: IClientOptions = {}): Promise<MqttClient> => {
    const all = { ...files.get(id), clientId: id, protocolVersion: 4, reconnectPeriod: 0, ...options } as const;
    const client = await mqtt.connectAsync(broker.url, all, false);
    clients.push(client);
    return client;
  };
  const refusalOf = async (options: IClientOptions): Promise<string> => {
    const all = { clientId: ONE, protocolVersion: 4, reconnectPeriod: 0, connectTimeout: 3000, ...options } as const;
    const client = mqtt.connect(broker.url, all);
    clients.push(client);
    return await new Promise((resolve) => {
      client.on("connect", () => {
        resolve("let in");
      });
      client.on("error", (error) => {
        resolve(error.message);
      });
      client.on("close", () => {
        resolve("closed");
      });
    });
  };

  test("nobody is let in without a certificate, or with one of another authority", async () => {
    const { ca } = known(files, ONE);
    assert.match(await refusalOf({ ca }), /certificate required|closed/);
    const stranger = selfSigned(broker.folder, ONE);
    assert.match(await refusalOf({ ca, ...stranger }), /unknown ca|certificate|closed/);
    const plain = mqtt.connect(`mqtt://127.0.0.1:${broker.port}`, { reconnectPeriod: 0, connectTimeout: 2000 });
    clients.push(plain);
    let isIn = false;
    plain.on("connect", () => {
      isIn = true;
    });
    await new Promise<void>((resolve) => plain.once("close", resolve));
    assert.is(isIn, false);
  });

  test("a gateway does not talk to a broker of another authority, or under another name", async () => {
    const own = known(files, ONE);
    const { cert: ca } = selfSigned(broker.folder, "other");
    assert.match(await refusalOf({ ...own, ca }), /self-signed|unable to|issuer|signature/);
    const faults: BusFault[] = [];
    const url = broker.url.replace("127.0.0.1", "127.0.0.2");
    const bus = await connectMqttBus(url, undefined, { ...QUICK, tls: own, onFault: (fault) => faults.push(fault) })(
      ...[ONE, [], new Ear()],
    );
    assert.ok(await waitUntil(() => faults.length > 0));
    assert.match(JSON.stringify(faults[0]), /127\.0\.0\.2/);
    await bus.close();
  });

  test("our own client has all that a gateway subscribes to, and its signed login does no harm", async () => {
    const faults: BusFault[] = [];
    const ear = new Ear();
    const options = { ...QUICK, tls: known(files, ONE), onFault: (fault: BusFault): void => void faults.push(fault) };
    const connect = connectMqttBus(broker.url, credentialsOf(1), options);
    const bus = await connect(ONE, gatewayFilters(ROOT, topicId(ONE), TOKEN), ear);
    assert.ok(await waitUntil(() => ear.isUp));
    const two = await connectAs(TWO);
    await two.publishAsync(topicName(ROOT, { kind: "handshake", station: topicId(ONE) }), "hello", { qos: 1 });
    await two.publishAsync(topicName(ROOT, { kind: "reply", token: TOKEN }), "answer", { qos: 1 });
    assert.ok(await waitUntil(() => ear.heard.length === 2));
    assert.equal(faults, []);
    await bus.close();
  });

  test("who asks for another's client id gets its own, and the other stays", async () => {
    const one = await connectAs(ONE);
    const toOne = topicName(ROOT, { kind: "handshake", station: topicId(ONE) });
    let isLost = false;
    one.on("close", () => {
      isLost = true;
    });
    const heardByOne = ears(one);
    await one.subscribeAsync(toOne, { qos: 1 });
    const thief = await connectAs(TWO, { clientId: ONE, username: ONE, password: "guess" });
    assert.is(await grantOf(thief, toOne), SUBSCRIPTION_REFUSED);
    assert.is(await grantOf(thief, topicName(ROOT, { kind: "handshake", station: topicId(TWO) })), 1);
    const heardByThief = ears(thief);
    await thief.publishAsync(toOne, "still there?", { qos: 1 });
    assert.ok(await waitUntil(() => heardByOne.length === 1));
    assert.is(isLost, false);
    assert.equal(heardByThief, []);
  });

  test("what is published reaches others exactly where the mesh's own rules say so", async () => {
    const monitor = await connectAs(MONITOR);
    const heard = ears(monitor);
    await monitor.subscribeAsync(["#", "$SYS/#"], { qos: 1 });
    const two = await connectAs(TWO);
    const names = [...topicsOf(TWO), ...topicsOf(ONE), ...NO_TOPICS];
    const allowed = names.filter((topic) => judgePublication(ROOT, TWO, { topic, qos: 1, retain: false }).ok);
    assert.ok(allowed.length >= 12 && allowed.length < names.length - 8);
    // MQTT 3.1.1 acknowledges what is not passed on: only a listener can tell.
    for (const name of names) await two.publishAsync(name, "x", { qos: 1 });
    const last = topicName(ROOT, { kind: "block" });
    await two.publishAsync(last, "end", { qos: 1 });
    assert.ok(await waitUntil(() => heard.at(-1)?.text === "end"));
    assert.equal(
      heard.slice(0, -1).map(({ topic }) => topic),
      allowed,
    );
  });

  test("the newer protocol is told that its publication was not authorised", async () => {
    const two = await connectAs(TWO, { protocolVersion: 5 });
    const forged = topicName(ROOT, { kind: "offer", station: topicId(ONE), evse: 1 });
    const refused = await two.publishAsync(forged, "x", { qos: 1 }).then(
      () => "passed on",
      (error: unknown) => (error instanceof Error ? error.message : ""),
    );
    assert.match(refused, /not authorized/i);
  });

  test("filters are granted exactly where the mesh's own rules say so, and what is too wide is refused", async () => {
    const two = await connectAs(TWO);
    const root = rootName(ROOT);
    const filters = [
      ...gatewayFilters(ROOT, topicId(TWO), TOKEN),
      ...topicsOf(ONE).filter((name) => !/\/(offer|tip|tx)\//.test(name)),
      ...["#", "+/#", "$SYS/#", "$CONTROL/#", "tally1/#", `${root}/#`, `${root}/+/+`, `${root}/r/+`, `${root}/r/#`],
      ...[`${root}/hs/+`, `${root}/q/+`, `${root}/tx/#`, `tally1/+/${ROOT.site}/r/${TOKEN}`, `$share/g/${root}/tx/+`],
      ...[`$share/g/${root}/r/+`, `tally1/0000000000000000/${ROOT.site}/blk`],
    ];
    for (const filter of filters) {
      const isAllowed = judgeSubscription(ROOT, TWO, filter).ok;
      assert.is((await grantOf(two, filter)) !== SUBSCRIPTION_REFUSED, isAllowed, filter);
    }
  });

  test("a message of the mesh's largest size passes, and a longer one does not", async () => {
    const monitor = await connectAs(MONITOR);
    const heard = ears(monitor);
    const block = topicName(ROOT, { kind: "block" });
    await monitor.subscribeAsync(block, { qos: 1 });
    const two = await connectAs(TWO);
    await two.publishAsync(block, Buffer.alloc(MESH_PAYLOAD_BYTES_MAX), { qos: 1 });
    await two.publishAsync(block, Buffer.alloc(MESH_PAYLOAD_BYTES_MAX + 1), { qos: 1 });
    const isCutOff = new Promise<void>((resolve) => two.once("close", resolve));
    two.publish(block, Buffer.alloc(4 * MESH_PAYLOAD_BYTES_MAX), { qos: 1 });
    await isCutOff;
    const again = await connectAs(TWO);
    await again.publishAsync(block, "end", { qos: 1 });
    assert.ok(await waitUntil(() => heard.length === 2));
    assert.equal(
      heard.map(({ bytes }) => bytes),
      [MESH_PAYLOAD_BYTES_MAX, 3],
    );
  });

  test("a gateway that has been forbidden can neither publish nor hear anything", async () => {
    const monitor = await connectAs(MONITOR);
    const heard = ears(monitor);
    await monitor.subscribeAsync("#", { qos: 1 });
    const gone = await connectAs(GONE);
    for (const filter of gatewayFilters(ROOT, topicId(GONE), TOKEN))
      assert.is(await grantOf(gone, filter), SUBSCRIPTION_REFUSED);
    for (const name of topicsOf(GONE)) await gone.publishAsync(name, "x", { qos: 1 });
    await (await connectAs(TWO)).publishAsync(topicName(ROOT, { kind: "vote" }), "end", { qos: 1 });
    assert.ok(await waitUntil(() => heard.length > 0));
    assert.equal(
      heard.map(({ text }) => text),
      ["end"],
    );
  });

  test("a certificate is good for the device id that it was made for, whatever its request says", () => {
    const request = join(broker.folder, "request.pem");
    const key = join(broker.folder, "own.key");
    openssl(["req", "-new", ...NEW_KEY, "-keyout", key, "-subj", `/CN=${ONE}`, "-out", request]);
    const { cert } = broker.allow(clientIdOf(5), "--request", request);
    writeFileSync(request, cert);
    assert.match(openssl(["x509", "-in", request, "-noout", "-subject"]), new RegExp(`CN = ${clientIdOf(5)}\\n`));
    assert.match(openssl(["x509", "-in", request, "-noout", "-dates"]), /notBefore=Jan +1 00:00:00 2020/);
  });

  test.run();
}

/** Every topic that is or could be of this gateway. */
function topicsOf(id: string): readonly string[] {
  const own = topicId(id);
  const topics: readonly MeshTopic[] = [
    { kind: "offer", station: own, evse: 1 },
    { kind: "offer", station: own, evse: 99 },
    { kind: "handshake", station: own },
    { kind: "tip", node: own },
    { kind: "query", node: own },
    { kind: "reply", token: own + own },
    ...FACT_CLASSES.map((each) => ({ kind: "fact", class: each }) as const),
    { kind: "block" },
    { kind: "vote" },
  ];
  return topics.map((topic) => topicName(ROOT, topic));
}

const NO_TOPICS = [
  "$SYS/broker/version",
  "$CONTROL/dynamic-security/v1",
  "elsewhere",
  `${rootName(ROOT)}/tx/other`,
  `${rootName(ROOT)}/blk/more`,
  `${rootName(ROOT)}/other`,
  `tally1/0000000000000000/${ROOT.site}/blk`,
  `tally1/${ROOT.network}/elsewhere/blk`,
];
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Only here: somebody who hears whatever gets through. */
function letHearAll(broker: SiteBroker, id: string): void {
  const path = join(broker.folder, "access.json");
  const own = `{"rolename":"${topicId(id)}","acls":[`;
  const list = readFileSync(path, "utf8");
  const rules = ["#", "$SYS/#"].map(
    (topic) => `{"acltype":"subscribePattern","topic":"${topic}","priority":9,"allow":true},`,
  );
  assert.ok(list.includes(own));
  writeFileSync(path, list.replace(own, `${own}${rules.join("")}`));
}

function selfSigned(folder: string, name: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(folder, "stranger.pem"), join(folder, "stranger.key")];
  openssl(["req", "-x509", ...NEW_KEY, "-keyout", key, "-subj", `/CN=${name}`, "-out", cert]);
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

function openssl(words: readonly string[]): string {
  return execFileSync("openssl", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

function known<Value>(map: ReadonlyMap<string, Value>, key: string): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error(`nothing for ${key}`);
  return value;
}
