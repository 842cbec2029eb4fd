/**
 * The vectors of facts: one of each kind and the edges of each field, and many that are none. Signatures are those of
 * RFC 6979, so every signer that follows it makes the same bytes.
 * `node test/vectors/generate-fact-vectors.ts` writes facts.json.
 */
import { toHex } from "#base/bytes.ts";
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import type { Fact, FactKind as AnyKind } from "#core/ledger/fact.ts";
import { encodeFact } from "#core/ledger/fact.ts";
import { decodeCbor, encodeCbor, isMap, type CborValue } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { signedItem, toBeSigned } from "#core/wire/signed.ts";
import { codeFact, joinFact, makeActor, named, type Actor } from "#test/builders/ledger-actors.ts";
import { ARBITER, LedgerBuilder, OPERATOR, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { complementOfS } from "#test/builders/p256-signature.ts";
import { numbered, writeVectors, type Vector, type VectorFile } from "./vector-file.ts";

type Case = Omit<Vector, "id">;
/** The others have vectors of their own: `membership.json`, `evidence.json` and `governance.json`. */
type FactKind = Exclude<AnyKind, "ROTATE" | "REVOKE" | "EVIDENCE" | "PARAMS" | "RECONFIG">;
type Payload = ReadonlyMap<number, CborValue>;

const region = new LedgerBuilder();
const { network } = region.genesis;
const charge = region.charge();
const other = region.charge(undefined, { salt: named("salt").slice(0, 16) });
const STRANGER = makeActor("stranger", "vehicle");

const examples: Readonly<Record<FactKind, Fact>> = {
  JOIN: joinFact(network, STATION),
  CODE: codeFact(network, STATION, ENERGY_V1_BYTES),
  OPEN: charge.open,
  REPORT: charge.report("station", [0, 12_500, 12_480], { seen: [0, named("seen").slice(0, 16)] }),
  COMPLETE: charge.complete("station"),
  CANCEL: other.cancel("vehicle"),
  RESOLVE: charge.propose("station", 9_000_000, 405),
  ADJUDICATE: charge.judge(ARBITER, 9_000_000, { fault: "both", reason: "Z\u00e4hler gepr\u00fcft" }),
};
const SIGNERS: Readonly<Record<FactKind, readonly Actor[]>> = {
  JOIN: [STATION],
  CODE: [STATION],
  OPEN: [VEHICLE, STATION],
  REPORT: [STATION],
  COMPLETE: [STATION],
  CANCEL: [VEHICLE],
  RESOLVE: [STATION],
  ADJUDICATE: [ARBITER],
};

const good: readonly Case[] = [
  accepted("a station joins", examples.JOIN, SIGNERS.JOIN),
  accepted("a vehicle joins", joinFact(network, VEHICLE), [VEHICLE]),
  accepted("a program", examples.CODE, SIGNERS.CODE),
  accepted("a contract", examples.OPEN, SIGNERS.OPEN),
  accepted("a report of three readings that has seen one of the other side", examples.REPORT, SIGNERS.REPORT),
  accepted("a first report of one reading", other.report("vehicle", [0]), [VEHICLE]),
  accepted(
    "a report with every optional field and every flag",
    other.report("vehicle", [7], { seen: [0, new Uint8Array(16)], meterProof: named("proof"), flags: 7 }),
    [VEHICLE],
  ),
  accepted("a completion", examples.COMPLETE, SIGNERS.COMPLETE),
  accepted("a completion with the meter's proof", other.complete("vehicle", { meterProof: named("proof") }), [VEHICLE]),
  accepted("a cancellation", examples.CANCEL, SIGNERS.CANCEL),
  accepted("an arbiter joins", joinFact(network, ARBITER), [ARBITER]),
  accepted("a proposal", examples.RESOLVE, SIGNERS.RESOLVE),
  accepted("the last proposal of a vehicle, to pay nothing", other.propose("vehicle", 0, 0, { number: 15 }), [VEHICLE]),
  accepted("a ruling", examples.ADJUDICATE, SIGNERS.ADJUDICATE),
];

/** Kind, key and a value that the key must not have. */
const OUT_OF_RANGE: readonly (readonly [FactKind, number, CborValue, string])[] = [
  ["JOIN", 1, 2, "version 2"],
  ["JOIN", 6, "\u001b[2J", "an organisation with a control character"],
  ["OPEN", 1, 2, "version 2"],
  ["OPEN", 2, network.subarray(1), "a network of 7 bytes"],
  ["OPEN", 3, VEHICLE.did.subarray(1), "a vehicle of 31 bytes"],
  ["OPEN", 4, null, "no station"],
  ["OPEN", 5, 0, "outlet 0"],
  ["OPEN", 5, 256, "outlet 256"],
  ["OPEN", 6, new Map(), "empty terms"],
  ["OPEN", 8, [0], "a reference without an id"],
  ["OPEN", 9, [5_000_000], "one start register"],
  ["OPEN", 9, [-1, 0], "a start register below 0"],
  ["OPEN", 12, new Uint8Array(15), "a salt of 15 bytes"],
  ["REPORT", 1, charge.address.subarray(1), "an address of 31 bytes"],
  ["REPORT", 2, 0, "role 0"],
  ["REPORT", 2, 3, "role 3"],
  ["REPORT", 3, 2881, "sequence 2881"],
  ["REPORT", 3, -1, "sequence -1"],
  ["REPORT", 5, [], "no readings"],
  ["REPORT", 5, Array.from({ length: 61 }, () => 0), "61 readings"],
  ["REPORT", 5, [10, -1], "a register that falls"],
  ["REPORT", 7, [0, new Uint8Array(15)], "15 bytes of the id seen"],
  ["REPORT", 9, 256, "flags of 9 bits"],
  ["REPORT", 10, null, "null for the meter's proof"],
  ["COMPLETE", 2, "station", "the role as text"],
  ["COMPLETE", 3, -1, "a final register below 0"],
  ["COMPLETE", 4, 2882, "2882 reports"],
  ["COMPLETE", 6, 10, "reason 10"],
  ["COMPLETE", 6, 0, "reason 0"],
  ["CANCEL", 2, 3, "role 3"],
  ["RESOLVE", 2, 3, "the arbiter's role"],
  ["RESOLVE", 3, 16, "proposal 16"],
  ["RESOLVE", 4, -1, "energy below 0"],
  ["RESOLVE", 5, -1, "an amount below 0"],
  ["ADJUDICATE", 2, null, "no energy"],
  ["ADJUDICATE", 3, 4, "fault 4"],
  ["ADJUDICATE", 4, "", "no reason"],
  ["ADJUDICATE", 4, "   ", "a reason of spaces"],
  ["ADJUDICATE", 4, "x".repeat(513), "a reason of 513 bytes"],
  ["ADJUDICATE", 4, "one\ntwo", "a reason of two lines"],
];

const badPayload: readonly Case[] = [
  ...OUT_OF_RANGE.map(([kind, key, value, what]) =>
    invalid(
      "WIRE_WRONG_SHAPE",
      `${kind}: ${what}`,
      changed(kind, (payload) => new Map(payload).set(key, value)),
    ),
  ),
  ...(["OPEN", "REPORT", "COMPLETE", "CANCEL", "RESOLVE", "ADJUDICATE"] as const).flatMap((kind) => [
    invalid(
      "WIRE_WRONG_SHAPE",
      `${kind}: a key that it does not have`,
      changed(kind, (payload) => new Map(payload).set(99, 0)),
    ),
    invalid(
      "WIRE_WRONG_SHAPE",
      `${kind}: without key 1`,
      changed(kind, (payload) => withoutKey(payload, 1)),
    ),
  ]),
  invalid("WIRE_WRONG_SHAPE", "a REPORT as a COMPLETE", as("COMPLETE", examples.REPORT)),
  invalid("WIRE_WRONG_SHAPE", "a COMPLETE as a REPORT", as("REPORT", examples.COMPLETE)),
];

const badSignature: readonly Case[] = [
  unproven("CANCEL: signed for another purpose", signedFor("CANCEL", { purpose: PURPOSE.COMPLETE })),
  unproven("REPORT: signed for another network", signedFor("REPORT", { on: named("elsewhere").slice(0, 8) })),
  unproven("REPORT: signed by the other side", signedFor("REPORT", { by: [VEHICLE] })),
  unproven("COMPLETE: signed by a stranger", signedFor("COMPLETE", { by: [STRANGER] })),
  unproven("RESOLVE: signed by the other side", signedFor("RESOLVE", { by: [VEHICLE] })),
  unproven("ADJUDICATE: signed by a party", signedFor("ADJUDICATE", { by: [STATION] })),
  unproven("OPEN: the signatures in the other order", signedFor("OPEN", { by: [STATION, VEHICLE] })),
  unproven("OPEN: the vehicle's signature twice", signedFor("OPEN", { by: [VEHICLE, VEHICLE] })),
  unproven("REPORT: s in the upper half of the order", enclosed("REPORT", highS(examples.REPORT))),
];

const badForm: readonly Case[] = [
  invalid("SIGNED_WRONG_FORM", "OPEN: one signature", enclosed("OPEN", examples.OPEN.signatures.slice(0, 1))),
  invalid("SIGNED_WRONG_FORM", "REPORT: two signatures", enclosed("REPORT", twice(examples.REPORT))),
  invalid("FACT_UNKNOWN_PURPOSE", "the purpose of a header", encodeCbor([PURPOSE.HEADER, envelopeOf(examples.REPORT)])),
  invalid("FACT_UNKNOWN_PURPOSE", "purpose 0", encodeCbor([0, envelopeOf(examples.REPORT)])),
  invalid("WIRE_WRONG_SHAPE", "an envelope without its purpose", encodeCbor([envelopeOf(examples.REPORT)])),
  invalid("WIRE_WRONG_SHAPE", "three items", encodeCbor([PURPOSE.REPORT, envelopeOf(examples.REPORT), 0])),
  invalid("WIRE_WRONG_SHAPE", "the purpose as text", encodeCbor(["21", envelopeOf(examples.REPORT)])),
  invalid("CBOR_NOT_CANONICAL", "a byte too many", Uint8Array.of(...examples.REPORT.bytes, 0)),
  invalid("CBOR_NOT_CANONICAL", "the last byte missing", examples.REPORT.bytes.slice(0, -1)),
  invalid("FACT_TOO_LARGE", "4097 bytes", new Uint8Array(4097)),
];

export const factVectors: VectorFile = {
  about:
    "Facts of firmware/core/ledger/README.md, section 2, as they travel, judged by their form and by the signatures of " +
    "the two parties of the region: detail has what has to be read. BAD_SIGNATURE stands for the rule of section 2.2.",
  given: {
    network: toHex(network),
    genesis: toHex(region.genesis.bytes),
    stationKey: toHex(STATION.signer.publicKey),
    vehicleKey: toHex(VEHICLE.signer.publicKey),
    station: toHex(STATION.did),
    vehicle: toHex(VEHICLE.did),
    operator: toHex(OPERATOR.did),
    arbiterKey: toHex(ARBITER.signer.publicKey),
    arbiter: toHex(ARBITER.did),
  },
  vectors: [
    ...numbered("good", good),
    ...numbered("payload", badPayload),
    ...numbered("signature", badSignature),
    ...numbered("form", badForm),
  ],
};

if (import.meta.main) await writeVectors("facts", factVectors);

function accepted(comment: string, fact: Fact, signers: readonly Actor[]): Case {
  const detail = {
    kind: fact.kind,
    id: fact.key,
    payload: toHex(fact.payload),
    signedBy: signers.map(({ role }) => role).join(", "),
    ...(fact === charge.open ? { address: toHex(charge.address) } : {}),
  };
  return { comment, input: toHex(fact.bytes), result: "valid", detail, flags: [] };
}

function invalid(fault: string, comment: string, input: Uint8Array): Case {
  return { comment, input: toHex(input), result: "invalid", fault, detail: "", flags: [] };
}

function unproven(comment: string, input: Uint8Array): Case {
  return invalid("BAD_SIGNATURE", comment, input);
}

/** Signed again by the right ones, so that nothing else is wrong with it. */
function changed(kind: FactKind, change: (payload: Payload) => Payload): Uint8Array {
  const item = decodeCbor(examples[kind].payload);
  if (!item.ok || !isMap(item.value)) throw new Error("bug: a payload is a map");
  const payload = encodeCbor(change(item.value));
  return signed(kind, payload, {});
}

interface Signing {
  readonly purpose?: (typeof PURPOSE)[keyof typeof PURPOSE];
  readonly on?: Uint8Array;
  readonly by?: readonly Actor[];
}

function signedFor(kind: FactKind, signing: Signing): Uint8Array {
  return signed(kind, examples[kind].payload, signing);
}

function signed(kind: FactKind, payload: Uint8Array, signing: Signing): Uint8Array {
  const { purpose = PURPOSE[kind], on = network, by = SIGNERS[kind] } = signing;
  const message = toBeSigned(on, purpose, payload);
  const signatures = by.map(({ signer }) => signer.sign(message));
  return encodeFact(kind, encodeCbor(signedItem(payload, signatures)));
}

function as(kind: FactKind, { payload }: Fact): Uint8Array {
  return signed(kind, payload, { by: SIGNERS[kind] });
}

function enclosed(kind: FactKind, signatures: readonly Uint8Array[]): Uint8Array {
  return encodeFact(kind, encodeCbor(signedItem(examples[kind].payload, signatures)));
}

function envelopeOf(fact: Fact): Uint8Array {
  return encodeCbor(signedItem(fact.payload, fact.signatures));
}

function highS({ signatures }: Fact): readonly Uint8Array[] {
  return signatures.map(complementOfS);
}

function twice({ signatures }: Fact): readonly Uint8Array[] {
  return [...signatures, ...signatures];
}

function withoutKey(payload: Payload, key: number): Payload {
  return new Map([...payload].filter(([each]) => each !== key));
}
