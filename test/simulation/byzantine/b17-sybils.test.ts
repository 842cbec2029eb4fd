/**
 * B17: one organisation with two stations and fifty cars of its making farms histories, and wants seats in the
 * committee. Cars have none in any case; of its stations no more than the cap of an organisation lets in.
 *
 * The cap holds where four organisations have stations with a history (protocol 2.13, decision 0040). While fewer have,
 * rank alone decides and authorities of the genesis fill up to four seats: then two stations are two seats.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { committeesOf, faultsBorne, seatsOf } from "#core/finality/finality-state.ts";
import type { CertificateBody } from "#core/identity/certificate.ts";
import { historyOf } from "#core/ledger/reputation.ts";
import { sealAndCertify } from "#test/builders/committee-votes.ts";
import { makeActor, type Actor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, VOTING_RULES } from "#test/builders/ledger-builder.ts";
import { certificateOf, CERTIFIED, certifiedJoin } from "#test/builders/membership-facts.ts";

const test = suite("B17 Sybils");

const SYBILS = 50;
const RULES = { ...VOTING_RULES, checkpointBlocks: 2, epochCheckpoints: 2, historyMin: 1, counterpartiesMin: 1 };
const AUTHORITIES = ["a1", "a2", "a3", "a4"].map((name) => makeActor(name, "station", "founder"));
const POSTS = ["post-1", "post-2"].map((name) => makeActor(name, "station", "mallory"));
const HONEST = ["north", "south", "east", "west"].map((name) => makeActor(`${name}-1`, "station", name));

/** As an office would certify them: the cars belong to whoever the certificate says. */
function sybils(organisationOf: (index: number) => string): readonly Actor[] {
  return Array.from({ length: SYBILS }, (_, index) => makeActor(`sybil-${index}`, "vehicle", organisationOf(index)));
}

function regionWith(members: readonly Actor[]): LedgerBuilder {
  const builder = new LedgerBuilder({ rules: RULES, authorities: AUTHORITIES, membership: CERTIFIED });
  const { network } = builder.genesis;
  const may: Partial<CertificateBody> = { capabilities: ["charge", "seal", "vote"] };
  for (const actor of members) {
    const rights = actor.role === "station" ? may : {};
    builder.submit(certifiedJoin(network, builder.know(actor), certificateOf(network, actor, rights)));
    if (builder.chain.mempool.size >= 20) builder.seal();
  }
  sealAndCertify(builder, 2);
  return builder;
}

/** Each car charges once, at the posts in turn, and each charge is settled and in a block. */
function farm(builder: LedgerBuilder, posts: readonly Actor[], cars: readonly Actor[]): void {
  for (const [index, vehicle] of cars.entries()) {
    const station = posts[index % posts.length];
    assert.ok(station);
    const salt = Uint8Array.from({ length: 16 }, (_, at) => (at === 0 ? index : 0));
    const startedAt = builder.state.sealedAt;
    builder.submit(...builder.charge({ station, vehicle }, { salt, startedAt }).whole({ milliWh: 2_000_000 }));
    if (index % 10 === 9) sealAndCertify(builder, 1);
  }
  sealAndCertify(builder, 1);
}

/** Seals until the committee of a later epoch votes; its seats. */
function nextCommittee(builder: LedgerBuilder): readonly string[] {
  const { epoch } = builder.state.finality;
  for (let blocks = 0; builder.state.finality.epoch <= epoch + 1; blocks += 1) {
    assert.ok(blocks < 40, "epochs pass");
    sealAndCertify(builder, 1);
  }
  const committees = committeesOf(builder.state.finality, builder.state.finality.epoch);
  assert.ok(committees);
  return committees.forward;
}

function seatsIn(committee: readonly string[], actors: readonly Actor[]): number {
  return committee.filter((did) => actors.some((actor) => toHex(actor.did) === did)).length;
}

test("B17 fifty cars and two stations of one organisation make no history of each other, and no seat", () => {
  const cars = sybils(() => "mallory");
  const builder = regionWith([...POSTS, ...cars]);
  farm(builder, POSTS, cars);
  const committee = nextCommittee(builder);
  assert.is(seatsIn(committee, [...POSTS, ...cars]), 0);
  for (const post of POSTS) assert.is(historyOf(builder.state, toHex(post.did), builder.state.sealedAt), 0);
});

test("B17 with cars in fifty other names their histories are the longest, and they have no seat above the cap", () => {
  const cars = sybils((index) => `nobody ${index}`);
  const builder = regionWith([...POSTS, ...HONEST, ...cars]);
  farm(builder, POSTS, cars);
  farm(builder, HONEST, cars.slice(0, HONEST.length));
  const committee = nextCommittee(builder);
  const longest = Math.max(...HONEST.map(({ did }) => historyOf(builder.state, toHex(did), builder.state.sealedAt)));
  for (const { did } of POSTS) {
    assert.ok(historyOf(builder.state, toHex(did), builder.state.sealedAt) > longest, "by rank both would be in");
  }
  assert.is(seatsIn(committee, cars), 0, "a car does not vote");
  const cap = faultsBorne(committee.length);
  assert.ok(committee.length >= 4 && seatsIn(committee, POSTS) <= cap, `${seatsIn(committee, POSTS)} above ${cap}`);
  assert.is(new Set(seatsOf({ forward: committee, rear: committee })).size, committee.length);
});

test.run();
