/**
 * The vectors of the encoding, written by hand from RFC 8949 and from the rules of firmware/core/wire/README.md, not by
 * our encoder. `node test/vectors/generate-cbor-vectors.ts` writes cbor.json.
 */
import { numbered, writeVectors, type Vector, type VectorFile } from "./vector-file.ts";

type Case = Omit<Vector, "id">;

const APPENDIX = "RFC8949-A";

const wide = "integer wider than 53 bits";
const early = "input ends too early";
const longer = "not the shortest form";
const tag = "tags are not used";
const simple = "floats and other simple values are not used";
const indefinite = "indefinite or reserved length";
const keys = "keys are unsigned integers";
const utf8 = "text is not UTF-8";

/** Every example of appendix A, in its order: inside our subset, or refused and why. */
const appendixA: readonly Case[] = [
  ...["00 0", "01 1", "0a 10", "17 23", "1818 24", "1819 25", "1864 100", "1903e8 1000", "1a000f4240 1000000"].map(
    fromAppendix,
  ),
  fromAppendix("1b000000e8d4a51000 1000000000000"),
  refused("1bffffffffffffffff", wide, "18446744073709551615"),
  refused("c249010000000000000000", tag, "2^64 as a bignum"),
  refused("3bffffffffffffffff", wide, "-18446744073709551616"),
  refused("c349010000000000000000", tag, "-2^64 - 1 as a bignum"),
  ...["20 -1", "29 -10", "3863 -100", "3903e7 -1000"].map(fromAppendix),
  ...["f90000", "f98000", "f93c00", "fb3ff199999999999a", "f93e00", "f97bff", "fa47c35000", "fa7f7fffff"].map(float),
  ...["fb7e37e43c8800759c", "f90001", "f90400", "f9c400", "fbc010666666666666", "f97c00", "f97e00", "f9fc00"].map(
    float,
  ),
  ...["fa7f800000", "fa7fc00000", "faff800000"].map(float),
  ...["fb7ff0000000000000", "fb7ff8000000000000", "fbfff0000000000000"].map(float),
  ...["f4 false", "f5 true", "f6 null"].map(fromAppendix),
  refused("f7", simple, "undefined"),
  refused("f0", simple, "simple(16)"),
  refused("f8ff", simple, "simple(255)"),
  refused("c074323031332d30332d32315432303a30343a30305a", tag, "a date and time as text"),
  refused("c11a514b67b0", tag, "seconds of an epoch"),
  refused("c1fb41d452d9ec200000", tag, "seconds of an epoch with a fraction"),
  refused("d74401020304", tag, "23(h'01020304')"),
  refused("d818456449455446", tag, "24(h'6449455446')"),
  refused("d82076687474703a2f2f7777772e6578616d706c652e636f6d", tag, "a URI"),
  ...["40 h''", "4401020304 h'01020304'", '60 ""', '6161 "a"', '6449455446 "IETF"'].map(fromAppendix),
  ...['62225c "\\"\\\\"', '62c3bc "\u00fc"', '63e6b0b4 "\u6c34"', '64f0908591 "\u{10151}"'].map(fromAppendix),
  ...["80 []", "83010203 [1, 2, 3]", "8301820203820405 [1, [2, 3], [4, 5]]"].map(fromAppendix),
  fromAppendix(
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819 " +
      `[${Array.from({ length: 25 }, (_, index) => index + 1).join(", ")}]`,
  ),
  ...["a0 {}", "a201020304 {1: 2, 3: 4}"].map(fromAppendix),
  refused("a26161016162820203", keys, '{"a": 1, "b": [2, 3]}'),
  refused("826161a161626163", keys, '["a", {"b": "c"}]'),
  refused("a56161614161626142616361436164614461656145", keys, '{"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"}'),
  refused("5f42010243030405ff", indefinite, "(_ h'0102', h'030405')"),
  refused("7f657374726561646d696e67ff", indefinite, '(_ "strea", "ming")'),
  refused("9fff", indefinite, "[_ ]"),
  refused("9f018202039f0405ffff", indefinite, "[_ 1, [2, 3], [_ 4, 5]]"),
  refused("9f01820203820405ff", indefinite, "[_ 1, [2, 3], [4, 5]]"),
  refused("83018202039f0405ff", indefinite, "[1, [2, 3], [_ 4, 5]]"),
  refused("83019f0203ff820405", indefinite, "[1, [_ 2, 3], [4, 5]]"),
  refused("9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", indefinite, "[_ 1, 2 ... 25]"),
  refused("bf61610161629f0203ffff", indefinite, '{_ "a": 1, "b": [_ 2, 3]}'),
  refused("826161bf61626163ff", indefinite, '["a", {_ "b": "c"}]'),
  refused("bf6346756ef563416d7421ff", indefinite, '{_ "Fun": true, "Amt": -2}'),
];

