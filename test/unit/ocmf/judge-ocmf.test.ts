/** Signed meter values of anybody's making: what is refused, by which name, and what is only told. */
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readDerSignature, writeDerSignature } from "#adapters/crypto/der-signature.ts";
import { fromHex } from "#base/bytes.ts";
import { judgeOcmf, type OcmfJudgement } from "#firmware/commands/ocmf/judge-ocmf.ts";
import { findRecords } from "#firmware/commands/ocmf/find-records.ts";
import { escapeXml } from "#records/ocmf/xml-text.ts";

const test = suite("judging OCMF");

const CURVES = [
  ["secp192k1", "ECDSA-secp192k1-SHA256"],
  ["secp256k1", "ECDSA-secp256k1-SHA256"],
  ["prime192v1", "ECDSA-secp192r1-SHA256"],
  ["prime256v1", "ECDSA-secp256r1-SHA256"],
  ["secp384r1", "ECDSA-secp384r1-SHA256"],
  ["brainpoolP256r1", "ECDSA-brainpool256r1-SHA256"],
  ["brainpoolP384r1", "ECDSA-brainpoolP384r1-SHA256"],
] as const;

const P256 = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const OTHER = generateKeyPairSync("ec", { namedCurve: "prime256v1" });

const BEGIN = { TM: "2026-07-01T10:00:00,000+0200 S", TX: "B", RV: 10.5, RI: "1-b:1.8.0", RU: "kWh", EF: "", ST: "G" };
const END = { ...BEGIN, TM: "2026-07-01T11:00:00,000+0200 S", TX: "E", RV: 22.25 };
const FIELDS = { FV: "1.0", PG: "T1", MS: "123", IS: true, IT: "NONE" };

function payloadOf(readings: readonly object[] = [BEGIN, END], fields: object = FIELDS): string {
  return JSON.stringify({ ...fields, RD: readings });
}

function recordOf(payload: string, key: KeyObject = P256.privateKey, section: object = {}): string {
  const signature = sign("sha256", Buffer.from(payload), key).toString("hex");
  return `OCMF|${payload}|${JSON.stringify({ ...section, SD: signature })}`;
}

function hexOf(key: KeyObject): string {
  return key.export({ format: "der", type: "spki" }).toString("hex");
}

function judge(text: string, key?: string): OcmfJudgement {
  const found = findRecords(new TextEncoder().encode(text));
  if (!found.ok) throw new Error(JSON.stringify(found.fault));
  return judgeOcmf(found.value.records, key);
}

function faultOf(text: string, key = hexOf(P256.publicKey)): string | undefined {
  const found = findRecords(new TextEncoder().encode(text));
  return found.ok ? judgeOcmf(found.value.records, key).records[0]?.fault : found.fault.rule;
}

function rulesOf(readings: readonly object[], fields: object = FIELDS): readonly string[] {
  const { transactions } = judge(recordOf(payloadOf(readings, fields)), hexOf(P256.publicKey));
  return transactions.flatMap(({ broken }) => broken.map(({ rule }) => rule));
}

for (const [namedCurve, algorithm] of CURVES) {
  test(`${algorithm}: a record holds with its key, and with no other`, () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve });
    const record = recordOf(payloadOf(), privateKey, { SA: algorithm });
    assert.is(faultOf(record, hexOf(publicKey)), undefined);
    assert.is(faultOf(record.replace("22.25", "22.26"), hexOf(publicKey)), "OCMF_TAMPERED");
    const stranger = generateKeyPairSync("ec", { namedCurve });
    assert.is(faultOf(record, hexOf(stranger.publicKey)), "OCMF_TAMPERED");
    const large = generateKeyPairSync("ec", { namedCurve: "secp521r1" });
    assert.is(faultOf(record, hexOf(large.publicKey)), "OCMF_KEY_OF_ANOTHER_CURVE");
  });

  test(`${algorithm}: a bare point is a key`, () => {
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve });
    const info = hexOf(publicKey);
    const coordinateBytes = Number(/\d{3}/.exec(namedCurve)?.[0]) / 8;
    const bare = info.slice(-4 * coordinateBytes);
    const record = recordOf(payloadOf(), privateKey, { SA: algorithm });
    assert.is(faultOf(record, `04${bare}`), undefined);
    assert.is(faultOf(record, `04 ${bare.toUpperCase().replaceAll(/(.{4})/g, "$1 ")}`), undefined);
    assert.is(faultOf(record, bare), undefined, "without the byte that says that it is a point");
  });
}

