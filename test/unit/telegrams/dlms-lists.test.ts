import { suite } from "uvu";
import * as assert from "uvu/assert";
import { concatBytes } from "#base/bytes.ts";
import { DlmsDecoder } from "#hal/protocols/dlms/dlms-decoder.ts";
import { physicalValues } from "#hal/protocols/dlms/physical-values.ts";
import { data, hex, inHdlc, notification } from "#test/builders/dlms-bytes.ts";

const test = suite("DLMS lists");

const IMPORT = data.octets("0100010800ff");
const VOLTAGE = data.octets("0100200700ff");
const CURRENT = data.octets("01001f0700ff");

function line({ code, value, unit }: { code: string; value: string; unit: string | null }): string {
  return `${code}(${value}${unit === null ? "" : `*${unit}`})`;
}

function read(body: Uint8Array): { layout: string; values: readonly string[]; physical: readonly string[] } {
  const [telegram] = new DlmsDecoder().push(inHdlc(notification(body)));
  assert.ok(telegram, "one telegram");
  const { layout, values, problem } = telegram;
  if (layout === undefined) return { layout: problem?.reason ?? "", values: values.map(line), physical: [] };
  return { layout, values: values.map(line), physical: physicalValues({ layout, values }).map(line) };
}

function refuses(body: Uint8Array, reason: string): void {
  assert.equal(read(body), { layout: reason, values: [], physical: [] });
}

test("a code in a structure with its value, scaler and unit (Aidon)", () => {
  const body = data.array(
    data.structure(data.octets("0101000281ff"), data.text("AIDON_V0001")),
    data.structure(IMPORT, data.u32(10_049_926), data.scalerUnit(0, 30)),
    data.structure(CURRENT, data.i16(-93), data.scalerUnit(-1, 33)),
    data.structure(VOLTAGE, data.u16(2307), data.scalerUnit(-1, 35)),
    data.structure(data.octets("01000d0700ff"), data.u16(998), data.scalerUnit(-3, 255)),
  );
  const expected = [
    "1-1:0.2.129(AIDON_V0001)",
    "1-0:1.8.0(10049926*Wh)",
    "1-0:31.7.0(-9.3*A)",
    "1-0:32.7.0(230.7*V)",
    "1-0:13.7.0(0.998)",
  ];
  assert.equal(read(body), { layout: "coded", values: expected, physical: expected });
});

test("codes and values in turn, scales in the maker's manual (Kamstrup)", () => {
  const body = data.structure(
    data.text("Kamstrup_V0001"),
    ...[data.octets("0101000005ff"), data.text("5706567000000000")],
    ...[data.octets("0101010700ff"), data.u32(1468)],
    ...[data.octets("01011f0700ff"), data.u32(637)],
    ...[data.octets("0101200700ff"), data.u16(229)],
    ...[data.octets("0101210700ff"), data.u16(95)],
    ...[data.octets("0001010000ff"), data.octets("07e1080c060f0000ff800080")],
    ...[data.octets("0101010800ff"), data.u32(6_591_700)],
    ...[data.octets("0101030800ff"), data.u32(1)],
  );
  const { layout, values, physical } = read(body);
  assert.is(layout, "kamstrup");
  assert.equal(values, [
    "1-1:0.0.5(5706567000000000)",
    "1-1:1.7.0(1468)",
    "1-1:31.7.0(637)",
    "1-1:32.7.0(229)",
    "1-1:33.7.0(95)",
    "0-1:1.0.0(07e1080c060f0000ff800080)",
    "1-1:1.8.0(6591700)",
    "1-1:3.8.0(1)",
  ]);
  assert.equal(physical.slice(1, 5), [
    "1-1:1.7.0(1468*W)",
    "1-1:31.7.0(6.37*A)",
    "1-1:32.7.0(229*V)",
    "1-1:33.7.0(0.95)",
  ]);
  assert.equal(physical.slice(6), ["1-1:1.8.0(6.591700E+7*Wh)", "1-1:3.8.0(1E+1*varh)"]);
});

test("a flat list with scalers, between a time and a number without code (Netz NÖ)", () => {
  const body = data.structure(
    data.octets("07e5091b01092f0f00ff8880"),
    ...[IMPORT, data.u32(12_937), data.scalerUnit(0, 30)],
    ...[CURRENT, data.u16(42), data.scalerUnit(-2, 33)],
    data.octets("313831323230303030303039"),
  );
  assert.equal(read(body).values, ["1-0:1.8.0(12937*Wh)", "1-0:31.7.0(0.42*A)"]);
});

const KAIFA_HEAD = [
  ...[data.octets("4b464d5f303031"), data.octets("36393730363331343031"), data.octets("4d413330344833")],
  ...[data.u32(601), data.u32(0), data.u32(0), data.u32(71)],
];
const KAIFA_ENERGIES = [
  data.octets("07e1091903110000ff800000"),
  ...[data.u32(403_219), data.u32(0), data.u32(7), data.u32(81_226)],
];
const KAIFA_CODES = ["1-1:0.2.129", "0-0:96.1.0", "0-0:96.1.7", "1-0:1.7.0", "1-0:2.7.0", "1-0:3.7.0", "1-0:4.7.0"];
const KAIFA_ENERGY_CODES = ["0-0:1.0.0", "1-0:1.8.0", "1-0:2.8.0", "1-0:3.8.0", "1-0:4.8.0"];