const integers: readonly Case[] = [
  ...["18ff 255", "190100 256", "19ffff 65535", "1a00010000 65536", "1affffffff 4294967295"].map(ours),
  ...["1b0000000100000000 4294967296", "1b001fffffffffffff 9007199254740991"].map(ours),
  ...["37 -24", "3818 -25", "38ff -256", "390100 -257", "3b001ffffffffffffe -9007199254740991"].map(ours),
  bad("1800", longer, "0 in two bytes"),
  bad("1817", longer, "23 in two bytes"),
  bad("190018", longer, "24 in three bytes"),
  bad("1900ff", longer, "255 in three bytes"),
  bad("1a0000ffff", longer, "65535 in five bytes"),
  bad("1b00000000ffffffff", longer, "4294967295 in nine bytes"),
  bad("3800", longer, "-1 in two bytes"),
  bad("3900ff", longer, "-256 in three bytes"),
  bad("1b0020000000000000", wide, "2^53, one more than the greatest"),
  bad("1b0020000000000001", wide, "2^53 + 1, which a double rounds to 2^53"),
  bad("3b001fffffffffffff", wide, "-2^53, one less than the least"),
  bad("1c", indefinite, "reserved length 28"),
  bad("1d", indefinite, "reserved length 29"),
  bad("1e", indefinite, "reserved length 30"),
  bad("1f", indefinite, "an integer without end"),
  bad("18", early, "the argument is missing"),
  bad("1b00000001000000", early, "the argument is cut"),
];

const strings: readonly Case[] = [
  ...[`57${"ab".repeat(23)} h'${"ab".repeat(23)}'`, `5818${"ab".repeat(24)} h'${"ab".repeat(24)}'`].map(ours),
  ...['62c280 "\u0080"', '62dfbf "\u07ff"', '63e0a080 "\u0800"', '63ed9fbf "\ud7ff"', '63efbfbf "\uffff"'].map(ours),
  ours('64f48fbfbf "\u{10ffff}"'),
  ours('63efbbbf "\ufeff"'),
  bad("5801ab", longer, "a short byte string with a long head"),
  bad("780161", longer, "a short text with a long head"),
  bad("5b00000000000000024142", longer, "a byte string with a head of nine bytes"),
  bad("44010203", early, "a byte string cut by one byte"),
  bad("6261", early, "a text cut by one byte"),
  bad("5b001fffffffffffff", early, "a length that no memory holds"),
  bad("5bffffffffffffffff", wide, "a length of 64 bits"),
  bad("61ff", utf8, "no byte of UTF-8"),
  bad("6180", utf8, "a continuation without a start"),
  bad("61c3", utf8, "a start without its continuation"),
  bad("62c328", utf8, "a start with a letter behind it"),
  bad("62c080", utf8, "0 in two bytes"),
  bad("62c1bf", utf8, "U+007F in two bytes"),
  bad("63e09fbf", utf8, "U+07FF in three bytes"),
  bad("64f08fbfbf", utf8, "U+FFFF in four bytes"),
  bad("63eda080", utf8, "half a surrogate pair, U+D800"),
  bad("63edbfbf", utf8, "half a surrogate pair, U+DFFF"),
  bad("64f4908080", utf8, "U+110000, beyond the last character"),
  bad("65f888808080", utf8, "a start of five bytes"),
];

