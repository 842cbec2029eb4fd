/** What a member may do: by certificate, after its key was replaced, and after it was revoked (protocol 2.2, B28). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { joinPayload, joinWith } from "#core/identity/join.ts";
import { HARDENED_RULES } from "#core/ledger/rules.ts";
import { schedule } from "#core/ledger/schedule.ts";
import { historyOf } from "#core/ledger/reputation.ts";
import { joinFact, makeActor, sha256, signFact, type Actor } from "#test/builders/ledger-actors.ts";
import { codeOf, faultOf, region } from "#test/builders/certified-region.ts";
import {
  ARBITER,
  EASY_RULES,
  LedgerBuilder,
  OPERATOR,
  STARTED_AT,
  STATION,
  VEHICLE,
} from "#test/builders/ledger-builder.ts";
import {
  CERTIFIED,
  certificateOf,
  certifiedJoin,
  keyOf,
  OTHER_OFFICE,
  renewal,
  revocation,
} from "#test/builders/membership-facts.ts";

const DAY = 86_400;
const test = suite("membership");

test("forged CERT: another office's signature lets nobody in, and the open form neither", () => {
  const { builder, network } = region();
  const forged = certificateOf(network, STATION, {}, OTHER_OFFICE);
  assert.equal(faultOf(builder, certifiedJoin(network, STATION, forged)), ["FACT_BAD_JOIN", "CERT_BAD_SIGNATURE"]);
  assert.equal(faultOf(builder, joinFact(network, STATION)), ["FACT_BAD_JOIN", "JOIN_NOT_CERTIFIED"]);
  assert.is(codeOf(builder, certifiedJoin(network, STATION)), "stands");
});

test("a certificate of another device is worth nothing to a thief of it", () => {
  const { builder, network } = region();
  const thief = makeActor("a thief", "station");
  const body = joinWith(certificateOf(network, STATION), network);
  const shown = signFact(network, { kind: "JOIN", shape: joinPayload, body }, [thief.signer]);
  assert.equal(faultOf(builder, shown), ["FACT_BAD_JOIN", "JOIN_BAD_SIGNATURE"]);
});

test("a region without an office takes the open form, and nobody's certificate", () => {
  const builder = new LedgerBuilder();
  const { network } = builder.genesis;
  assert.equal(faultOf(builder, certifiedJoin(network, STATION)), ["FACT_BAD_JOIN", "CERT_BAD_SIGNATURE"]);
  assert.is(codeOf(builder, joinFact(network, STATION)), "stands");
  assert.is(codeOf(builder, revocation(network, STATION, STARTED_AT)), "FACT_NO_AUTHORITY");
});

test("expired CERT: a contract dated after its end waits for a newer one, and stands when that has come", () => {
  const { builder, network } = region(STATION, VEHICLE);
  const late = builder.charge(undefined, { startedAt: STARTED_AT + 9 * DAY + 1 });
  assert.equal(faultOf(builder, late.open), ["FACT_NOT_CERTIFIED", undefined]);
  assert.is(builder.chain.mempool.parked().length, 1);
  for (const actor of [STATION, VEHICLE]) {
    const next = { notBefore: STARTED_AT + 8 * DAY, notAfter: STARTED_AT + 30 * DAY };
    assert.is(codeOf(builder, certifiedJoin(network, actor, certificateOf(network, actor, next))), "stands");
  }
  assert.ok(builder.chain.pending.transactions.get(toHex(late.address)), "the parked contract stands");
});

test("an office renews by its own word who is a member, nobody else, and no other office does", () => {
  const { builder, network } = region(STATION);
  const next = { notBefore: STARTED_AT + 8 * DAY, notAfter: STARTED_AT + 30 * DAY };
  assert.equal(faultOf(builder, renewal(network, VEHICLE, next)), ["FACT_REFERS_UNKNOWN", undefined]);
  const strange = faultOf(builder, renewal(network, STATION, next, OTHER_OFFICE));
  assert.equal(strange, ["FACT_BAD_JOIN", "CERT_BAD_SIGNATURE"]);
  const body = { ...joinWith(certificateOf(network, STATION, next), network), by: "authority" } as const;
  const ownWord = signFact(network, { kind: "JOIN", shape: joinPayload, body }, [keyOf(STATION, 0)]);
  assert.equal(faultOf(builder, ownWord), ["FACT_BAD_JOIN", "JOIN_BAD_SIGNATURE"]);
  assert.is(codeOf(builder, renewal(network, STATION, next)), "stands");
  const held = builder.chain.pending.members.get(toHex(STATION.did));
  assert.is(held?.certificates.at(-1)?.notAfter, next.notAfter);
  assert.is(codeOf(builder, certifiedJoin(network, VEHICLE)), "stands");
  assert.is(builder.chain.mempool.parked().length, 0, "what waited for its member stands now");
});

test("a certificate that has ended comes with a contract of its time, for 30 days; then it comes too late", () => {
  const { builder, network } = region(VEHICLE);
  const ended = STARTED_AT + 9 * DAY;
  assert.is(codeOf(builder, certifiedJoin(network, STATION), ended + 30 * DAY), "stands");
  const last = builder.charge(undefined, { startedAt: ended - 60 });
  assert.is(codeOf(builder, last.open, ended + 30 * DAY), "stands");
  const other = makeActor("too late", "station");
  const refused = faultOf(builder, certifiedJoin(network, other), ended + 30 * DAY + 1);
  assert.equal(refused, ["FACT_BAD_JOIN", "CERT_EXPIRED"]);
});

test("uncertified seller: an authority of the genesis seals, and sells only with a certificate for it", () => {
  const { builder, network } = region(VEHICLE);
  const selling = builder.charge({ station: OPERATOR, vehicle: VEHICLE }).open;
  assert.is(codeOf(builder, selling), "FACT_NOT_CERTIFIED");
  assert.is(builder.seal().header.miner, OPERATOR.did);
  const sealsOnly = certificateOf(network, OPERATOR, { capabilities: ["seal"] });
  assert.is(codeOf(builder, certifiedJoin(network, OPERATOR, sealsOnly)), "stands");
  assert.is(codeOf(builder, selling), "FACT_NOT_CERTIFIED");
  assert.is(codeOf(builder, certifiedJoin(network, OPERATOR)), "stands");
  assert.ok(builder.chain.pending.transactions.entries().size === 1, "now it does");
});

test("no contract claims a larger error than the certified one, or another measuring point", () => {
  const { builder, network } = region(VEHICLE);
  const terms = builder.charge().open.body.terms;
  const [mpePpm] = terms.mpePpm;
  const [point] = terms.measuringPoints;
  const certified = (meter: readonly [number, typeof point]): unknown => {
    const own = region(VEHICLE).builder;
    own.submit(certifiedJoin(network, STATION, certificateOf(network, STATION, { meter })));
    return codeOf(own, own.charge().open);
  };
  assert.is(certified([mpePpm, point]), "stands");
  assert.is(certified([mpePpm - 1, point]), "FACT_NOT_CERTIFIED");
  assert.is(certified([mpePpm, "battery"]), "FACT_NOT_CERTIFIED");
  assert.is(codeOf(builder, builder.charge().open), "FACT_REFERS_UNKNOWN");
});

test("only who is certified to judge judges, and the certificate has not ended before the charge began", () => {
  for (const [changes, expected] of [
    [{}, "stands"],
    [{ notBefore: STARTED_AT - 20 * DAY, notAfter: STARTED_AT }, "FACT_NOT_CERTIFIED"],
  ] as const) {
    const { builder, network } = region(STATION, VEHICLE);
    builder.submit(certifiedJoin(network, ARBITER, certificateOf(network, ARBITER, changes)));
    const terms = { ...builder.charge().open.body.terms, arbiter: ARBITER.did };
    const charge = builder.charge(undefined, { terms });
    builder.submit(charge.open);
    assert.is(codeOf(builder, charge.judge(ARBITER, 5)), expected);
  }
});

test("B28: revoked during session: the charge settles, and nothing that was signed is cancelled", () => {
  const { builder, network } = region(STATION, VEHICLE);
  const charge = builder.charge();
  const [open, ...rest] = charge.whole({ milliWh: 20_000_000 });
  builder.submit(...(open === undefined ? [] : [open]), revocation(network, VEHICLE, STARTED_AT));
  builder.seal();
  builder.submit(...rest);
  builder.seal();
  assert.is(builder.state.transactions.get(toHex(charge.address))?.result?.state, "SETTLED");
  assert.is(historyOf(builder.state, toHex(STATION.did), builder.state.sealedAt), 0, "but it makes no history");
});

test("only an office of the region revokes; of several revocations the earliest counts in whatever order", () => {
  const orders = [
    [STARTED_AT + 500, STARTED_AT + 100],
    [STARTED_AT + 100, STARTED_AT + 500],
  ];
  for (const order of orders) {
    const { builder, network } = region(STATION);
    assert.is(codeOf(builder, revocation(network, STATION, 0, { office: OTHER_OFFICE })), "FACT_BAD_SIGNATURE");
    for (const from of order) codeOf(builder, revocation(network, STATION, from));
    assert.is(builder.chain.pending.revokedFrom.get(toHex(STATION.did)), STARTED_AT + 100);
  }
});

test("a revoked member seals nothing more, be it an authority; others go on", () => {
  const second = makeActor("second operator", "station");
  const builder = new LedgerBuilder({ membership: CERTIFIED, authorities: [OPERATOR, second], rules: HARDENED_RULES });
  const { network } = builder.genesis;
  builder.seal();
  builder.add(builder.make({ facts: [revocation(network, OPERATOR, STARTED_AT)] }));
  assert.equal(
    schedule(sha256, builder.state).map(({ did }) => did),
    [toHex(second.did)],
  );
  builder.seal();
});

test("a node with a history seals while its certificate says so and is good", () => {
  const places = (capabilities: readonly ("charge" | "seal")[], notAfter: number): readonly string[] => {
    const builder = new LedgerBuilder({ membership: CERTIFIED, rules: EASY_RULES });
    const { network } = builder.genesis;
    const certificate = certificateOf(network, STATION, { capabilities, notAfter });
    builder.submit(certifiedJoin(network, STATION, certificate), certifiedJoin(network, VEHICLE));
    builder.submit(...builder.charge().whole({ milliWh: 20_000_000 }));
    builder.seal({ at: STARTED_AT + 3600 });
    return schedule(sha256, builder.state).map(({ did }) => did);
  };
  assert.ok(places(["charge", "seal"], STARTED_AT + 9 * DAY).includes(toHex(STATION.did)));
  assert.not.ok(places(["charge"], STARTED_AT + 9 * DAY).includes(toHex(STATION.did)));
  assert.not.ok(places(["charge", "seal"], STARTED_AT + 1800).includes(toHex(STATION.did)));
});

test("a mixed region takes both; an uncertified member trades and seals, and makes nobody a history", () => {
  const history = (countsUncertified: boolean, certified: readonly Actor[]): readonly number[] => {
    const membership = { ...CERTIFIED, admitsUncertified: true, countsUncertified };
    const builder = new LedgerBuilder({ membership });
    const { network } = builder.genesis;
    for (const actor of [STATION, VEHICLE]) {
      builder.submit(certified.includes(actor) ? certifiedJoin(network, actor) : joinFact(network, actor));
    }
    builder.submit(...builder.charge().whole({ milliWh: 20_000_000 }));
    builder.seal();
    const { state } = builder;
    return [STATION, VEHICLE].map(({ did }) => historyOf(state, toHex(did), state.sealedAt));
  };
  assert.equal(history(false, []), [0, 0]);
  assert.equal(history(false, [VEHICLE]), [1, 0]);
  assert.equal(history(false, [STATION, VEHICLE]), [1, 1]);
  assert.equal(history(true, []), [1, 1]);
});

test("the certified organisation replaces the one in a member's own words", () => {
  const builder = new LedgerBuilder({ membership: { ...CERTIFIED, admitsUncertified: true } });
  const { network } = builder.genesis;
  builder.submit(joinFact(network, { ...STATION, organisation: "a bank" }));
  builder.submit(certifiedJoin(network, STATION, certificateOf(network, STATION, { organisation: "north" })));
  assert.is(builder.chain.pending.members.get(toHex(STATION.did))?.organisation, "north");
});

test.run();
