/**
 * B32: a part of the region speaks a newer protocol. Gateways of this version refuse clearly what they do not know, build
 * nothing on it, and go on charging and sealing.
 *
 * PARAMS is not built: nobody can announce a version, so that a gateway cannot tell a newer region from one member who
 * writes nonsense, and one member's word may not stop the others' sealing (as the design has it of a known boundary).
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
