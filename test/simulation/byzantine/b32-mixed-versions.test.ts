/**
 * B32: a part of the region speaks a newer protocol. Gateways of this version refuse clearly what they do not know, build
 * nothing on it, and go on charging and sealing: one member's word stops nobody. Governors' word does, from the epoch on
 * that they name (PARAMS, decision 0047): then who does not know the version charges on, and neither seals nor votes.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { decodeFact, encodeFact } from "#core/ledger/fact.ts";
import type { Block } from "#core/ledger/block.ts";
import { blockAnnouncement, shortIdsOf } from "#core/mesh/sync-messages.ts";
import { decodeCbor, encodeCbor, isMap, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { decodeSigned, encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { inletTerms } from "#test/builders/charge-facts.ts";
import { paramsFact } from "#test/builders/governors.ts";
import { ChargeBuilder } from "#test/builders/charge-builder.ts";
import { named } from "#test/builders/ledger-actors.ts";
import {
  chargeOnce,
  chargesAt,
  classOf,
  listenAt,
  objectOf,
  plugIn,
  refusedBy,
  refusedWith,
  resultsAt,
  station,
  vehicle,
  type Heard,
} from "./charging.ts";
import { Liar } from "./liar.ts";
import { MINUTE_MS, NEW_FINAL_WITHIN, Scenario } from "./scenario.ts";

const test = suite("B32 mixed versions");

/** What a newer firmware would write into a header: another form, a further field, other rules. */
const HEADERS: Readonly<Record<string, (fields: Map<number, CborValue>) => void>> = {
  "of another version": (fields) => fields.set(1, 2),
  "with a key that is not known": (fields) => fields.set(30, 1),
  "by a newer code": (fields) => fields.set(15, 2),
};

test("B32 blocks of a newer version, by a miner whose turn it is: refused by name, none is built on, charges and blocks go on", async () => {
  const scenario = new Scenario({ stations: 4, vehicles: 1, liars: 1 });
  await scenario.start();
  const newer = new Liar(scenario, "station-4");
  const { node } = station(scenario);
  const keys: string[] = [];
  const chain = scenario.chainOf(node);
  plugIn(scenario, 0.3);
  for (const change of Object.values(HEADERS)) {
    await newer.untilItsTurn();
    scenario.speak(node);
    await scenario.runFor(200);
    const block = newer.seal(chain, chain.head);
    const dueMs = block.header.sealedAt * 1000 - scenario.world.clock.wallMs();
    await scenario.runFor(Math.max(0, dueMs));
    keys.push(announceChanged(scenario, newer, block, change));
    await scenario.runFor(2_000);
    assert.ok(scenario.hasOneHead, "all go on from one head");
  }
  for (const each of scenario.honest) {
    const own = scenario.chainOf(each);
    assert.not.ok(
      keys.some((key) => own.has(key)),
      "nobody holds one",
    );
    for (let serial = 1; serial <= own.head.serial; serial += 1) {
      assert.not.ok(
        keys.includes(toHex(own.at(serial)?.block?.header.previous ?? new Uint8Array())),
        "or builds on it",
      );
    }
    assert.ok(refusedWith(each, "WIRE_WRONG_SHAPE") + refusedWith(each, "BLOCK_WRONG_FIELD") > 0, words(each));
  }
  vehicle(scenario).driver.goHome();
  await scenario.runUntil("the charge's result", 10 * MINUTE_MS, () => resultsAt(node).length === 1);
  assert.is(resultsAt(node)[0]?.state, "SETTLED");
  await scenario.finalityGoesOn(NEW_FINAL_WITHIN.withLiars);
  scenario.end();
});

