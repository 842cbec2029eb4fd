/**
 * B18: everything that two gateways have said in one charge is said again by a bystander: when it is over, in their next
 * charge, in another region, and under another type. All rejected, no state.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { equalBytes, toHex } from "#base/bytes.ts";
import { encodeMessage, decodeMessage, type HandshakeMessage } from "#core/handshake/messages.ts";
import { FACT_KINDS } from "#core/ledger/fact.ts";
import { encodeWrapper } from "#core/mesh/wrapper.ts";
import { decodeCbor, encodeCbor, isList } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import {
  chargeOnce,
  chargesAt,
  classOf,
  listenAt,
  objectOf,
  pictureOf,
  plugIn,
  refusedBy,
  refusedWith,
  resultsAt,
  station,
  vehicle,
  type Heard,
} from "./charging.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";

const test = suite("B18 replay");

const KWH = 0.4;
/** Of a charge: the offer, the handshake both ways, and each class of its facts. */
const CLASSES = ["fin", "hs", "mem", "offer", "open", "r", "rep"];

interface Recorded {
  readonly scenario: Scenario;
  readonly heard: readonly Heard[];
}

async function recordedCharge(): Promise<Recorded> {
  const scenario = new Scenario({ stations: 1, vehicles: 1 });
  const heard = await listenAt(scenario);
  await scenario.start();
  await chargeOnce(scenario, KWH);
  const said = [...heard];
  assert.equal([...new Set(said.map(classOf))].filter((name) => CLASSES.includes(name)).sort(), CLASSES);
  await scenario.runFor(3 * MINUTE_MS);
  return { scenario, heard: said };
}

async function say(scenario: Scenario, messages: readonly Pick<Heard, "topic" | "payload">[]): Promise<void> {
  for (const { topic, payload } of messages) {
    scenario.world.mesh.inject("site-1", topic, payload);
    await scenario.runFor(20);
  }
  await scenario.runFor(5_000);
}

function signedIn({ world }: Scenario): number {
  return world.story.filter((line) => line.includes("contractSigned")).length;
}

test("B18 all that was said in a charge, said again after it in any order, is no state anywhere", async () => {
  const { scenario, heard } = await recordedCharge();
  const before = scenario.honest.map(pictureOf);
  const contracts = signedIn(scenario);
  await say(scenario, heard);
  await say(scenario, heard.toReversed());
  assert.equal(scenario.honest.map(pictureOf), before);
  assert.is(signedIn(scenario), contracts);
  scenario.end();
});

test("B18 the words of one charge, said again all through the next one, are not words of that", async () => {
  const { scenario, heard } = await recordedCharge();
  const [first] = chargesAt(station(scenario).node);
  plugIn(scenario, KWH);
  let round = 0;
  const untilMs = scenario.world.nowMs + 4 * MINUTE_MS;
  while (scenario.world.nowMs < untilMs) {
    const each = heard[round % heard.length];
    if (each !== undefined) scenario.world.mesh.inject("site-1", each.topic, each.payload);
    round += 1;
    // The handshake takes a second, in which all of the old one is said.
    await scenario.runFor(round < heard.length ? 5 : 500);
  }
  assert.ok(round > 1.5 * heard.length, `${round} of ${heard.length} words`);
  vehicle(scenario).driver.goHome();
  await scenario.runUntil("both results", 5 * MINUTE_MS, () =>
    scenario.honest.every((node) => resultsAt(node).length === 2),
  );
  for (const node of scenario.honest) {
    const [old, next, ...more] = chargesAt(node);
    assert.equal(more, []);
    assert.equal(old?.result, first?.result, "the first result stands");
    assert.is(next?.result?.state, "SETTLED");
    assert.is.not(toHex(next?.open.transcript ?? new Uint8Array()), toHex(old?.open.transcript ?? new Uint8Array()));
    const own = scenario.world.observation.said.flatMap((said) =>
      said.kind === "fact" &&
      said.fact.kind === "REPORT" &&
      toHex(said.fact.body.address) === toHex(next?.address ?? new Uint8Array())
        ? [`${said.fact.body.role} ${said.fact.body.sequence}`]
        : [],
    );
    const counted = (["station", "vehicle"] as const).map((role) => next?.logs[role].nextSequence);
    assert.equal(
      counted,
      ["station", "vehicle"].map((role) => new Set(own.filter((word) => word.startsWith(role))).size),
    );
  }
  scenario.end();
});