test("a key is read as hexadecimal digits, base64 or PEM, and refused as anything else", () => {
  const record = recordOf(payloadOf());
  const key = P256.publicKey;
  assert.is(faultOf(record, key.export({ format: "der", type: "spki" }).toString("base64")), undefined);
  assert.is(faultOf(record, key.export({ format: "pem", type: "spki" }).toString()), undefined);
  for (const none of ["abcd", "3059", "not a key!", "00".repeat(300)]) {
    assert.is(faultOf(record, none), "OCMF_KEY_UNREADABLE", none);
  }
});

test("the key that a person gives comes before the one that came with the record", () => {
  const record = recordOf(payloadOf());
  const withKey = `${record}|${hexOf(P256.publicKey)}`;
  assert.is(judge(withKey).records[0]?.fault, undefined);
  assert.is(judge(withKey).records[0]?.keyFrom, "file");
  assert.is(faultOf(withKey, hexOf(OTHER.publicKey)), "OCMF_OTHER_KEY");
  assert.is(faultOf(withKey.replace("22.25", "22.24"), hexOf(OTHER.publicKey)), "OCMF_TAMPERED");
  assert.is(judge(record).records[0]?.fault, "OCMF_NO_KEY");
});

test("exactly the written bytes are what is signed", () => {
  const payload = `{ "FV" : "1.0",  "RD":[{"TM":"2026-07-01T10:00:00,000+0200 S","RV":2935.600, "ID":"\\u00e9 é 💶"}] } `;
  const record = recordOf(payload);
  assert.is(faultOf(record), undefined);
  assert.is(faultOf(record.replace("2935.600", "2935.6")), "OCMF_TAMPERED", "a zero is a digit");
  assert.is(faultOf(record.replace("} |", "}|")), "OCMF_TAMPERED", "a blank before the end of the section");
  assert.is(faultOf(record.replace("\\u00e9", "é")), "OCMF_TAMPERED", "another way to write the same text");
  assert.is(judge(record, hexOf(P256.publicKey)).records[0]?.record.readings[0]?.digits, "2935.600");
});

test("a | within a text cuts nothing, and is told", () => {
  const record = recordOf(payloadOf(undefined, { ...FIELDS, ID: 'a|{"SD":"00"}|b' }));
  const [judged] = judge(record, hexOf(P256.publicKey)).records;
  assert.is(judged?.fault, undefined);
  assert.equal(judged?.record.oddities, ["OCMF_PIPE_INSIDE"]);
});

test("a name that stands twice is told", () => {
  const record = recordOf(payloadOf().replace('"RU":"kWh"', '"RU":"Wh","RU":"kWh"'));
  assert.equal(judge(record, hexOf(P256.publicKey)).records[0]?.record.oddities, ["OCMF_NAME_REPEATED"]);
});

test("what is no record is refused, wherever it stops being one", () => {
  const record = recordOf(payloadOf());
  const wrong = [
    "",
    "OCMF",
    "OCMF|",
    "OCMF|{}",
    "OCMF|{}|{}",
    "ocmf|{}|{}",
    record.slice(0, -1),
    `${record}|zz |`,
    `${record}x`,
    record.replace("OCMF|", "OCMF||"),
    record.replace('"RD":[', '"RD":[1,'),
    `OCMF|[]|${JSON.stringify({ SD: "00" })}`,
    `OCMF|${"[".repeat(5000)}`,
  ];
  for (const text of wrong) assert.is(faultOf(text), "OCMF_UNREADABLE", text.slice(0, 40));
  assert.is(findRecords(Uint8Array.of(0x4f, 0x43, 0x4d, 0x46, 0x7c, 0xff)).ok, false, "not UTF-8");
});

test("algorithms, encodings and forms that are not of OCMF have their names", () => {
  const payload = payloadOf();
  assert.is(faultOf(recordOf(payload, P256.privateKey, { SA: "RSA-2048-SHA256" })), "OCMF_UNKNOWN_ALGORITHM");
  assert.is(faultOf(recordOf(payload, P256.privateKey, { SA: "ECDSA-secp256r1-SHA1" })), "OCMF_UNKNOWN_ALGORITHM");
  assert.is(faultOf(recordOf(payload, P256.privateKey, { SA: "ECDSA-constructor-SHA256" })), "OCMF_UNKNOWN_ALGORITHM");
  assert.is(faultOf(recordOf(payload, P256.privateKey, { SM: "application/pkcs7" })), "OCMF_SIGNATURE_UNREADABLE");
  assert.is(faultOf(recordOf(payload, P256.privateKey, { SE: "base91" })), "OCMF_SIGNATURE_UNREADABLE");
  assert.is(faultOf(recordOf(payload, P256.privateKey, { SA: "ECDSA-secp256k1-SHA256" })), "OCMF_KEY_OF_ANOTHER_CURVE");
  const base64 = sign("sha256", Buffer.from(payload), P256.privateKey).toString("base64");
  assert.is(faultOf(`OCMF|${payload}|${JSON.stringify({ SE: "base64", SD: base64 })}`), undefined);
});