test("B32 facts, offers and greetings of a newer version are refused by name, and cars charge as before", async () => {
  const scenario = new Scenario({ stations: 1, vehicles: 1 });
  const heard = await listenAt(scenario);
  await scenario.start();
  await chargeOnce(scenario, 0.2);
  const said = [...heard];
  const { node } = station(scenario);
  const { network } = scenario.world.genesis;
  const [open] = wordsOf(said, "open");
  const fact =
    open === undefined ? undefined : decodeFact({ crypto: scenario.world.cryptography.crypto, network }, open);
  assert.ok(fact?.ok);
  // A kind of fact that is not known, and a known one with a further field, signed again by both.
  const signers = [vehicle(scenario).node, node].map(({ identity }) => identity.signer);
  const further = changed(fact.value.payload, (fields) => fields.set(30, 1));
  const message = toBeSigned(network, PURPOSE.OPEN, further);
  const facts = [
    encodeCbor([63, encodeSigned(fact.value.payload, fact.value.signatures)]),
    encodeFact(
      "OPEN",
      encodeSigned(
        further,
        signers.map((signer) => signer.sign(message)),
      ),
    ),
  ];
  for (const bytes of facts) scenario.say({ kind: "fact", class: "open" }, bytes, ["site-1"]);
  // The station's own offer and the car's own hello, as their next version would write them.
  const own = node.identity.key.slice(0, 16);
  for (const object of wordsOf(said, "offer")) {
    const envelope = decodeSigned(object, 1);
    assert.ok(envelope.ok);
    const payload = changed(envelope.value.payload, (fields) => fields.set(1, 2));
    const signature = node.identity.signer.sign(toBeSigned(network, PURPOSE.OFFER, payload));
    scenario.say({ kind: "offer", station: own, evse: 1 }, encodeSigned(payload, [signature]), ["site-1"]);
  }
  for (const object of wordsOf(said, "hs")) {
    const hello = changed(object, (fields) => fields.set(30, 1));
    scenario.say({ kind: "handshake", station: own }, hello, ["site-1"]);
  }
  await scenario.runFor(5_000);
  assert.ok(refusedWith(node, "FACT_UNKNOWN_PURPOSE") > 0, words(node));
  for (const each of scenario.honest) {
    assert.ok(
      [...refusedBy(each).keys()].some((word) => word.includes("WIRE_")),
      words(each),
    );
  }
  assert.is(chargesAt(node).length, 1);
  await chargeOnce(scenario, 0.2);
  assert.equal(
    resultsAt(node).map(({ state }) => state),
    ["SETTLED", "SETTLED"],
  );
  scenario.end();
});

test("B32 a contract with code that nobody here has waits outside of blocks, and others are settled meanwhile", async () => {
  const scenario = new Scenario({ stations: 1, vehicles: 1 });
  await scenario.start();
  const { node } = station(scenario);
  const [post, car] = [scenario.member("newer post", "station"), scenario.member("newer car")];
  await scenario.runFor(MINUTE_MS);
  const terms = inletTerms({ codeHash: named("a program of the next version"), graceSeconds: 600 });
  const startedAt = scenario.nowSeconds;
  const charge = new ChargeBuilder(scenario.world.genesis, { station: post, vehicle: car }, { terms, startedAt });
  scenario.tell(charge.whole({ milliWh: 2_000_000 }));
  await chargeOnce(scenario, 0.2);
  const chain = scenario.chainOf(node);
  assert.equal(
    resultsAt(node).map(({ state }) => state),
    ["SETTLED"],
  );
  assert.is(chain.pending.transactions.get(toHex(charge.address)), undefined, "no state of it");
  assert.ok(
    chain.mempool.parked().some(({ key }) => key === charge.open.key),
    "it waits for its code",
  );
  scenario.end();
});

/** An epoch is two checkpoints of two blocks. */
const SHORT_EPOCHS = { checkpointBlocks: 2, epochCheckpoints: 2 } as const;

