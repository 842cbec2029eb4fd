/** A piece of evidence as a file proves itself, without the chain it comes from; an altered one does not. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { evidenceLines, evidenceView } from "#firmware/commands/evidence-view.ts";
import { evidenceIn, makeEvidenceFile, verifyEvidenceFile } from "#records/evidence-file.ts";
import { pieceOf, shownFact, shownHeader, wordsPiece } from "#test/builders/evidence-pieces.ts";
import { crypto, makeActor } from "#test/builders/ledger-actors.ts";
import { LedgerBuilder, OPERATOR, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { rotation } from "#test/builders/membership-facts.ts";

const SECOND = makeActor("second operator", "station");

const test = suite("evidence as a file");

test("each piece of a chain holds by itself, and says what it shows of whom", () => {
  const { builder } = chainOfThree();
  const pieces = evidenceIn(builder.chain);
  const told = pieces.map((piece) => {
    const checked = verifyEvidenceFile(crypto, makeEvidenceFile(builder.chain, piece));
    if (!checked.ok) throw new Error(JSON.stringify(checked.fault));
    const { kind, offender, submitter, id } = checked.value;
    assert.is(id, piece.key);
    assert.equal(submitter, piece.body.member);
    return [kind, toHex(offender)];
  });
  const [miner, vehicle] = [toHex(OPERATOR.did), toHex(VEHICLE.did)];
  const byKind = (left: readonly unknown[], right: readonly unknown[]): number => Number(left[0]) - Number(right[0]);
  assert.equal(told.sort(byKind), [
    [1, miner],
    [3, vehicle],
    [5, vehicle],
  ]);
});

test("no byte of it can be another one", () => {
  const { builder } = chainOfThree();
  const [piece] = evidenceIn(builder.chain);
  assert.ok(piece);
  const file = makeEvidenceFile(builder.chain, piece);
  const good = verifyEvidenceFile(crypto, file);
  for (let place = 0; place < file.length; place += 23) {
    const altered = file.with(place, (file[place] ?? 0) ^ 1);
    const checked = verifyEvidenceFile(crypto, altered);
    // The name of the region and the rules are in the genesis, whose hash is the network that everything is signed for.
    assert.ok(!checked.ok, `byte ${place} of ${file.length}: ${JSON.stringify(checked)} for ${JSON.stringify(good)}`);
  }
});

test("what a chain holds is told of each device, with what follows", () => {
  const { builder } = chainOfThree();
  const view = evidenceView(builder.state);
  assert.is(view.length, 2);
  const lines = evidenceLines(view).join("\n");
  assert.match(lines, /neither seals nor votes until/);
  assert.match(lines, /E1 [0-9a-f]{12} in block \d+, .*: it sealed two blocks in one slot/);
  assert.match(lines, /E3 .*: it signed two reports with one number/);
  assert.match(lines, /1 of 3 contradictions in charges within 90 days/);
  assert.equal(evidenceLines([]), ["no evidence against anybody"]);
});

test.run();

/** E1 against the first miner, E3 and E5 against the vehicle, which has rotated in between. */
function chainOfThree(): { readonly builder: LedgerBuilder } {
  const builder = new LedgerBuilder({ authorities: [OPERATOR, SECOND] });
  builder.know(SECOND);
  const { network } = builder.genesis;
  const one = builder.make({ rank: 0 });
  builder.join(STATION, VEHICLE);
  const other = builder.make({ rank: 0 });
  const isFirst = toHex(one.header.miner) === toHex(OPERATOR.did);
  const forger = isFirst ? [one, other] : [builder.make({ rank: 1, facts: [] }), builder.make({ rank: 1 })];
  const [left = one, right = other] = forger;
  const charge = builder.charge();
  const elsewhere = builder.charge({ station: SECOND, vehicle: VEHICLE });
  builder.submit(charge.open, elsewhere.open);
  builder.seal();
  const [held, lie] = [
    builder.charge().report("vehicle", [0, 8, 8]),
    builder.charge().report("vehicle", [0], { atMs: 1 }),
  ];
  builder.submit(rotation(network, VEHICLE));
  builder.submit(wordsPiece(network, held, lie, STATION));
  const flows = elsewhere.report("vehicle", [0, 8, 8]);
  builder.submit(pieceOf(network, "places", [shownFact(held), shownFact(flows)], SECOND));
  builder.submit(pieceOf(network, "headers", [shownHeader(left), shownHeader(right)], STATION));
  builder.seal();
  return { builder };
}
