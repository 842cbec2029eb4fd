/** Facts as bytes: what each kind is made of, and that nothing else is read as one. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import { FACT_BYTES_MAX, GOVERNORS_MAX } from "#core/limits.ts";
import { decodeFact, encodeFact, FACT_KINDS, type Fact, type FactKind } from "#core/ledger/fact.ts";
import { signersOf } from "#core/ledger/fact-signers.ts";
import { decodeCbor, encodeCbor, isMap, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { idOf, signedItem } from "#core/wire/signed.ts";
import { OUT_OF_RANGE } from "./fact-ranges.ts";
import { diagnostic } from "#test/builders/diagnostic.ts";
import { paramsFact, reconfigFact } from "#test/builders/governors.ts";
import { codeFact, crypto, joinFact, withSignatures } from "#test/builders/ledger-actors.ts";
import { revocation, rotation } from "#test/builders/membership-facts.ts";
import { wordsPiece } from "#test/builders/evidence-pieces.ts";
import { ARBITER, LedgerBuilder, OPERATOR, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const builder = new LedgerBuilder();
const network = builder.genesis.network;
const context = { crypto, network };
const charge = builder.charge();
const withOptional = { seen: [0, new Uint8Array(16)] as const, meterProof: new Uint8Array(32) };
const examples: Readonly<Record<FactKind, Fact>> = {
  JOIN: joinFact(network, STATION),
  ROTATE: rotation(network, STATION),
  REVOKE: revocation(network, VEHICLE, 1_780_000_000),
  PARAMS: paramsFact(network, { number: 1, activeFromEpoch: 2, rules: { historyMin: 3 }, codeVersion: 2 }),
  RECONFIG: reconfigFact(network, { serial: 8, id: new Uint8Array(32) }, [STATION.did, OPERATOR.did]),
  CODE: codeFact(network, STATION, ENERGY_V1_BYTES),
  OPEN: charge.open,
  EVIDENCE: wordsPiece(network, builder.charge().cancel("vehicle"), builder.charge().complete("vehicle"), STATION),
  REPORT: charge.report("station", [0, 10, 20], withOptional),
  COMPLETE: charge.complete("station", { meterProof: new Uint8Array(32) }),
  CANCEL: charge.cancel("vehicle"),
  RESOLVE: charge.propose("station", 9_000_000, 405),
  ADJUDICATE: charge.judge(ARBITER, 9_000_000, { fault: "vehicle" }),
};

const OPTIONAL_KEYS: Readonly<Record<FactKind, readonly number[]>> = {
  JOIN: [],
  ROTATE: [],
  REVOKE: [],
  PARAMS: [5],
  RECONFIG: [],
  CODE: [],
  OPEN: [],
  EVIDENCE: [],
  REPORT: [7, 10],
  COMPLETE: [8],
  CANCEL: [],
  RESOLVE: [],
  ADJUDICATE: [],
};

const BY_TWO: readonly FactKind[] = ["OPEN", "ROTATE", "PARAMS", "RECONFIG"];

const test = suite("facts as bytes");

for (const kind of FACT_KINDS) {
  const fact = examples[kind];

  test(`${kind} comes back as it was, with the id of what was signed`, () => {
    const decoded = decode(fact.bytes);
    assert.equal(decoded, fact);
    assert.is(decoded.key, toHex(idOf(crypto, network, PURPOSE[kind], fact.payload)));
    assert.is(decoded.signatures.length, BY_TWO.includes(kind) ? 2 : 1);
  });

  test(`${kind}: every key is in the table of this test`, () => {
    assert.equal([...payloadOf(fact).keys()], Object.keys(OUT_OF_RANGE[kind]).map(Number));
  });

  test(`${kind}: no value out of its range is read`, () => {
    for (const [key, values] of Object.entries(OUT_OF_RANGE[kind])) {
      for (const value of values) {
        const changed = new Map(payloadOf(fact)).set(Number(key), value);
        assert.is(faultOf(withPayload(fact, changed)), "WIRE_WRONG_SHAPE", `key ${key}: ${diagnostic(value)}`);
      }
    }
  });

  test(`${kind}: no key may be missing but the optional ones, and none too many`, () => {
    for (const key of payloadOf(fact).keys()) {
      const changed = new Map(payloadOf(fact));
      changed.delete(key);
      const expected = OPTIONAL_KEYS[kind].includes(key) ? undefined : "WIRE_WRONG_SHAPE";
      assert.is(faultOf(withPayload(fact, changed)), expected, `without key ${key}`);
    }
    assert.is(faultOf(withPayload(fact, new Map(payloadOf(fact)).set(99, 0))), "WIRE_WRONG_SHAPE");
  });

  test(`${kind} has as many signatures as it has signers`, () => {
    const { signatures, payload } = fact;
    const [first] = signatures;
    const isGoverned = kind === "PARAMS" || kind === "RECONFIG";
    const tooMany = Array.from({ length: GOVERNORS_MAX + 1 }, () => first ?? payload);
    const other = signatures.length === 1 ? [...signatures, ...signatures] : signatures.slice(0, 1);
    const wrong = isGoverned ? tooMany : other;
    assert.is(faultOf(enclosed(kind, [...ES256_EMPTY, payload, ...wrong])), "SIGNED_WRONG_FORM");
    // How many governors have to sign stands in the genesis.
    if (isGoverned) assert.is(faultOf(enclosed(kind, signedItem(payload, other))), undefined);
    assert.is(faultOf(enclosed(kind, [...ES256_EMPTY, payload])), "SIGNED_WRONG_FORM");
    const short = signatures.map((signature) => signature.subarray(1));
    assert.is(faultOf(enclosed(kind, [...ES256_EMPTY, payload, ...short])), "SIGNED_WRONG_FORM");
    assert.ok(first !== undefined);
  });

  test(`${kind} is not read as another kind`, () => {
    const envelope = encodeCbor(signedItem(fact.payload, fact.signatures));
    for (const other of FACT_KINDS.filter((name) => name !== kind)) {
      assert.ok(faultOf(encodeFact(other, envelope)) !== undefined, other);
    }
  });
}

test("only the purposes of facts are facts", () => {
  const envelope = encodeCbor(signedItem(examples.CANCEL.payload, examples.CANCEL.signatures));
  const facts: readonly number[] = FACT_KINDS.map((kind) => PURPOSE[kind]);
  for (const purpose of [...Object.values(PURPOSE), 0, 99].filter((number) => !facts.includes(number))) {
    assert.is(faultOf(encodeCbor([purpose, envelope])), "FACT_UNKNOWN_PURPOSE");
  }
});

test("a fact is two items, the second a byte string, within its largest size", () => {
  const { payload, signatures } = examples.CANCEL;
  const envelope = encodeCbor(signedItem(payload, signatures));
  for (const item of [[23], [23, envelope, 0], ["23", envelope], [23, [envelope]], new Map([[23, envelope]]), null]) {
    assert.is(faultOf(encodeCbor(item)), "WIRE_WRONG_SHAPE");
  }
  assert.is(faultOf(new Uint8Array(FACT_BYTES_MAX + 1)), "FACT_TOO_LARGE");
  assert.is(faultOf(new Uint8Array(FACT_BYTES_MAX)), "CBOR_NOT_CANONICAL");
  assert.is(faultOf(Uint8Array.of(...examples.CANCEL.bytes, 0)), "CBOR_NOT_CANONICAL");
});

test("the largest facts that the shapes allow fit", () => {
  const largest = Array.from({ length: 60 }, (_, index) => (index === 0 ? Number.MAX_SAFE_INTEGER : 0));
  const steps = largest.map(() => 2 ** 32);
  const report = builder.charge().report("station", steps, {
    ...withOptional,
    registerMilliWh: steps.map(() => Number.MAX_SAFE_INTEGER),
  });
  assert.ok(report.bytes.length <= FACT_BYTES_MAX, `${report.bytes.length} bytes`);
});

test("a reason may have 512 bytes of any language, in whole characters", () => {
  for (const reason of ["x".repeat(512), "\u00e4".repeat(256), "\u{1f50c}".repeat(128)]) {
    assert.is(faultOf(charge.judge(ARBITER, 0, { reason }).bytes), undefined);
  }
  const { payload, signatures } = charge.judge(ARBITER, 0, { reason: "\u{1f50c}" });
  const halved = Uint8Array.from(payload);
  halved[halved.length - 1] = 0x20;
  assert.is(faultOf(enclosed("ADJUDICATE", signedItem(halved, signatures))), "CBOR_NOT_CANONICAL");
});

test("another signature of the same statement is the same fact", () => {
  const other = withSignatures(network, examples.REPORT, [OPERATOR.signer]);
  assert.is(other.key, examples.REPORT.key);
  assert.not.equal(other.bytes, examples.REPORT.bytes);
});

test("signers are the parties that the charge names, once it is known", () => {
  const own = new LedgerBuilder();
  const mine = own.charge();
  const report = mine.report("vehicle", [0]);
  assert.equal(signersOf(own.chain.pending, report), []);
  own.join(STATION, VEHICLE);
  own.submit(mine.open);
  assert.equal(signersOf(own.chain.pending, report), [toHex(VEHICLE.did)]);
  assert.equal(signersOf(own.chain.pending, mine.open), [toHex(VEHICLE.did), toHex(STATION.did)]);
  assert.equal(signersOf(own.chain.pending, examples.JOIN), []);
  assert.equal(signersOf(own.chain.pending, mine.propose("station", 0, 0)), [toHex(STATION.did)]);
  assert.equal(signersOf(own.chain.pending, mine.judge(ARBITER, 0)), [], "its terms name no arbiter");
  const { terms } = mine.open.body;
  const judged = own.charge(undefined, { terms: { ...terms, arbiter: ARBITER.did } });
  own.submit(judged.open);
  assert.equal(signersOf(own.chain.pending, judged.judge(ARBITER, 0)), [toHex(ARBITER.did)]);
});

test.run();

const ES256_EMPTY: readonly CborValue[] = [Uint8Array.of(0xa1, 0x01, 0x26), new Map()];

function decode(bytes: Uint8Array): Fact {
  const fact = decodeFact(context, bytes);
  assert.ok(fact.ok, fact.ok ? "" : JSON.stringify(fact.fault));
  return fact.value;
}

function faultOf(bytes: Uint8Array): string | undefined {
  const fact = decodeFact(context, bytes);
  return fact.ok ? undefined : fact.fault.code;
}

function payloadOf(fact: Fact): ReadonlyMap<number, CborValue> {
  const payload = decodeCbor(fact.payload);
  assert.ok(payload.ok && isMap(payload.value));
  return payload.value;
}

function withPayload(fact: Fact, payload: ReadonlyMap<number, CborValue>): Uint8Array {
  return enclosed(fact.kind, signedItem(encodeCbor(payload), fact.signatures));
}

function enclosed(kind: FactKind, envelope: CborValue): Uint8Array {
  return encodeFact(kind, encodeCbor(envelope));
}
