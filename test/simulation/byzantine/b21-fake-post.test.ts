/**
 * B21: a fake post without a key of the region shows an honest post's offer, with the honest post out of reach, and
 * answers each car that greets it as well as it can without that post's key. No car tells it who it is.
 *
 * That is the handshake (protocol 2.19). It is not all that a car says: whoever runs the broker, or is a member there,
 * hears that a gateway of some name is within reach, from its login, its JOIN and its TIP; and the hello of a car that
 * has learned its loss names the model by a hash that anybody with the chain can look up. Neither is mended here.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { agreeTerms } from "#core/contract/agree-terms.ts";
import { offerBody } from "#core/handshake/offer.ts";
import { deriveKeys, transcriptOfM2 } from "#core/handshake/key-schedule.ts";
import { decodeHello, decodeMessage, encodeMessage } from "#core/handshake/messages.ts";
import { stationAccepts } from "#core/handshake/sealed-contents.ts";
import { acceptanceProof } from "#core/handshake/station-proof.ts";
import { meshRoot, topicName } from "#core/mesh/topics.ts";
import { encodeWrapper } from "#core/mesh/wrapper.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { decodeSigned, idOf, toBeSigned } from "#core/wire/signed.ts";
import { named } from "#test/builders/ledger-actors.ts";
import type { NodeIdentity } from "../region/node-identity.ts";
import { chargesAt, classOf, listenAt, objectOf, station, vehicle, type Heard } from "./charging.ts";
import { MINUTE_MS, Scenario } from "./scenario.ts";

const test = suite("B21 fake post");

test("B21 a fake post with an honest post's offer harvests no name of a car, whatever it answers", async () => {
  const { scenario, heard, fake } = await besideFakePost();
  const keys = [fake, vehicle(scenario, 1).node.identity];
  const car = vehicle(scenario).node;
  await postTo(scenario, heard, { signers: keys, names: [station(scenario).node.identity, ...keys] });
  const said = heard.filter((each) => decodeMessage(objectOf(each)).ok);
  const kinds = new Set(greetings(said).map(({ kind }) => kind));
  assert.equal([...kinds], ["M1"], "the car says hello, and nothing after it");
  assert.ok(greetings(said).length >= 6, "and says it again");
  for (const name of [car.identity.did, car.identity.signer.publicKey, car.identity.inception].map(toHex)) {
    assert.not.ok(
      said.some(({ payload }) => toHex(payload).includes(name)),
      "no name in clear",
    );
  }
  assert.equal(chargesAt(car), []);
  scenario.end();
});

test("B21 the same answer with the honest post's key is answered: nothing else is missing in it", async () => {
  const { scenario, heard } = await besideFakePost();
  const { identity } = station(scenario).node;
  await postTo(scenario, heard, { signers: [identity], names: [identity] });
  assert.ok(greetings(heard).some(({ kind }) => kind === "M3"));
  scenario.end();
});

test("B21 an offer in the fake post's own name is none of the post that the driver has named", async () => {
  const { scenario, heard, fake } = await besideFakePost();
  const [offer] = heard.filter((each) => classOf(each) === "offer");
  assert.ok(offer);
  const own = offer.topic.replace(toHex(station(scenario).node.identity.did).slice(0, 16), fake.key.slice(0, 16));
  scenario.world.mesh.inject("site-1", own, offer.payload);
  vehicle(scenario).node.running?.role.chargeAt(fake.did, 1);
  await scenario.runFor(MINUTE_MS);
  assert.equal(greetings(heard), [], "nobody is greeted");
  scenario.end();
});

test.run();

/** The honest post has shown its offer and is gone; a car stands at the fake one, which hears everything. */
async function besideFakePost(): Promise<{
  readonly scenario: Scenario;
  readonly heard: readonly Heard[];
  readonly fake: NodeIdentity;
}> {
  const scenario = new Scenario({ stations: 1, vehicles: 2 });
  const heard = await listenAt(scenario);
  const { node, outlet } = station(scenario);
  await scenario.start();
  // An outlet shows its offer when something is plugged in.
  outlet.plug(vehicle(scenario, 1).car);
  await scenario.runUntil("an offer", MINUTE_MS, () => heard.some((each) => classOf(each) === "offer"));
  outlet.unplug();
  node.die("kill");
  return { scenario, heard, fake: scenario.identityOf("fake-post", "station") };
}