test("B32 PARAMS at a boundary: who knows the version goes on by the new rules, who does not charges on and neither seals nor votes, until it is updated", async () => {
  const governors = { count: 3, threshold: 2 };
  const scenario = new Scenario({ stations: 4, vehicles: 1, homes: ["site-4"], rules: SHORT_EPOCHS, governors });
  const { world } = scenario;
  const old = scenario.node("station-4");
  const car = vehicle(scenario).node;
  const newer = world.nodes.filter((node) => node !== old && node !== car);
  for (const node of newer) node.codeVersion = 2;
  const said: string[] = [];
  const watcher = world.watcher;
  if (watcher === undefined) throw new Error("bug of the test");
  world.watcher = {
    onSaid: watcher.onSaid.bind(watcher),
    onHead: watcher.onHead.bind(watcher),
    onEvent: (node, name, event) => {
      if (node === old) said.push(name);
      watcher.onEvent(node, name, event);
    },
  };
  await scenario.start();
  const [first] = newer;
  assert.ok(first);
  const { epoch } = scenario.chainOf(first).head.state.finality;
  const decided = { number: 1, activeFromEpoch: epoch + 2, codeVersion: 2, rules: { blockSeconds: 20 } };
  scenario.tell([paramsFact(world.genesis.network, decided, world.governors.slice(0, 2))]);
  await scenario.talk(MINUTE_MS, newer);
  assert.is(scenario.chainOf(first).head.state.finality.governance?.pending.length, 1);
  // A charge begins by the old rules, at the gateway and in the car that know nothing else.
  plugIn(scenario, 2);
  const isNew = (): boolean => scenario.chainOf(first).head.state.rules.blockSeconds === 20;
  await scenario.talkUntil("the boundary", 20 * MINUTE_MS, isNew, newer);
  await scenario.talk(2 * MINUTE_MS, newer);
  const stuckAt = scenario.chainOf(old).head.serial;
  assert.is(scenario.chainOf(old).newerCode, 2);
  assert.is(scenario.chainOf(old).head.state.finality.epoch, epoch + 2, "all blocks up to the boundary are here");
  assert.ok(said.includes("codeOutdated"), "it says so");
  const voted = said.filter((name) => name === "voteCast").length;
  assert.ok(voted > 0, "up to there it has voted");
  // The charge goes on and ends, and those who seal settle it; another one begins and ends as well.
  vehicle(scenario).driver.goHome();
  const settled = (): number => resultsAt(first).filter(({ state }) => state === "SETTLED").length;
  await scenario.talkUntil("the charge's result", 10 * MINUTE_MS, () => settled() === 1, newer);
  plugIn(scenario, 0.2);
  await scenario.talk(3 * MINUTE_MS, newer);
  vehicle(scenario).driver.goHome();
  await scenario.talkUntil("the next charge's result", 10 * MINUTE_MS, () => settled() === 2, newer);
  const chain = scenario.chainOf(first);
  for (let serial = stuckAt + 1; serial <= chain.head.serial; serial += 1) {
    const header = chain.at(serial)?.block?.header;
    assert.ok(header?.codeVersion === 2);
    assert.is.not(toHex(header.miner), old.identity.key, "it seals nothing");
  }
  assert.is(scenario.chainOf(old).head.serial, stuckAt);
  assert.is(said.filter((name) => name === "voteCast").length, voted, "and votes for nothing");
  assert.ok(chain.final.serial > stuckAt + 2, "the others go on");
  // An update: from there on it is one of them.
  for (const node of [old, car]) {
    node.die("kill");
    node.codeVersion = 2;
    await node.start();
  }
  await scenario.talk(2 * MINUTE_MS, newer);
  await scenario.finalityGoesOn(NEW_FINAL_WITHIN.honest);
  assert.is(scenario.chainOf(old).newerCode, undefined);
  scenario.end();
});

test.run();

function wordsOf(heard: readonly Heard[], name: string): readonly Uint8Array[] {
  // An empty offer takes one back.
  return heard.filter((each) => classOf(each) === name && each.payload.length > 2).map(objectOf);
}

function words(node: Parameters<typeof refusedBy>[0]): string {
  return JSON.stringify([...refusedBy(node)]);
}

function changed(payload: Uint8Array, change: (fields: Map<number, CborValue>) => void): Uint8Array {
  const item = decodeCbor(payload);
  assert.ok(item.ok && isMap(item.value));
  const fields = new Map<number, CborValue>(item.value);
  change(fields);
  return encodeCbor(fields);
}

/** The block with another header, signed by its miner; its id in hex. */
function announceChanged(
  scenario: Scenario,
  { identity }: Liar,
  block: Block,
  change: (fields: Map<number, CborValue>) => void,
): string {
  const { genesis, cryptography, sites } = scenario.world;
  const payload = changed(block.headerPayload, change);
  const message = toBeSigned(genesis.network, PURPOSE.HEADER, payload);
  const header = encodeSigned(payload, [identity.signer.sign(message)]);
  const shortIds = shortIdsOf(block.facts.map((fact) => fact.id));
  const certificates = block.certificates.map(({ bytes }) => bytes);
  scenario.say({ kind: "block" }, encodeShape(blockAnnouncement, { header, shortIds, certificates }), sites);
  return toHex(cryptography.crypto.sha256(message));
}