test("a signature is two numbers in DER: needless zeros are taken, anything else is not", () => {
  const small = { r: Uint8Array.of(1), s: Uint8Array.of(0x80) };
  assert.equal(writeDerSignature(small), Uint8Array.of(0x30, 7, 2, 1, 1, 2, 2, 0, 0x80));
  const read = (hex: string): unknown => readDerSignature(fromHex(hex) ?? new Uint8Array());
  assert.equal(read("300702010102020080"), small);
  assert.equal(read("3009020200010203000080"), small);
  for (const none of [
    "",
    "30",
    "3000",
    "30060201010201",
    "3006020101020180",
    "300602010102010100",
    "30810200",
    "3006020100020101",
  ]) {
    assert.is(read(none), undefined, none);
  }
  assert.is(read(`30818402407f${"11".repeat(63)}0240${"11".repeat(64)}`), undefined, "numbers of no curve");
});

test("a transaction is judged by the rules of the transparency software", () => {
  assert.equal(rulesOf([BEGIN, END]), []);
  assert.equal(rulesOf([BEGIN, { ...END, RV: 10.4 }]), ["OCMF_REGISTER_FELL"]);
  assert.equal(rulesOf([BEGIN, { ...END, RV: 10_400, RU: "Wh" }]), ["OCMF_REGISTER_FELL"], "in another unit");
  assert.equal(rulesOf([BEGIN, { ...END, RV: "   10.5" }]), [], "digits as a text with blanks");
  assert.equal(rulesOf([BEGIN, { ...END, RU: "kVarh" }]), ["OCMF_NO_ENERGY"]);
  assert.equal(rulesOf([BEGIN, { ...END, TM: "2026-07-01T09:59:59,999+0200 S" }]), ["OCMF_TIME_FELL"]);
  assert.equal(rulesOf([BEGIN, { ...END, TM: "2026-07-01T10:30:00,000+0400 S" }]), ["OCMF_TIME_FELL"], "by its zone");
  assert.equal(rulesOf([BEGIN, { ...END, TM: "2026-07-01T11:00:00,000+0200" }]), ["OCMF_TIME_STATE"]);
  assert.equal(rulesOf([{ ...BEGIN, TM: BEGIN.TM.replace("S", "R") }, END]), ["OCMF_TIME_STATE"]);
  assert.equal(rulesOf([BEGIN, { ...END, TM: END.TM.replace("S", "R") }]), []);
  assert.equal(rulesOf([BEGIN, { ...END, ST: "M" }]), ["OCMF_METER_STATUS"]);
  assert.equal(rulesOf([{ ...BEGIN, EF: "Et" }, END]), ["OCMF_ENERGY_FLAGGED"]);
  assert.equal(
    rulesOf([
      { ...BEGIN, EF: "t" },
      { ...END, EF: "t" },
    ]),
    [],
    "the time alone may be flagged",
  );
  assert.equal(rulesOf([BEGIN, END, END]), ["OCMF_SEVERAL_STOPS"]);
  assert.equal(rulesOf([BEGIN, BEGIN, END]), ["OCMF_SEVERAL_STARTS"]);
  assert.equal(
    rulesOf([
      { ...BEGIN, EI: 7 },
      { ...END, EI: 8 },
    ]),
    ["OCMF_EVENTS_BETWEEN"],
  );
  assert.equal(rulesOf([BEGIN, END], { ...FIELDS, IL: "MISMATCH" }), ["OCMF_USER_REFUSED"]);
  assert.equal(rulesOf([BEGIN]), [], "a begin alone is nothing to judge yet");
});