interface Answers {
  readonly signers: readonly NodeIdentity[];
  /** In whose name it answers. */
  readonly names: readonly NodeIdentity[];
}

/** The car wants to charge; each of its hellos is answered in every way that there is. */
async function postTo(scenario: Scenario, heard: readonly Heard[], { signers, names }: Answers): Promise<void> {
  const { world } = scenario;
  const { did } = station(scenario).node.identity;
  vehicle(scenario).node.running?.role.chargeAt(did, 1);
  const answered = new Set<Heard>();
  for (const untilMs = world.nowMs + MINUTE_MS; world.nowMs < untilMs;) {
    await scenario.runFor(50);
    const hellos = heard.filter((each) => classOf(each) === "hs" && !answered.has(each));
    for (const hello of hellos) {
      answered.add(hello);
      for (const signer of signers) for (const name of names) answer(scenario, heard, hello, [signer, name]);
    }
  }
  assert.ok(answered.size > 0, "the car has greeted");
}

function answer(
  scenario: Scenario,
  heard: readonly Heard[],
  greeting: Heard,
  [signer, name]: readonly [NodeIdentity, NodeIdentity],
): void {
  const { cryptography, genesis, mesh } = scenario.world;
  const { crypto } = cryptography;
  const { network } = genesis;
  const m1 = decodeMessage(objectOf(greeting));
  if (!m1.ok || m1.value.kind !== "M1") return;
  const hello = decodeHello(m1.value.hello);
  const shown = heard.filter((each) => classOf(each) === "offer").map((each) => decodeSigned(objectOf(each), 1));
  const offer = shown.find(
    (each) =>
      each.ok &&
      hello.ok &&
      toHex(idOf(crypto, network, PURPOSE.OFFER, each.value.payload)) === toHex(hello.value.offer),
  );
  assert.ok(hello.ok && offer?.ok === true);
  const offered = decodeShape(offerBody, offer.value.payload);
  assert.ok(offered.ok);
  const secret = named("fake post");
  const half = { ephemeral: crypto.publicKeyOf(secret) ?? named(""), nonce: named("nonce") };
  const th2 = transcriptOfM2(crypto, { network, offer: hello.value.offer, hello: m1.value.hello, station: half });
  const keys = deriveKeys(crypto, secret, hello.value.ephemeral, th2);
  const terms = agreeTerms(offered.value.terms, hello.value.want);
  assert.ok(keys && terms.ok);
  const content = { terms: terms.value, startMilliWh: 5_000_000, holdsReference: true };
  const subject = { transcript: th2, station: offered.value.station, evse: 1, offer: hello.value.offer };
  const signature = signer.signer.sign(toBeSigned(network, PURPOSE.AUTH, acceptanceProof(crypto, subject, content)));
  // A JOIN is public: everybody has those of all.
  const join = name.key === toHex(offered.value.station) ? offered.value.join : joinOf(heard, name);
  const sealed = crypto.seal(keys.s1, th2, encodeShape(stationAccepts, { ...content, join, signature }));
  const m2 = encodeMessage({ kind: "M2", handshake: m1.value.handshake, ...half, sealed });
  const topic = topicName(meshRoot(network, "sim"), { kind: "reply", token: toHex(hello.value.token) });
  mesh.inject("site-1", topic, encodeWrapper(0, m2));
}

/** As the gateway has published it; else another one's, which names another one. */
function joinOf(heard: readonly Heard[], { did }: NodeIdentity): Uint8Array {
  const joins = heard.filter((each) => classOf(each) === "mem");
  const own = joins.find(({ payload }) => toHex(payload).includes(toHex(did))) ?? joins[0];
  assert.ok(own);
  return objectOf(own);
}

function greetings(heard: readonly Heard[]): readonly { readonly kind: string }[] {
  return heard
    .filter((each) => classOf(each) === "hs")
    .flatMap((each) => {
      const message = decodeMessage(objectOf(each));
      return message.ok ? [message.value] : [];
    });
}