test("lists without codes are read by position: Kaifa's five", () => {
  assert.equal(read(data.structure(data.u32(1474))).physical, ["1-0:1.7.0(1474*W)"]);

  const one = [data.u32(2542), data.u32(2340)];
  const onePhase = read(data.structure(...KAIFA_HEAD, ...one));
  assert.is(onePhase.layout, "kaifa");
  assert.equal(onePhase.physical.slice(-2), ["1-0:31.7.0(2.542*A)", "1-0:32.7.0(234.0*V)"]);

  const three = [1000, 2000, 3000, 2301, 2302, 2303].map(data.u32);
  const threePhases = read(data.structure(...KAIFA_HEAD, ...three));
  assert.equal(threePhases.physical.slice(3), [
    ...["1-0:1.7.0(601*W)", "1-0:2.7.0(0*W)", "1-0:3.7.0(0*var)", "1-0:4.7.0(71*var)"],
    ...["1-0:31.7.0(1.000*A)", "1-0:51.7.0(2.000*A)", "1-0:71.7.0(3.000*A)"],
    ...["1-0:32.7.0(230.1*V)", "1-0:52.7.0(230.2*V)", "1-0:72.7.0(230.3*V)"],
  ]);

  const codes = (list: { values: readonly string[] }): readonly string[] =>
    list.values.map((value) => value.slice(0, value.indexOf("(")));
  assert.equal(codes(read(data.structure(...KAIFA_HEAD, ...one, ...KAIFA_ENERGIES))), [
    ...KAIFA_CODES,
    ...["1-0:31.7.0", "1-0:32.7.0"],
    ...KAIFA_ENERGY_CODES,
  ]);
  const whole = read(data.structure(...KAIFA_HEAD, ...three, ...KAIFA_ENERGIES));
  assert.equal(codes(whole), [
    ...KAIFA_CODES,
    ...["1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0", "1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0"],
    ...KAIFA_ENERGY_CODES,
  ]);
  assert.is(whole.physical[14], "1-0:1.8.0(403219*Wh)");
});

test("a list of another maker with as many elements is not taken for Kaifa's", () => {
  const [, ...others] = KAIFA_HEAD;
  const list = data.structure(data.octets("4142435f303031"), ...others, data.u32(1), data.u32(2));
  refuses(list, "a list of 9 elements in a layout that is not known here");
  refuses(data.structure(data.u16(1474)), "a list of 1 elements in a layout that is not known here");
});

const ISKRA_HEAD = [
  ...[data.octets("0006190900ff"), data.octets("32323231323032303333383031")],
  ...[data.octets("0e372100"), data.octets("07e5030707")],
];

test("Iskra's list may end early, inside of a value too; nobody else's may", () => {
  const whole = data.structure(...ISKRA_HEAD, ...[1, 2, 3, 4, 5, 6, 7, 8].map(data.u32));
  const expected = [
    ...["1-0:1.8.0(1*Wh)", "1-0:2.8.0(2*Wh)", "1-0:3.8.0(3*varh)", "1-0:4.8.0(4*varh)"],
    ...["1-0:1.7.0(5*W)", "1-0:2.7.0(6*W)", "1-0:3.7.0(7*var)", "1-0:4.7.0(8*var)"],
  ];
  assert.equal(read(whole).physical, expected);
  assert.equal(read(whole.subarray(0, whole.length - 20)).physical, expected.slice(0, 4));
  assert.equal(read(whole.subarray(0, whole.length - 18)).physical, expected.slice(0, 4));
  const coded = data.structure(IMPORT, data.u32(1), CURRENT, data.u32(2));
  refuses(coded.subarray(0, coded.length - 2), "the data end before the list does");
});

test("an element without data may stand in the place of any", () => {
  const list = data.structure(...KAIFA_HEAD, data.u32(2542), data.none);
  assert.equal(read(list).values.slice(-2), ["1-0:31.7.0(2542)", "1-0:32.7.0()"]);
});

test("the Slovenian lists are read by position", () => {
  const names = [data.octets("49534b31303330373833383236333136"), data.octets("49534b3833383236333136")];
  const first = read(
    data.structure(
      ...names,
      ...[100, 0, 1, 2].map(data.u32),
      ...[2346, 2347, 2348, 10, 20, 30].map(data.u16),
      ...[40, 30, 30, 0, 0, 0].map(data.u32),
    ),
  );
  assert.is(first.layout, "ece-1");
  assert.equal(first.values.slice(0, 3), [
    "0-0:42.0.0(49534b31303330373833383236333136)",
    "0-0:96.1.2(49534b3833383236333136)",
    "1-0:1.7.0(100)",
  ]);
  assert.equal(first.physical.slice(6, 10), [
    ...["1-0:32.7.0(234.6*V)", "1-0:52.7.0(234.7*V)", "1-0:72.7.0(234.8*V)", "1-0:31.7.0(0.10*A)"],
  ]);
  const second = read(
    data.structure(...names, data.enumerated(1), data.octets("0002"), ...[1, 2, 3, 4, 5, 6, 7, 8].map(data.u32)),
  );
  assert.is(second.layout, "ece-2");
  assert.equal(second.values.slice(1, 5), [
    "0-0:96.1.3(49534b3833383236333136)",
    "0-0:96.3.10(1)",
    "0-0:96.14.0(2)",
    "1-0:1.8.0(1)",
  ]);
});

