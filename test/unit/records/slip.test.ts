/** The slip of a receipt: what it keeps suffices for both signatures, and nothing in it can be changed. */
import { suite } from "uvu";
import { isSessionFact } from "#core/ledger/fact.ts";
import * as assert from "uvu/assert";
import { concatBytes, equalBytes } from "#base/bytes.ts";
import { resultBody, type ResultBody } from "#core/ledger/block.ts";
import { merkleRoot } from "#core/ledger/merkle-tree.ts";
import { decodeCbor, encodeCbor, isList, isMap, type CborMap, type CborValue } from "#core/wire/cbor.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { checkSlip, type SlipFault } from "#records/check-slip.ts";
import { decodeBase45, encodeBase45 } from "#records/qr/base45.ts";
import { receiptLines } from "#records/receipt-text.ts";
import { viewOfSlip, type ReceiptView } from "#records/receipt-view.ts";
import { SLIP_PREFIX, slipOf, slipText } from "#records/slip.ts";
import { crypto, makeActor, named, sha256 } from "#test/builders/ledger-actors.ts";
import { forgeHeader } from "#test/builders/ledger-builder.ts";
import { paperCharge, type PaperCharge, type PaperEnding } from "#test/builders/paper-charge.ts";
import { perKwh } from "#test/builders/tariffs.ts";

const test = suite("slip");
const ENDINGS: readonly PaperEnding[] = [
  "settled",
  "disputed",
  "abandoned",
  "cancelled",
  "mutual",
  "arbiter",
  "lapsed",
];
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

for (const ending of ENDINGS) {
  test(`the slip of a charge that was ${ending} holds, and says what the receipt says`, () => {
    const { view } = paperCharge({ ending, vehicleShare: 0.7 });
    const text = textOf(view);
    const checked = checkSlip(crypto, text);
    assert.ok(checked.ok, checked.ok ? "" : JSON.stringify(checked.fault));
    assert.equal(checked.value.address, view.address);
    assert.equal(checked.value.sealed?.result, view.result);
    assert.equal(checked.value.sealed?.blockId, view.sealed?.id);
    const lines = receiptLines(viewOfSlip(checked.value, text));
    const toPay = (all: readonly string[]): string | undefined => all.find((line) => line.includes("To pay"));
    assert.is(toPay(lines), toPay(receiptLines(view)));
  });
}

test("a simple charge fits 1,300 bytes, and its price is shown by the slip alone", () => {
  const view = paperCharge({ vehicleShare: 0.912, terms: { tariff: perKwh(350_000) } }).view;
  const text = textOf(view);
  assert.ok(bytesOf(text).length <= 1_300, `${bytesOf(text).length} bytes`);
  const checked = checkSlip(crypto, text);
  assert.ok(checked.ok && checked.value.isPriceShown);
});

test("a price by time is not shown by the slip alone, and it says so", () => {
  const checked = checkSlip(crypto, textOf(paperCharge().view));
  assert.ok(checked.ok && !checked.value.isPriceShown);
});

test("before a block holds the result, the slip shows what both have signed", () => {
  const checked = checkSlip(crypto, textOf(paperCharge({ ending: "agreed" }).view));
  assert.ok(checked.ok);
  assert.is(checked.value.sealed, undefined);
  assert.equal(
    checked.value.words.map(({ kind }) => kind),
    ["COMPLETE", "COMPLETE"],
  );
});

test("a result among others of its block is led to the signed header", () => {
  const checked = checkSlip(crypto, textOf(paperCharge({ neighbours: 4 }).view));
  assert.ok(checked.ok, checked.ok ? "" : JSON.stringify(checked.fault));
});

/** All of them take nine seconds. */
const EVERY = 4;

test("any one altered character is refused", () => {
  const text = textOf(paperCharge({ neighbours: 4 }).view);
  const codes = new Map<string, number>();
  for (let place = 0; place < text.length; place += EVERY) {
    const other = ALPHABET[(ALPHABET.indexOf(text.charAt(place)) + 1 + (place % 43)) % 45] ?? "";
    const checked = checkSlip(crypto, text.slice(0, place) + other + text.slice(place + 1));
    assert.not(checked.ok, `character ${place} as ${other}`);
    if (!checked.ok) codes.set(checked.fault.code, (codes.get(checked.fault.code) ?? 0) + 1);
  }
  // What a signature covers is named by it; only the sizes of the tree and the check itself are left to the check.
  assert.ok((codes.get("SLIP_BAD_SIGNATURE") ?? 0) > 850 / EVERY, JSON.stringify([...codes]));
  assert.ok((codes.get("SLIP_NOT_SEALED") ?? 0) > 300 / EVERY, JSON.stringify([...codes]));
  assert.ok((codes.get("SLIP_MISREAD") ?? 0) < 40 / EVERY, JSON.stringify([...codes]));
});

