/** What evidence does on a chain: who is struck, what is counted, what is only told, and what proves nothing. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { encodeShown } from "#core/evidence/shown-object.ts";
import { chooseCommittee } from "#core/finality/committee.ts";
import { isStruckAt, STRIKE_SECONDS } from "#core/ledger/membership.ts";
import { historyOf, isEligible } from "#core/ledger/reputation.ts";
import { schedule } from "#core/ledger/schedule.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import { pieceOf, shownFact, shownHeader, shownVote, wordsPiece } from "#test/builders/evidence-pieces.ts";
import { crypto, makeActor, sha256, signFact, withSignatures, type Actor } from "#test/builders/ledger-actors.ts";
import {
  EASY_RULES,
  forgeHeader,
  LedgerBuilder,
  OPERATOR,
  STARTED_AT,
  STATION,
  VEHICLE,
} from "#test/builders/ledger-builder.ts";
import { CERTIFIED, certificateOf, certifiedJoin, keyOf, OFFICE, rotation } from "#test/builders/membership-facts.ts";
import { complementOfS } from "#test/builders/p256-signature.ts";
import { faultOf } from "#test/builders/certified-region.ts";
import { evidenceBody } from "#core/evidence/evidence-body.ts";

const DAY = 86_400;
const SECOND = makeActor("second operator", "station");

const test = suite("evidence on a chain");

test("B01: a miner that seals two blocks in one slot is struck with the block that holds the proof", () => {
  const { builder, piece } = twoBlocks();
  const before = builder.chain.head;
  assert.ok(places(builder).includes(toHex(OPERATOR.did)));
  builder.submit(piece);
  const block = builder.make({ rank: places(builder).indexOf(toHex(SECOND.did)) });
  builder.add(block);
  assert.ok(isStruckAt(builder.state, toHex(OPERATOR.did), builder.state.sealedAt));
  assert.equal(places(builder), [toHex(SECOND.did)], "from the next block on it has no place");
  assert.ok(!chooseCommittee(sha256, builder.state).includes(toHex(OPERATOR.did)), "nor a seat");
  assert.ok(!isStruckAt(before.state, toHex(OPERATOR.did), before.sealedAt), "before it was shown nothing was known");
});

test("the strike ends after 180 days, and what the device did before does not strike it again", () => {
  const { builder, piece, again } = twoBlocks();
  builder.submit(piece);
  builder.seal({ rank: places(builder).indexOf(toHex(SECOND.did)) });
  const { sealedAt } = builder.state;
  assert.equal(faultOf(builder, again), ["FACT_KNOWN", undefined], "one piece of a kind is enough");
  builder.seal({ at: sealedAt + STRIKE_SECONDS + 1 });
  assert.not(isStruckAt(builder.state, toHex(OPERATOR.did), builder.state.sealedAt));
  assert.ok(places(builder).includes(toHex(OPERATOR.did)));
  assert.equal(faultOf(builder, again), ["FACT_KNOWN", undefined]);
  assert.equal(faultOf(builder, piece), ["FACT_KNOWN", undefined]);
});

test("a history is forfeited: what was earned before the strike does not come back after it", () => {
  const { builder, piece } = twoBlocks([STATION, VEHICLE]);
  const charge = builder.charge({ station: OPERATOR, vehicle: VEHICLE });
  builder.submit(...charge.whole({ milliWh: 20_000_000 }));
  builder.seal();
  const did = toHex(OPERATOR.did);
  const member = builder.state.members.get(did);
  assert.ok(member !== undefined);
  builder.submit(piece);
  const eligible = (): boolean => isEligible(builder.state, member, builder.state.sealedAt);
  const counted = historyOf(builder.state, did, builder.state.sealedAt);
  builder.seal({ rank: places(builder).indexOf(toHex(SECOND.did)) });
  assert.is(historyOf(builder.state, did, builder.state.sealedAt), 0);
  assert.not(eligible());
  assert.is(
    historyOf(builder.state, toHex(VEHICLE.did), builder.state.sealedAt),
    counted,
    "who traded with it keeps its own",
  );
});

test("B28: a strike follows the device and not its key: to rotate does not help, before or after the proof", () => {
  const { builder, piece } = twoBlocks();
  const { network } = builder.genesis;
  builder.submit(rotation(network, OPERATOR));
  builder.seal({ rank: places(builder).indexOf(toHex(SECOND.did)) });
  builder.submit(piece);
  builder.seal({ rank: places(builder).indexOf(toHex(SECOND.did)) });
  assert.equal(places(builder), [toHex(SECOND.did)], "a key that was replaced still proves what it signed");
  builder.submit(rotation(network, OPERATOR, 2));
  builder.seal();
  assert.equal(places(builder), [toHex(SECOND.did)]);
});

test("where nobody else is left the struck authority seals on, last of all: a region must not stand still for ever", () => {
  const builder = new LedgerBuilder();
  const one = builder.make();
  builder.join(STATION, VEHICLE);
  const other = builder.make();
  builder.submit(pieceOf(builder.genesis.network, "headers", [shownHeader(one), shownHeader(other)], STATION));
  builder.seal();
  assert.ok(isStruckAt(builder.state, toHex(OPERATOR.did), builder.state.sealedAt));
  assert.equal(places(builder), [toHex(OPERATOR.did)]);
  assert.equal(chooseCommittee(sha256, builder.state), [], "it does not vote");
  builder.seal();
});

test("two votes for one height, and one around another, strike; votes that an honest member casts do not", () => {
  const { builder } = region();
  const { network } = builder.genesis;
  const vote = (story: Parameters<typeof shownVote>[2]): Uint8Array => shownVote(network, STATION, story);
  const show = (one: Uint8Array, other: Uint8Array): readonly unknown[] =>
    faultOf(builder, pieceOf(network, "votes", [one, other], VEHICLE));
  const low = vote({ source: 4, target: 8 });
  const nothing = ["FACT_BAD_EVIDENCE", "EVIDENCE_NO_CONTRADICTION"];
  assert.equal(show(low, vote({ source: 4, target: 12 })), nothing);
  assert.equal(show(low, vote({ source: 8, target: 12 })), nothing);
  assert.equal(show(low, shownVote(network, SECOND, { source: 4, target: 8, branch: "other" })), nothing);
  assert.equal(show(vote({ source: 0, target: 12 }), low), ["stands"]);
  builder.seal();
  assert.ok(isStruckAt(builder.state, toHex(STATION.did), builder.state.sealedAt));
  const again = pieceOf(network, "votes", [low, vote({ source: 4, target: 8, branch: "other" })], VEHICLE);
  assert.equal(faultOf(builder, again), ["FACT_KNOWN", undefined]);
});

test("contradictions in charges are counted once for a charge, and three in 90 days strike", () => {
  const { builder } = region();
  const { network } = builder.genesis;
  const vehicle = toHex(VEHICLE.did);
  for (const [number, days] of [0, 100, 101, 102].entries()) {
    const changes = { salt: new Uint8Array(16).fill(number + 1), startedAt: STARTED_AT + days * DAY };
    const charge = builder.charge(undefined, changes);
    const twin = builder.charge(undefined, changes);
    builder.submit(charge.open);
    const [one, other] = [charge.report("vehicle", [0]), twin.report("vehicle", [0], { atMs: 7 })];
    builder.submit(wordsPiece(network, one, other, OPERATOR));
    const third = builder.charge(undefined, changes).cancel("vehicle");
    assert.equal(faultOf(builder, wordsPiece(network, one, third, SECOND)), ["FACT_KNOWN", undefined]);
    builder.seal({ at: STARTED_AT + days * DAY });
    assert.is(isStruckAt(builder.state, vehicle, builder.state.sealedAt), days === 102, `after ${days} days`);
  }
  assert.equal(builder.state.misconduct.get(vehicle)?.contradictions, [], "and it begins anew");
});

test("energy that flows into one vehicle at two stations at once is told, and costs it nothing", () => {
  const { builder } = region();
  const { network } = builder.genesis;
  const here = builder.charge();
  const there = builder.charge({ station: SECOND, vehicle: VEHICLE }, { startedAt: here.open.body.startedAt + 100 });
  builder.submit(here.open, there.open);
  const flows = [here.report("vehicle", [0, 9, 9]), there.report("vehicle", [0, 9])] as const;
  const later = here.report("vehicle", [0, 0, 0]);
  const show = (one: typeof later, other: typeof later): readonly unknown[] =>
    faultOf(builder, pieceOf(network, "places", [shownFact(one), shownFact(other)], OPERATOR));
  const nothing = ["FACT_BAD_EVIDENCE", "EVIDENCE_NO_CONTRADICTION"];
  assert.equal(show(later, flows[1]), nothing, "nothing flows");
  assert.equal(show(flows[0], here.report("vehicle", [9, 9])), nothing, "one charge");
  const after = builder.charge({ station: SECOND, vehicle: VEHICLE }, { startedAt: here.open.body.startedAt + 3600 });
  builder.submit(after.open);
  assert.equal(
    show(flows[0], after.report("vehicle", [0, 9])),
    nothing,
    "one after the other, in contracts that overlap",
  );
  assert.equal(show(flows[0], there.report("vehicle", [0, 9], { flags: 4 })), nothing, "its clock is not sure");
  assert.equal(show(...flows), ["stands"]);
  builder.seal();
  const { shown, struckAt } = builder.state.misconduct.get(toHex(VEHICLE.did)) ?? {};
  assert.equal([shown?.map(({ kind }) => kind), struckAt], [[5], null]);
});

test("an office that gives one device to two organisations is told of; one that renews is not", () => {
  const builder = new LedgerBuilder({ membership: CERTIFIED });
  const { network } = builder.genesis;
  builder.submit(certifiedJoin(network, builder.know(STATION)), certifiedJoin(network, builder.know(VEHICLE)));
  const of = (changes: Parameters<typeof certificateOf>[2]): Uint8Array =>
    encodeShown("CERT", certificateOf(network, STATION, changes));
  const show = (one: Uint8Array, other: Uint8Array): readonly unknown[] =>
    faultOf(builder, pieceOf(network, "certificates", [one, other], VEHICLE));
  const nothing = ["FACT_BAD_EVIDENCE", "EVIDENCE_NO_CONTRADICTION"];
  const [begin, end] = [STARTED_AT - DAY, STARTED_AT + 9 * DAY];
  assert.equal(
    show(of({}), of({ notBefore: begin + 5, capabilities: ["charge"] })),
    nothing,
    "it has fewer rights now",
  );
  assert.equal(
    show(of({}), of({ organisation: "west", notBefore: end + 1, notAfter: end + 9 })),
    nothing,
    "it was sold",
  );
  const forged = encodeShown("CERT", certificateOf(network, STATION, { organisation: "west" }, keyOf(STATION, 0)));
  assert.equal(show(of({}), forged), ["FACT_BAD_SIGNATURE", undefined]);
  assert.equal(show(of({}), of({ organisation: "west", notBefore: end, notAfter: end + 9 })), ["stands"]);
  builder.seal();
  assert.is(builder.state.misconduct.get(toHex(STATION.did))?.struckAt, null);
});

test("B28: two rotations to one number are told of, when the promised key has signed both", () => {
  const builder = new LedgerBuilder({ membership: CERTIFIED });
  const { network } = builder.genesis;
  builder.submit(certifiedJoin(network, builder.know(STATION)), certifiedJoin(network, builder.know(VEHICLE)));
  const one = rotation(network, STATION);
  const other = rotation(network, STATION, 1, { nextKeyDigest: new Uint8Array(32) });
  const show = (left: typeof one, right: typeof one): readonly unknown[] =>
    faultOf(builder, pieceOf(network, "rotations", [shownFact(left), shownFact(right)], VEHICLE));
  const stranger = withSignatures(network, other, [keyOf(STATION, 0), keyOf(VEHICLE, 1)]);
  assert.equal(show(one, stranger), ["FACT_BAD_SIGNATURE", undefined]);
  assert.equal(show(one, withSignatures(network, other, [OFFICE, keyOf(STATION, 1)])), ["stands"]);
  builder.seal();
  assert.is(builder.state.misconduct.get(toHex(STATION.did))?.struckAt, null);
});

test("an honest node cannot be shown guilty: one statement with two signatures is one statement", () => {
  const { builder, blocks } = twoBlocks();
  const { network } = builder.genesis;
  const [block] = blocks;
  const { signature, headerPayload } = block;
  const resigned = forgeHeader(network, block, {}, OPERATOR.signer);
  assert.equal(resigned.id, block.id);
  const other = { headerBytes: encodeSigned(headerPayload, [complementOfS(signature)]) };
  for (const copy of [resigned, other]) {
    const piece = pieceOf(network, "headers", [shownHeader(block), shownHeader(copy)], SECOND);
    assert.equal(faultOf(builder, piece), ["FACT_BAD_EVIDENCE", "EVIDENCE_SAME_OBJECT"]);
  }
});

test("what somebody else has signed proves nothing, nor what the one who shows it has not shown", () => {
  const { builder, blocks, piece } = twoBlocks();
  const { network } = builder.genesis;
  const [one, other] = blocks;
  const forged = forgeHeader(network, one, { factCount: 3 }, SECOND.signer);
  const by = (objects: readonly [typeof one, typeof one], actor: Actor): readonly unknown[] =>
    faultOf(builder, pieceOf(network, "headers", [shownHeader(objects[0]), shownHeader(objects[1])], actor));
  assert.equal(by([one, forged], SECOND), ["FACT_BAD_SIGNATURE", undefined]);
  assert.equal(faultOf(builder, withSignatures(network, piece, [OPERATOR.signer])), ["FACT_BAD_SIGNATURE", undefined]);
  assert.equal(by([one, other], makeActor("nobody", "vehicle")), ["FACT_REFERS_UNKNOWN", undefined], "no member");
  const moved = forgeHeader(network, other, { slot: other.header.slot + 1 }, OPERATOR.signer);
  assert.equal(by([one, moved], SECOND), ["FACT_BAD_EVIDENCE", "EVIDENCE_NO_CONTRADICTION"], "two slots");
  const swapped = { ...piece.body, first: piece.body.second, second: piece.body.first };
  const statement = { kind: "EVIDENCE", shape: evidenceBody, body: swapped } as const;
  assert.equal(faultOf(builder, signFact(network, statement, [SECOND.signer])), [
    "FACT_BAD_EVIDENCE",
    "EVIDENCE_WRONG_ORDER",
  ]);
  const elsewhere = new LedgerBuilder({ authorities: [OPERATOR, SECOND], rules: { ...EASY_RULES, slotSeconds: 5 } });
  assert.equal(by([one, elsewhere.make()], SECOND), ["FACT_BAD_EVIDENCE", "EVIDENCE_WRONG_NETWORK"]);
});

test("a piece comes to stand when whom it is about is known, and is known when it stands", () => {
  const builder = new LedgerBuilder({ authorities: [OPERATOR, SECOND] });
  const { network } = builder.genesis;
  const votes = [
    shownVote(network, STATION, { source: 0, target: 4 }),
    shownVote(network, STATION, { source: 1, target: 4 }),
  ];
  const piece = pieceOf(network, "votes", [votes[0] ?? new Uint8Array(), votes[1] ?? new Uint8Array()], SECOND);
  assert.equal(faultOf(builder, piece), ["FACT_REFERS_UNKNOWN", undefined]);
  builder.join(STATION);
  assert.ok(builder.chain.mempool.get(piece.key) !== undefined, "it was parked");
  builder.seal();
  assert.ok(builder.state.misconduct.get(toHex(STATION.did))?.struckAt !== null);
  assert.equal(faultOf(builder, piece), ["FACT_KNOWN", undefined]);
  assert.ok(crypto.sha256(piece.bytes).length === 32);
});

test.run();

function region(): { readonly builder: LedgerBuilder } {
  const builder = new LedgerBuilder({ authorities: [OPERATOR, SECOND] });
  builder.know(SECOND);
  builder.join(STATION, VEHICLE);
  builder.seal();
  return { builder };
}

/** OPERATOR has sealed two blocks in the first slot, and two more in the next; the first of them stands. */
function twoBlocks(members: readonly Actor[] = []) {
  const builder = new LedgerBuilder({ authorities: [OPERATOR, SECOND] });
  builder.know(SECOND);
  const { network } = builder.genesis;
  const rank = places(builder).indexOf(toHex(OPERATOR.did));
  const one = builder.make({ rank });
  builder.join(...members, makeActor("one more", "vehicle"));
  const other = builder.make({ rank });
  builder.add(one);
  const later = [{ factCount: 1 }, { factCount: 2 }].map((change) =>
    forgeHeader(network, one, { ...change, slot: one.header.slot + 1 }, OPERATOR.signer),
  );
  const [left = one, right = one] = later;
  return {
    builder,
    blocks: [one, other] as const,
    piece: pieceOf(network, "headers", [shownHeader(one), shownHeader(other)], SECOND),
    again: pieceOf(network, "headers", [shownHeader(left), shownHeader(right)], SECOND),
  };
}

function places(builder: LedgerBuilder): readonly string[] {
  return schedule(sha256, builder.state).map(({ did }) => did);
}
