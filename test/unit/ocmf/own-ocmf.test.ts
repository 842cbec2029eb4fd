/**
 * Records that a gateway makes of its own readings: readers of others take them, and they say no more than is known.
 */
import { Crypto } from "@road-labs/ocmf-crypto-noble";
import { Verifier } from "@road-labs/ocmf";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { publicKeyInfo } from "#adapters/crypto/foreign-signature.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { signOcmf } from "#adapters/crypto/sign-ocmf.ts";
import { toHex } from "#base/bytes.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import { judgeOcmf } from "#firmware/commands/ocmf/judge-ocmf.ts";
import { findRecords } from "#firmware/commands/ocmf/find-records.ts";
import { picoWh, kwhDigits, registerDigits } from "#records/ocmf/energy-digits.ts";
import { writeContainer } from "#records/ocmf/safe-container.ts";
import { ocmfTime, writePayload, type OwnReadings } from "#records/ocmf/write-payload.ts";

const test = suite("own OCMF");

const signer = new NobleSigner(new Uint8Array(32).fill(5));
const publicKey = toHex(publicKeyInfo("secp256r1", signer.publicKey));
const STARTED_MS = 1_790_000_000_000;

const STATION: OwnReadings = {
  version: "1.3",
  gateway: { name: "Tallystick", serial: "F189G135GSX7B", version: "0.1.0" },
  page: 42,
  meter: { vendor: "Eastron", model: "eastron-sdm630", serial: "1234567", firmware: undefined },
  userId: "ab".repeat(20),
  tariffText: "0.35 EUR/kWh",
  chargePoint: "F189G135GSX7B 1",
  register: "1-b:1.8.0",
  currentType: "AC",
  resolutionMilliWh: 1000,
  begin: { atMs: STARTED_MS, timeState: "I", reason: "B", milliWh: 5_000_000, status: "G" },
  end: { atMs: STARTED_MS + 3_930_000, timeState: "I", reason: "E", milliWh: 17_250_000, status: "G" },
  address: "cd".repeat(32),
  codeHash: "ef".repeat(32),
};
const VEHICLE: OwnReadings = {
  ...STATION,
  version: "1.0",
  tariffText: undefined,
  register: "01-00:B1.08.00*FF",
  currentType: "DC",
  resolutionMilliWh: 1,
  end: { ...STATION.end, milliWh: 16_123_457 },
};

function judge(text: string, key: string | undefined): ReturnType<typeof judgeOcmf> {
  const found = findRecords(new TextEncoder().encode(text));
  if (!found.ok) throw new Error(JSON.stringify(found.fault));
  return judgeOcmf(found.value.records, key);
}

for (const [name, readings, energy] of [
  ["station", STATION, "12.250 kWh"],
  ["vehicle", VEHICLE, "11.123457 kWh"],
] as const) {
  test(`a ${name}'s record is taken by a reader that is not ours`, async () => {
    const crypto = new Crypto();
    const key = await crypto.decodeEcPublicKey(Uint8Array.from(Buffer.from(publicKey, "hex")), "spki-der");
    const record = signOcmf(signer, writePayload(readings));
    const { verified, value } = await new Verifier(crypto).parseAndVerify(record, key);
    assert.is(verified, true);
    assert.is(value?.payloadData.PG, "T42");
    assert.is(value?.payloadData.RD.length, 2);
    const tampered = await new Verifier(crypto).parseAndVerify(record.replace('"T42"', '"T43"'), key);
    assert.is(tampered.verified, false);
  });

  test(`a ${name}'s record breaks no rule of billing and has one register`, () => {
    const { records, transactions } = judge(signOcmf(signer, writePayload(readings)), publicKey);
    assert.is(records[0]?.fault, undefined);
    assert.equal(transactions[0]?.broken, []);
    assert.is(kwhDigits(transactions[0]?.transaction?.picoWh ?? 0n), energy);
    assert.is(new Set(records[0]?.record.readings.map(({ register }) => register)).size, 1);
    assert.equal(records[0]?.record.oddities, []);
  });
}