const describes = (classId: number, name: string, attribute: number): Uint8Array =>
  data.structure(data.u16(classId), data.octets(name), data.i8(attribute), data.u16(0));

test("a list that describes its elements first (Landis+Gyr) is read by its description", () => {
  const descriptions = [
    describes(8, "0000010000ff", 2),
    describes(3, "0100010800ff", 2),
    describes(3, "0100200700ff", 2),
    describes(3, "0100200700ff", 3),
  ];
  const values = [data.octets("07e5091b01092f0f00ff8880"), data.u32(1234), data.u16(2301), data.scalerUnit(-1, 35)];
  const expected = ["0-0:1.0.0(07e5091b01092f0f00ff8880)", "1-0:1.8.0(1234)", "1-0:32.7.0(230.1*V)"];
  const itself = describes(40, "0008190900ff", 2);
  const describing = read(data.structure(data.array(itself, ...descriptions), ...values));
  assert.equal([describing.layout, describing.values], ["described", expected]);
  const apart = read(data.structure(data.array(...descriptions), ...values));
  assert.equal([apart.layout, apart.values], ["described", expected]);
});

test("a meter that counts its descriptions instead of its elements gives no value the code of its neighbour", () => {
  const descriptions = [
    describes(3, "0100010800ff", 2),
    describes(3, "0100020800ff", 2),
    describes(1, "0000600100ff", 2),
  ];
  const list = data.structure(data.array(...descriptions), data.u32(1234), data.u32(7));
  assert.equal(read(list).values, ["1-0:1.8.0(1234)", "1-0:2.8.0(7)"]);
  const tooFew = data.structure(
    data.array(describes(40, "0006190900ff", 2), ...descriptions),
    data.u32(1234),
    data.u32(7),
  );
  assert.is(read(tooFew).layout, "4 descriptions do not fit a list of 3 elements");
  const spoilt = data.array(...descriptions, data.structure(data.u16(3), data.octets("0100030800ff")));
  assert.is(
    read(data.structure(spoilt, data.u32(1234))).layout,
    "a list of 2 elements in a layout that is not known here",
  );
});

test("each type of data has its kind", () => {
  const valueOf = (value: string): string => {
    const telegrams = new DlmsDecoder().push(inHdlc(notification(concatBytes(hex("0202"), IMPORT, hex(value)))));
    const first = telegrams[0]?.values[0];
    return first === undefined ? (telegrams[0]?.problem?.reason ?? "") : `${first.kind} ${first.value}`;
  };
  assert.is(valueOf("05ffffffff"), "number -1");
  assert.is(valueOf("06ffffffff"), "number 4294967295");
  assert.is(valueOf("0f80"), "number -128");
  assert.is(valueOf("10ff00"), "number -256");
  assert.is(valueOf("11ff"), "number 255");
  assert.is(valueOf("14ffffffffffffffff"), "number -1");
  assert.is(valueOf("15ffffffffffffffff"), "number 18446744073709551615");
  assert.is(valueOf("1607"), "number 7");
  assert.is(valueOf("174366b333"), "number 230.7");
  assert.is(valueOf("18406cd66666666666"), "number 230.7");
  assert.is(valueOf("177fc00000"), "octets ");
  assert.is(valueOf("00"), "octets ");
  assert.is(valueOf("0301"), "text true");
  assert.is(valueOf("0c024142"), "text AB");
  assert.is(valueOf("0a021b5b"), "octets 1b5b");
  assert.is(valueOf("090441424344"), "octets 41424344");
  assert.is(valueOf("0409ff80"), "octets ff80");
  assert.is(valueOf("1907e30c1001073b28ff8000ff"), "octets 07e30c1001073b28ff8000ff");
  assert.is(valueOf("1300"), "data of type 0x13, which is not read here");
  assert.is(valueOf("0980"), "a length of 0 bytes");
});

test("data that break off, go on, nest too deep or hold no list are refused", () => {
  refuses(concatBytes(data.structure(IMPORT, data.u32(1)), hex("00")), "1 bytes follow the data");
  refuses(data.u32(1), "the notification carries one item instead of a list");
  refuses(hex("0284ffffffff0900"), "the data end before the list does");
  refuses(hex("0202010201"), "the data end before the list does");
  const deep = Array.from({ length: 12 }).reduce<Uint8Array>((inner) => data.structure(inner), data.u32(1));
  refuses(deep, "lists are nested deeper than 8");
  refuses(data.structure(), "a list of 0 elements in a layout that is not known here");
});

test.run();