const containers: readonly Case[] = [
  ours("a21700181800 {23: 0, 24: 0}"),
  ours("a218ff0019010000 {255: 0, 256: 0}"),
  ours("a11b001fffffffffffff00 {9007199254740991: 0}"),
  ours(`${"81".repeat(8)}00 ${"[".repeat(8)}0${"]".repeat(8)}`),
  ours(`${"81".repeat(8)}80 ${"[".repeat(9)}${"]".repeat(9)}`),
  ours(`${"a100".repeat(7)}a10000 ${"{0: ".repeat(8)}0${"}".repeat(8)}`),
  bad(`${"81".repeat(9)}00`, "nested deeper than 8", "an item within nine others"),
  bad(`${"a100".repeat(9)}00`, "nested deeper than 8", "a key within nine maps"),
  bad("a202000100", "keys out of order", "{2: 0, 1: 0}"),
  bad("a21818001700", "keys out of order", "{24: 0, 23: 0}"),
  bad("a3010002000100", "keys out of order", "{1: 0, 2: 0, 1: 0}"),
  bad("a201000100", "key given twice", "{1: 0, 1: 0}"),
  bad("a12000", keys, "{-1: 0}"),
  bad("a14000", keys, "{h'': 0}"),
  bad("a18000", keys, "{[]: 0}"),
  bad("a1f500", keys, "{true: 0}"),
  bad("a1f93c0000", keys, "{1.0: 0}"),
  bad("a1c10100", keys, "{1(1): 0}"),
  bad("a1180100", longer, "{1: 0} with the key in two bytes"),
  bad("980100", longer, "a short array with a long head"),
  bad("b8010000", longer, "a short map with a long head"),
  bad("8101ff", "bytes after the item", "an array and a break"),
  bad("8201", early, "an array without its last item"),
  bad("a101", early, "a map without its last value"),
  bad("a0a0", "bytes after the item", "two items"),
  bad("9a7fffffff", early, "an array of two thousand million items in five bytes"),
  bad("ba7fffffff", early, "a map of a thousand million entries in five bytes"),
  bad("9bffffffffffffffff", wide, "an array with a length of 64 bits"),
  bad("ff", simple, "a break alone"),
  bad("f814", simple, "false in two bytes"),
  bad("f6f6", "bytes after the item", "null twice"),
  bad("c100", tag, "a tag on an integer"),
  bad("d9d9f700", tag, "the self-description tag"),
  bad("", early, "nothing at all"),
];

export const cborVectors: VectorFile = {
  about: "Deterministic CBOR of firmware/core/wire/README.md; detail is diagnostic notation, or why it is refused.",
  given: {},
  vectors: [
    ...numbered("appendix-a", appendixA),
    ...numbered("integer", integers),
    ...numbered("string", strings),
    ...numbered("container", containers),
  ],
};

if (import.meta.main) await writeVectors("cbor", cborVectors);

function ours(line: string): Case {
  return { ...fromAppendix(line), flags: ["boundary"] };
}

/** Hex, a space, and what it is in diagnostic notation. */
function fromAppendix(line: string): Case {
  const space = line.indexOf(" ");
  const detail = line.slice(space + 1);
  return { comment: "", input: line.slice(0, space), result: "valid", detail, flags: [APPENDIX] };
}

function float(input: string): Case {
  return refused(input, simple, "a float");
}

function refused(input: string, detail: string, comment: string): Case {
  return { ...bad(input, detail, comment), flags: [APPENDIX] };
}

function bad(input: string, detail: string, comment: string): Case {
  return { comment, input, result: "invalid", fault: "CBOR_NOT_CANONICAL", detail, flags: ["refused"] };
}