test("a text that is cut, too long or of another kind is unreadable", () => {
  const text = textOf(paperCharge().view);
  for (const wrong of ["", "TALLY1:", text.slice(1), text.slice(0, -1), text.slice(0, 400), text + "0".repeat(4000)]) {
    assert.is(faultOf(wrong)?.code, "SLIP_UNREADABLE", wrong.slice(0, 20));
  }
});

test("a forger who makes the check fit is caught by what does not hold", () => {
  const view = paperCharge({ vehicleShare: 0.912, terms: { tariff: perKwh(350_000) } }).view;
  const good = mapOf(bytesOf(textOf(view)));
  const sealed = mapIn(good, SEALED);
  const stranger = makeActor("stranger", "station");
  const forgeries: readonly (readonly [string, CborMap, SlipFault["code"]])[] = [
    ["another network", withKey(good, 2, named("elsewhere").slice(0, 8)), "SLIP_BAD_SIGNATURE"],
    ["another station", withKey(good, 3, replaced(good, 3, 1, stranger.inception)), "SLIP_BAD_SIGNATURE"],
    ["another vehicle", withKey(good, 3, replaced(good, 3, 0, named("x"))), "SLIP_UNREADABLE"],
    ["signatures exchanged", withKey(good, 4, swapped(good)), "SLIP_BAD_SIGNATURE"],
    ["no last words", withKey(good, 5, []), "SLIP_WRONG_RESULT"],
    ["a last word twice", withKey(good, 5, [...listIn(good, 5), listIn(good, 5)[0] ?? null]), "SLIP_UNREADABLE"],
    ["another amount", withKey(good, SEALED, withResult(sealed, { 7: 1 })), "SLIP_NOT_SEALED"],
    ["another state", withKey(good, SEALED, withResult(sealed, { 2: 2 })), "SLIP_NOT_SEALED"],
    ["another miner", withKey(good, SEALED, withKey(sealed, 2, 1)), "SLIP_NOT_SEALED"],
    ["another count", withKey(good, SEALED, withKey(sealed, 6, 2)), "SLIP_NOT_SEALED"],
    ["a miner that is not there", withKey(good, SEALED, withKey(sealed, 2, 3)), "SLIP_NOT_SEALED"],
  ];
  for (const [what, forged, code] of forgeries) assert.is(faultOf(asText(encodeCbor(forged)))?.code, code, what);
  assert.is(faultOf(asText(encodeCbor(good))), undefined);
});

test("a miner that seals a result which the words do not bear out is caught", () => {
  const paper = paperCharge({ vehicleShare: 0.912, terms: { tariff: perKwh(350_000) } });
  const { result } = paper.view;
  assert.ok(result !== undefined);
  const lies: readonly Partial<ResultBody>[] = [
    { amount: result.amount + 1 },
    { billedMilliWh: result.billedMilliWh - 1_000_000 },
    { stationMilliWh: result.stationMilliWh + 1 },
    { vehicleMilliWh: result.vehicleMilliWh + 1 },
    { contestedMilliWh: 1 },
    { verdict: "DISAGREE" },
    { differencePpm: 0 },
    { state: "DISPUTED" },
    { ending: "mutual" },
    { ending: "arbiter" },
    { ending: "silence" },
  ];
  assert.is(faultOf(sealedWith(paper, {})), undefined);
  for (const lie of lies) {
    const fault = faultOf(sealedWith(paper, lie));
    assert.is(fault?.code, "SLIP_WRONG_RESULT", JSON.stringify(lie));
  }
});