test("B18 the words of one charge with the address of a running one are nobody's", async () => {
  const { scenario, heard } = await recordedCharge();
  const { node } = station(scenario);
  plugIn(scenario, 2);
  await scenario.runUntil("power", MINUTE_MS, () => chargesAt(node)[1]?.state === "ACTIVE");
  const [first, next] = chargesAt(node).map(({ address }) => address);
  assert.ok(first && next);
  const words = heard.filter((each) => ["rep", "fin"].includes(classOf(each)));
  const moved = words.map(({ topic, payload }) => ({ topic, payload: replaced(payload, first, next) }));
  assert.ok(
    moved.length >= 6 && moved.every(({ payload }, index) => !equalBytes(payload, words[index]?.payload ?? payload)),
  );
  const before = scenario.honest.map(pictureOf);
  await say(scenario, moved);
  assert.equal(scenario.honest.map(pictureOf), before);
  assert.ok(refusedWith(node, "FACT_BAD_SIGNATURE") > 0, JSON.stringify([...refusedBy(node)]));
  scenario.end();
});

test("B18 in another region no word of the charge is taken, and in a region of the same name every signed one is", async () => {
  const { scenario, heard } = await recordedCharge();
  const network = toHex(scenario.world.genesis.network);
  const facts = heard.filter(({ topic }) => topic.includes("/tx/"));

  const other = new Scenario({ stations: 1, vehicles: 1, rules: { historyDays: 179 } });
  await other.start();
  const theirs = toHex(other.world.genesis.network);
  assert.is.not(theirs, network);
  const before = other.honest.map(pictureOf);
  await say(
    other,
    heard.map(({ topic, payload }) => ({ topic: topic.replace(network, theirs), payload })),
  );
  assert.equal(other.honest.map(pictureOf), before);
  assert.is(signedIn(other), 0);
  assert.ok([...refusedBy(station(other).node).values()].reduce((sum, count) => sum + count, 0) > facts.length / 3);
  other.end();

  // The same gateways with the same keys: it is the region that keeps the words out, and nothing else.
  const same = new Scenario({ stations: 1, vehicles: 1 });
  await same.start();
  await say(same, facts);
  assert.is(chargesAt(station(same).node).length, 1, "there the charge is known");
  same.end();
  scenario.end();
});

test("B18 no fact is another kind of fact, and no message of the handshake another one of it", async () => {
  const { scenario, heard } = await recordedCharge();
  const before = scenario.honest.map(pictureOf);
  const contracts = signedIn(scenario);
  const facts = heard.filter(({ topic }) => topic.includes("/tx/")).flatMap(relabelledFacts);
  const messages = heard.filter((each) => ["hs", "r"].includes(classOf(each))).flatMap(relabelledMessages);
  assert.ok(facts.length > 100 && messages.length >= 6, `${facts.length} facts, ${messages.length} messages`);
  plugIn(scenario, KWH);
  await say(scenario, [...messages, ...facts]);
  await scenario.runUntil("a contract of its own", MINUTE_MS, () => signedIn(scenario) === contracts + 2);
  vehicle(scenario).driver.goHome();
  await scenario.runFor(3 * MINUTE_MS);
  const after = scenario.honest.map((node) => chargesAt(node).map(({ state }) => state));
  assert.ok(
    after.every((states) => states.length === 2),
    JSON.stringify(after),
  );
  assert.equal(
    scenario.honest.map((node) => JSON.parse(pictureOf(node)) as Picture).map(({ members }) => members),
    before.map((picture) => JSON.parse(picture) as Picture).map(({ members }) => members),
  );
  scenario.end();
});

test.run();

interface Picture {
  readonly members: readonly string[];
}

function replaced(payload: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
  const changed = payload.slice();
  for (let at = 0; at + from.length <= changed.length; at += 1) {
    if (equalBytes(changed.subarray(at, at + from.length), from)) changed.set(to, at);
  }
  return changed;
}

/** The fact's envelope, with its good signatures, as each other kind. */
function relabelledFacts(each: Heard): readonly Pick<Heard, "topic" | "payload">[] {
  const item = decodeCbor(objectOf(each));
  const [purpose, envelope] = item.ok && isList(item.value) ? item.value : [];
  return FACT_KINDS.filter((kind) => PURPOSE[kind] !== purpose).map((kind) => ({
    topic: each.topic,
    payload: encodeWrapper(0, encodeCbor([PURPOSE[kind], envelope ?? null])),
  }));
}

/** What is sealed in it under the frames of the others. */
function relabelledMessages(each: Heard): readonly Pick<Heard, "topic" | "payload">[] {
  const message = decodeMessage(objectOf(each));
  if (!message.ok || !("sealed" in message.value)) return [];
  const { handshake, sealed } = message.value;
  const half = { ephemeral: new Uint8Array(33).fill(2), nonce: new Uint8Array(32) };
  const forms: readonly HandshakeMessage[] = [
    { kind: "M2", handshake, sealed, ...half, ...(message.value.kind === "M2" ? message.value : {}) },
    { kind: "M3", handshake, sealed },
    { kind: "M4", handshake, sealed },
  ];
  return forms
    .filter(({ kind }) => kind !== message.value.kind)
    .map((form) => ({ topic: each.topic, payload: encodeWrapper(0, encodeMessage(form)) }));
}
