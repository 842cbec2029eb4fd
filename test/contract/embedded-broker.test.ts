/** Whom the embedded broker lets in, and what it lets them do. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BusFault } from "#adapters/mqtt/mqtt-bus.ts";
import { signLogin } from "#core/mesh/broker-login.ts";
import {
  answersTo,
  BASE,
  dial,
  did8,
  enter,
  enterAs,
  isPutOutFor,
  OPEN_FACTS,
  withBroker,
  type TestBroker,
} from "#test/builders/broker-visitors.ts";
import {
  clientIdOf,
  credentialsOf,
  deviceOf,
  LOGIN_SCOPE,
  startTestBroker,
  waitUntil,
} from "#test/builders/bus-worlds.ts";
import { ROOT } from "./message-bus.ts";

const test = suite("embedded broker");

function claim(text: string, prove: (at: TestBroker) => Promise<void>): void {
  test(text, () => withBroker({}, prove));
}

claim("nobody comes in without a login", async (at) => {
  assert.is(await enter(at, {}), undefined);
  assert.is(await enter(at, { clientId: clientIdOf(1) }), undefined);
  assert.is(await enter(at, { clientId: clientIdOf(1), username: "", password: "" }), undefined);
  assert.is(await enter(at, { clientId: "", username: "a", password: "b" }), undefined);
  assert.is(at.broker.clients, 0);
  assert.equal(
    at.refusals.map(({ code }) => code),
    ["LOGIN_ID_MALFORMED", "LOGIN_REFUSED", "LOGIN_REFUSED", "LOGIN_ID_MALFORMED"],
  );
});

claim("B23: a login with another's client id is refused", async (at) => {
  assert.is(await enter(at, { ...credentialsOf(1)(""), clientId: clientIdOf(2) }), undefined);
  assert.is(at.refusals.at(-1)?.code, "LOGIN_REFUSED");
});

claim("a login for another broker or network is refused", async (at) => {
  const elsewhere = signLogin({ ...LOGIN_SCOPE, brokerId: "depot-2" }, deviceOf(1), Date.now());
  assert.is(await enter(at, { ...elsewhere }), undefined);
  const abroad = signLogin({ ...LOGIN_SCOPE, network: new Uint8Array(8) }, deviceOf(1), Date.now());
  assert.is(await enter(at, { ...abroad }), undefined);
});

claim("a login that was used is refused the second time", async (at) => {
  const login = signLogin(LOGIN_SCOPE, deviceOf(1), Date.now());
  const client = await enter(at, { ...login });
  await client?.endAsync();
  assert.ok(client && (await waitUntil(() => at.broker.clients === 0)));
  assert.is(await enter(at, { ...login }), undefined);
});

claim("B23: a connected id is not taken over, not even with a good login, and is free again afterwards", async (at) => {
  const first = await enterAs(at, 1);
  assert.is(await enter(at, { clientId: clientIdOf(1), ...credentialsOf(1)("") }), undefined);
  assert.ok(first.connected);
  assert.is(at.refusals.at(-1)?.code, "LOGIN_ID_IN_USE");
  await first.endAsync();
  assert.ok(await waitUntil(() => at.broker.clients === 0));
  await enterAs(at, 1);
});

claim("lasting sessions, wills and MQTT 5 are refused", async (at) => {
  const login = { clientId: clientIdOf(1), ...credentialsOf(1)("") };
  assert.is(await enter(at, { ...login, clean: false }), undefined);
  assert.is(
    await enter(at, { ...login, will: { topic: OPEN_FACTS, payload: Buffer.from("x"), qos: 0, retain: false } }),
    undefined,
  );
  assert.is(await enter(at, { ...login, protocolVersion: 5 }), undefined);
  assert.is(await enter(at, { ...login, keepalive: 0 }), undefined);
  assert.ok(await enter(at, login), "the same login is good without them");
});

for (const [what, topic, options] of [
  ["outside the mesh", "plant/lights", {}],
  ["to $SYS", "$SYS/broker/clients", {}],
  ["to another site", `tally1/${ROOT.network}/depot-2/blk`, {}],
  ["another station's offer", `${BASE}/offer/${did8(2)}/1`, { retain: true }],
  ["another node's tip", `${BASE}/tip/${did8(2)}`, { retain: true }],
  ["a retained fact", OPEN_FACTS, { retain: true }],
  ["at QoS 2", OPEN_FACTS, { qos: 2 }],
  ["to a topic of fifty levels", `${BASE}/${"x/".repeat(50)}`, {}],
] as const) {
  claim(`B23: publishing ${what} ends the connection and reaches nobody`, async (at) => {
    const client = await enterAs(at, 1);
    const witness = await dial(at, 2, [OPEN_FACTS, `${BASE}/offer/+/+`, `${BASE}/tip/+`]);
    assert.ok(await isPutOutFor(client, topic, options));
    assert.equal(witness.heard, []);
    client.end(true);
  });
}

claim("acknowledgements of messages that never were do no harm", async (at) => {
  const client = await enterAs(at, 1);
  for (const first of [0x40, 0x50, 0x62, 0x70]) client.stream.write(Buffer.of(first, 2, 0x12, 0x34));
  assert.not(await isPutOutFor(client, OPEN_FACTS));
});

claim("a station's own offer and tip are taken", async (at) => {
  const client = await enterAs(at, 1);
  assert.not(await isPutOutFor(client, `${BASE}/offer/${did8(1)}/1`, { retain: true, qos: 1 }));
  assert.not(await isPutOutFor(client, `${BASE}/tip/${did8(1)}`, { retain: true }));
});

claim("B23: no filter is granted that reads everything, the broker's own topics or what is another's", async (at) => {
  const client = await enterAs(at, 1);
  const refused = ["#", "+/+/+/#", "$SYS/#", "$SYS/+/heartbeat", `${BASE}/#`, `${BASE}/+`, `${BASE}/r/+`];
  refused.push(`${BASE}/hs/+`, `${BASE}/hs/${did8(2)}`, `${BASE}/q/${did8(2)}`, `tally1/+/${ROOT.site}/blk`);
  for (const filter of refused) {
    assert.equal(await answersTo(client, [filter]), [128], filter);
  }
  assert.equal(
    await answersTo(client, [`${BASE}/hs/${did8(1)}`, `${BASE}/tx/+`, `${BASE}/r/${"0f".repeat(16)}`]),
    [0, 0, 0],
  );
});

claim("our client tells which filter was refused and goes on with the others", async (at) => {
  const faults: BusFault[] = [];
  await dial(at, 1, ["#", OPEN_FACTS], { onFault: (fault) => void faults.push(fault) });
  assert.equal(faults, [{ code: "BUS_FILTER_REFUSED", filter: "#" }]);
});

claim("the number of filters of one client has an end", async (at) => {
  const client = await enterAs(at, 1);
  const filters = Array.from({ length: 33 }, (_, index) => `${BASE}/r/${index.toString(16).padStart(32, "0")}`);
  const answers = await answersTo(client, filters);
  assert.is(answers.filter((answer) => answer === 128).length, 1);
});

test("a port in use is told by its code", async () => {
  const at = await startTestBroker();
  const refused = await startTestBroker({ port: at.broker.port }).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(refused instanceof Error && "code" in refused);
  assert.is(refused.code, "BROKER_PORT_IN_USE");
  await at.broker.close();
});

test.run();