test("what a person sees of a payload is this", () => {
  const payload = writePayload(STATION);
  assert.is(
    payload,
    '{"FV":"1.3","GI":"Tallystick","GS":"F189G135GSX7B","GV":"0.1.0","PG":"T42","MV":"Eastron","MM":"eastron-sdm630",' +
      `"MS":"1234567","IS":true,"IL":"VERIFIED","IF":[],"IT":"UNDEFINED","ID":"${"ab".repeat(20)}",` +
      '"TT":"0.35 EUR/kWh","CT":"CBIDC","CI":"F189G135GSX7B 1","RD":[' +
      '{"TM":"2026-09-21T14:13:20,000+0000 I","TX":"B","RV":5.000,"RI":"1-b:1.8.0","RU":"kWh","RT":"AC","EF":"","ST":"G"},' +
      '{"TM":"2026-09-21T15:18:50,000+0000 I","TX":"E","RV":17.250,"RI":"1-b:1.8.0","RU":"kWh","RT":"AC","EF":"",' +
      `"ST":"G"}],"UA":"${"cd".repeat(32)}","UC":"${"ef".repeat(32)}"}`,
  );
});

test("a payload can be nothing else that this key signs", () => {
  const payload = new TextEncoder().encode(writePayload(STATION));
  const signed = toBeSigned(new Uint8Array(8), PURPOSE.COMPLETE, payload);
  assert.is(payload[0], 0x7b);
  assert.is(signed[0], 0x84, "a Sig_structure is an array of four");
  assert.throws(() => signOcmf(signer, "[1]"), /bug/);
  assert.throws(() => signOcmf(signer, '{"a":"|"}'), /bug/);
});

test("texts of others cannot leave their place, and read back as they were", () => {
  const serial = 'x"},{"RV":1}]|OCMF|\n\u202e\u0000é💶\\';
  const record = signOcmf(signer, writePayload({ ...STATION, meter: { ...STATION.meter, serial } }));
  assert.is(record.split("|").length, 3);
  assert.ok(/^[ -~]+$/.test(record), "printable ASCII only");
  const { records } = judge(record, publicKey);
  assert.is(records[0]?.fault, undefined);
  assert.is(records[0]?.record.texts.get("MS"), serial);
  const xml = writeContainer([{ record, publicKey, transactionId: '"><x>' }]);
  assert.is(judge(xml, undefined).records[0]?.fault, undefined, "a container keeps every sign");
  assert.is(judge(xml, undefined).records[0]?.transactionId, '"><x>');
});

test("registers have the decimals of their step, both the same, and lose no digit", () => {
  assert.equal(registerDigits([5_000_000, 17_250_000], 1000), ["5.000", "17.250"]);
  assert.equal(registerDigits([5_000_000], 1), ["5.000000"]);
  assert.equal(registerDigits([5_010_000, 5_020_000], 10_000), ["5.01", "5.02"]);
  assert.equal(registerDigits([5_000_000], 100_000), ["5.0"]);
  assert.equal(registerDigits([7_000_000], 1_000_000), ["7"]);
  assert.equal(registerDigits([0, 1], 1_000_000), ["0.000000", "0.000001"]);
  assert.equal(registerDigits([5_000_000, 5_012_300], 10_000), ["5.0000", "5.0123"], "finer than was stated");
  assert.equal(registerDigits([Number.MAX_SAFE_INTEGER], 1000), ["9007199254.740991"]);
  for (const milliWh of [0, 1, 999_999, 1_000_000, 123_456_789, Number.MAX_SAFE_INTEGER]) {
    assert.is(picoWh(registerDigits([milliWh], 1000)[0], "kWh"), BigInt(milliWh) * 10n ** 9n);
  }
});

test("times say how well they are known, on every day there is", () => {
  assert.is(ocmfTime(0, "U"), "1970-01-01T00:00:00,000+0000 U");
  assert.is(ocmfTime(1_709_210_096_789, "S"), "2024-02-29T12:34:56,789+0000 S");
  assert.is(ocmfTime(4_102_444_799_999, "I"), "2099-12-31T23:59:59,999+0000 I");
});

test.run();