test("fields that are left out are those of the reading before", () => {
  const { transactions } = judge(recordOf(payloadOf([BEGIN, { TX: "E", RV: 12, TM: END.TM }])), hexOf(P256.publicKey));
  assert.is(transactions[0]?.transaction?.picoWh, 1_500_000_000_000_000n);
  assert.equal(
    rulesOf([
      { ...BEGIN, ST: "F" },
      { TX: "E", RV: 12, TM: END.TM },
    ]).length,
    2,
    "the status, too",
  );
});

test("registers of other quantities do not count, and one at the device takes the place of the mains", () => {
  const reactive = { ...END, RI: "1-b:3.8.0", RV: 1 };
  const power = { ...END, RI: "1-b:1.7.0", RV: 1 };
  assert.equal(rulesOf([BEGIN, END, reactive, power]), []);
  const device = (reading: typeof BEGIN, RV: number): object => ({ ...reading, RI: "01-00:B1.08.00*FF", RV });
  const { transactions } = judge(
    recordOf(payloadOf([BEGIN, END, device(BEGIN, 1), device(END, 3)])),
    hexOf(P256.publicKey),
  );
  assert.is(transactions[0]?.transaction?.picoWh, 2_000_000_000_000_000n);
});

test("numbers beyond every meter end nowhere but in a refusal", () => {
  for (const RV of ["1e999999999", "9".repeat(4000), "1e-60", "0x10", "1_000", "NaN", ""]) {
    assert.equal(rulesOf([BEGIN, { ...END, RV }]), ["OCMF_NO_ENERGY"], RV.slice(0, 20));
  }
});

test("a container pairs begin and end, decodes what is hidden, and takes each record by its own key", () => {
  const [begin, end] = [recordOf(payloadOf([BEGIN])), recordOf(payloadOf([END]), OTHER.privateKey)];
  const value = (text: string, key: KeyObject, encoding = "plain"): string =>
    `<value transactionId="7"><signedData format="OCMF" encoding="${encoding}">${text}</signedData>` +
    `<publicKey encoding="plain">${hexOf(key)}</publicKey></value>`;
  const xml = `<?xml version="1.0"?><values>${value(escapeXml(begin), P256.publicKey)}${value(
    Buffer.from(end).toString("base64"),
    OTHER.publicKey,
    "base64",
  )}<!-- nothing --></values>\n`;
  const { records, transactions } = judge(xml);
  assert.equal(
    records.map(({ fault }) => fault),
    [undefined, undefined],
  );
  assert.equal(transactions.length, 1);
  assert.is(transactions[0]?.transaction?.picoWh, 11_750_000_000_000_000n);
  assert.equal(judge(xml.replace(hexOf(OTHER.publicKey), hexOf(P256.publicKey))).records[1]?.fault, "OCMF_TAMPERED");
});

test("records of several transactions are paired in their order, where nothing contradicts it", () => {
  const [begin, end] = [recordOf(payloadOf([BEGIN])), recordOf(payloadOf([END]))];
  const energies = (text: string): readonly unknown[] =>
    judge(text, hexOf(P256.publicKey)).transactions.map(({ transaction, broken }) => [
      transaction?.picoWh,
      broken.map(({ rule }) => rule),
    ]);
  const whole = [11_750_000_000_000_000n, []];
  assert.equal(energies([begin, end, begin, end].join("\n")), [whole, whole]);
  assert.equal(energies([begin, begin, end].join("\n")), [[undefined, []], whole]);
  assert.equal(energies([end, begin].join("\n")), [
    [undefined, []],
    [undefined, []],
  ]);
  const value = (record: string): string =>
    `<value transactionId="1"><signedData>${escapeXml(record)}</signedData></value>`;
  const named = (records: readonly string[]): string => `<values>${records.map(value).join("")}</values>`;
  assert.equal(energies(named([begin, end, begin, end])), [whole, whole]);
  assert.equal(energies(named([begin, begin, end])), [[undefined, ["OCMF_SEVERAL_STARTS"]]]);
});

test("XML that makes its reader do things is refused", () => {
  const inner = "<values><value><signedData>OCMF|{}|{}</signedData></value></values>";
  const bad = [
    `<!DOCTYPE values [<!ENTITY a "b">]>${inner}`,
    "<values>&unknown;</values>",
    "<values><value></values>",
    "<values",
    `${"<a>".repeat(40)}${"</a>".repeat(40)}`,
    "<values/><values/>",
  ];
  for (const xml of bad) assert.is(faultOf(xml), "XML_NOT_READABLE", xml.slice(0, 40));
  assert.is(faultOf("<values></values>"), "CONTAINER_WITHOUT_VALUES");
});

test.run();
