/** What a member's replaced key may still say, and what the new one takes over (protocol 2.2, B28). */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import { codeFact, makeActor } from "#test/builders/ledger-actors.ts";
import { codeOf, region } from "#test/builders/certified-region.ts";
import {
  ARBITER,
  forgeHeader,
  LedgerBuilder,
  OPERATOR,
  STARTED_AT,
  STATION,
  VEHICLE,
} from "#test/builders/ledger-builder.ts";
import { certificateOf, certifiedJoin, keyOf, OTHER_OFFICE, rotation } from "#test/builders/membership-facts.ts";

const DAY = 86_400;
const test = suite("rotated keys");

test("B28: stolen key after rotation: who still has the old one signs no contract that is dated later, and seals nothing", () => {
  const { builder, network } = region(STATION, VEHICLE);
  builder.seal();
  const before = builder.charge(undefined, { salt: new Uint8Array(16).fill(1) });
  builder.submit(rotation(network, VEHICLE));
  builder.seal({ at: STARTED_AT + 1000 });
  const at = builder.state.sealedAt;
  assert.is(codeOf(builder, before.open), "stands", "a contract of before the rotation may come late");
  const thief = builder.charge(undefined, { startedAt: at + 120 });
  assert.is(codeOf(builder, thief.open), "FACT_KEY_REPLACED");
  const late = builder.charge(undefined, { salt: new Uint8Array(16).fill(2) });
  assert.is(codeOf(builder, late.open, at + 30 * DAY + 1), "FACT_KEY_REPLACED", "and not for ever");
  const claimed = builder.charge(undefined, { startedAt: at + 120, keys: [1, 0] });
  assert.is(codeOf(builder, claimed.open), "FACT_BAD_SIGNATURE", "naming the new key does not help");
  const owner = builder.charge(
    { station: STATION, vehicle: { ...VEHICLE, signer: keyOf(VEHICLE, 1) } },
    { startedAt: at + 120, keys: [1, 0] },
  );
  assert.is(codeOf(builder, owner.open), "stands");
});

test("B28: a charge goes on over a rotation, with the key that it was opened with and with the new one", () => {
  const { builder, network } = region(STATION, VEHICLE);
  const vehicle = { ...VEHICLE };
  const charge = builder.charge({ station: STATION, vehicle });
  builder.submit(charge.open, charge.report("vehicle", [5]), charge.report("station", [5]));
  builder.submit(rotation(network, VEHICLE));
  builder.submit(charge.report("vehicle", [6]));
  vehicle.signer = keyOf(VEHICLE, 1);
  builder.submit(charge.report("vehicle", [7]), charge.report("station", [13]));
  builder.submit(charge.complete("vehicle"), charge.complete("station"));
  builder.seal();
  assert.is(builder.state.transactions.get(toHex(charge.address))?.result?.state, "SETTLED");
});

test("a block is sealed with the key that its parent knows: the old one seals nothing more", () => {
  const { builder, network } = region();
  builder.submit(rotation(network, OPERATOR));
  builder.seal();
  const block = builder.make();
  const added = builder.chain.addBlock(forgeHeader(network, block, {}, keyOf(OPERATOR, 0)), undefined);
  assert.is(added.ok ? "stands" : added.fault.code, "BLOCK_BAD_SIGNATURE");
  builder.add(forgeHeader(network, block, {}, keyOf(OPERATOR, 1)));
});

test("what was verified with one key is verified again where another is in force", () => {
  const { builder, network } = region(STATION, VEHICLE);
  const ruling = { ...ARBITER };
  builder.submit(certifiedJoin(network, ARBITER));
  builder.seal();
  const terms = { ...builder.charge().open.body.terms, arbiter: ARBITER.did };
  const charge = builder.charge(undefined, { terms });
  builder.submit(charge.open);
  const fact = charge.judge(ruling, 5);
  builder.submit(fact);
  assert.ok(builder.chain.context.verified.has(fact));
  // On the branch that becomes the head, the rotation stands before the ruling.
  builder.add(builder.make({ facts: [charge.open, rotation(network, ARBITER)] }));
  assert.is(builder.chain.pending.transactions.get(toHex(charge.address))?.ruling, undefined);
});

test("only the promised key takes over, once, signed by the one before it or by the office", () => {
  const { builder, network } = region(STATION, VEHICLE);
  const other = { ...VEHICLE, name: "another" };
  const unpromised = rotation(network, VEHICLE, 1, { publicKey: keyOf(other, 1).publicKey });
  assert.is(codeOf(builder, unpromised), "FACT_NOT_PROMISED");
  assert.is(codeOf(builder, rotation(network, VEHICLE, 1, { first: keyOf(other, 0) })), "FACT_BAD_SIGNATURE");
  assert.is(
    codeOf(builder, rotation(network, VEHICLE, 1, { by: "authority", first: OTHER_OFFICE })),
    "FACT_BAD_SIGNATURE",
  );
  assert.is(codeOf(builder, rotation(network, VEHICLE, 2)), "FACT_REFERS_UNKNOWN");
  assert.is(codeOf(builder, rotation(network, makeActor("nobody", "vehicle"))), "FACT_REFERS_UNKNOWN");
  const recovered = rotation(network, VEHICLE, 1, { by: "authority" });
  assert.is(codeOf(builder, recovered), "stands");
  assert.is(codeOf(builder, recovered), "FACT_KNOWN");
  assert.is(codeOf(builder, rotation(network, VEHICLE)), "FACT_CONFLICTS");
  // The second one was parked and stands since.
  assert.is(builder.chain.pending.members.get(toHex(VEHICLE.did))?.keys.length, 3);
});

test("in a region without an office a device rotates by itself, and by nobody else's word", () => {
  const builder = new LedgerBuilder();
  builder.join(VEHICLE);
  const { network } = builder.genesis;
  assert.is(codeOf(builder, rotation(network, VEHICLE, 1, { by: "authority" })), "FACT_NO_AUTHORITY");
  assert.is(codeOf(builder, rotation(network, VEHICLE)), "stands");
});

test("a renewal after a rotation names the key; before the rotation has come it waits", () => {
  const { builder, network } = region(STATION);
  const next = certificateOf(network, STATION, { notAfter: STARTED_AT + 20 * DAY });
  const renewal = certifiedJoin(network, STATION, next, 1);
  assert.is(codeOf(builder, renewal), "FACT_REFERS_UNKNOWN");
  builder.submit(rotation(network, STATION));
  assert.is(builder.chain.pending.members.get(toHex(STATION.did))?.certificates.length, 2);
});

test("a program that the old key has signed is heard for 30 days after the rotation", () => {
  const { builder, network } = region(STATION);
  builder.submit(rotation(network, STATION));
  const at = builder.state.sealedAt;
  const code = codeFact(network, STATION, ENERGY_V1_BYTES);
  assert.is(codeOf(builder, code, at + 30 * DAY + 1), "FACT_BAD_SIGNATURE");
  assert.is(codeOf(builder, code, at + 30 * DAY), "stands");
});

test.run();