test("what both agreed on and what an arbiter ruled is borne out by their words", () => {
  const mutual = paperCharge({ ending: "mutual", vehicleShare: 0.7 });
  assert.is(faultOf(sealedWith(mutual, { amount: 401 }))?.code, "SLIP_WRONG_RESULT");
  const ruled = paperCharge({ ending: "arbiter", vehicleShare: 0.7 });
  assert.is(faultOf(sealedWith(ruled, { fault: "vehicle" }))?.code, "SLIP_WRONG_RESULT");
  assert.is(faultOf(sealedWith(ruled, { billedMilliWh: 9_000_000 }))?.code, "SLIP_WRONG_RESULT");
});

test.run();

/** Keys of the slip and of the part that a block adds. */
const SEALED = 6;

function textOf(view: ReceiptView): string {
  assert.ok(view.slip !== undefined);
  return view.slip;
}

/** The slip as CBOR, without its check. */
function bytesOf(text: string): Uint8Array {
  const decoded = decodeBase45(text.slice(SLIP_PREFIX.length));
  assert.ok(decoded.ok);
  return decoded.value.slice(0, -4);
}

function asText(slip: Uint8Array): string {
  return SLIP_PREFIX + encodeBase45(concatBytes(slip, sha256(slip).slice(0, 4)));
}

function faultOf(text: string): SlipFault | undefined {
  const checked = checkSlip(crypto, text);
  return checked.ok ? undefined : checked.fault;
}

/** The slip that a dishonest miner could make: a signed header over a changed result. */
function sealedWith({ builder, charge, view }: PaperCharge, lie: Partial<ResultBody>): string {
  const { chain, genesis } = builder;
  const block = chain.at(view.sealed?.serial ?? 0)?.block;
  assert.ok(block !== undefined && view.result !== undefined);
  const result = encodeShape(resultBody, { ...view.result, ...lie });
  const forged = forgeHeader(genesis.network, block, { resultsRoot: merkleRoot(sha256, [result]) });
  const { headerPayload, signature: seal } = forged;
  const all = Array.from(
    { length: chain.head.state.serial },
    (_, place) => chain.at(place + 1)?.block?.facts ?? [],
  ).flat();
  const facts = all.filter(
    (fact) =>
      fact.kind === "JOIN" ||
      (fact.kind === "OPEN" && equalBytes(fact.id, charge.open.id)) ||
      (isSessionFact(fact) && equalBytes(fact.body.address, charge.address)),
  );
  const sealed = { headerPayload, seal, miner: block.header.miner, result, index: 0, count: 1, path: [] };
  const honest = view.result;
  // The words are those of the honest result: what a lie would leave out is what bears witness against it.
  const slip = slipOf({ crypto, genesis, facts, sealed: { ...sealed, result: encodeShape(resultBody, honest) } });
  assert.ok(slip !== undefined);
  const map = mapOf(slip);
  return slipText(crypto, encodeCbor(withKey(map, SEALED, withKey(mapIn(map, SEALED), 4, withoutAddress(result)))));
}

function mapOf(encoded: Uint8Array): CborMap {
  const item = decodeCbor(encoded);
  assert.ok(item.ok && isMap(item.value));
  return item.value;
}

function mapIn(map: CborMap, key: number): CborMap {
  const item = map.get(key);
  assert.ok(item !== undefined && isMap(item));
  return item;
}

function listIn(map: CborMap, key: number): readonly CborValue[] {
  const item = map.get(key);
  assert.ok(item !== undefined && isList(item));
  return item;
}

function withKey(map: CborMap, key: number, value: CborValue): CborMap {
  return new Map(map).set(key, value);
}

function replaced(map: CborMap, key: number, place: number, value: CborValue): CborValue {
  return listIn(map, key).with(place, value);
}

/** The two signatures under OPEN in the other order. */
function swapped(map: CborMap): CborValue {
  const [payload = null, first = null, second = null] = listIn(map, 4);
  return [payload, second, first];
}

function withResult(sealed: CborMap, changes: Readonly<Record<number, CborValue>>): CborMap {
  const result = sealed.get(4);
  assert.instance(result, Uint8Array);
  const changed = new Map(mapOf(result instanceof Uint8Array ? result : new Uint8Array()));
  for (const [key, value] of Object.entries(changes)) changed.set(Number(key), value);
  return withKey(sealed, 4, encodeCbor(changed));
}

function withoutAddress(result: Uint8Array): Uint8Array {
  return encodeCbor(new Map([...mapOf(result)].filter(([key]) => key !== 1)));
}
