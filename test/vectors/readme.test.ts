/** The examples of the specifications are what the code does. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { deviceIdOf, encodeInception, inceptionOf, shortDeviceId, topicDeviceId } from "#core/identity/device-id.ts";
import { encodeJoin } from "#core/identity/join.ts";
import { ORGANISATION_BYTES_MAX } from "#core/identity/showable-text.ts";
import { CBOR_DEPTH_MAX, CBOR_ITEMS_MAX, FACT_BYTES_MAX } from "#core/limits.ts";
import { decodeCbor, encodeCbor } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeSigned, idOf, toBeSigned } from "#core/wire/signed.ts";
import { diagnostic } from "#test/builders/diagnostic.ts";

const read = (path: string): string => readFileSync(new URL(`../../firmware/core/${path}`, import.meta.url), "utf8");
const wire = read("wire/README.md");
const identity = read("identity/README.md");

const crypto = new NodeCryptography();
const network = bytesOf("0102030405060708");
const SECRET = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const signer = new NobleSigner(bytesOf(SECRET));
const nextPublicKey = new NobleSigner(bytesOf("02".padStart(64, "0"))).publicKey;

const test = suite("specifications");

test("the examples of the encoding are what the code reads and writes", () => {
  const rows = tableRows(wire, "### 1.1");
  assert.ok(rows.length >= 10);
  for (const [value, hex] of rows) {
    const item = decodeCbor(bytesOf(hex));
    assert.ok(item.ok, hex);
    assert.is(diagnostic(item.value), value);
    assert.is(toHex(encodeCbor(item.value)), hex);
  }
});

test("the examples of refusals are refused for the reason given", () => {
  const rows = tableRows(wire, "### 1.2");
  assert.ok(rows.length >= 13);
  for (const [hex, reason] of rows) {
    const item = decodeCbor(bytesOf(hex));
    assert.is(item.ok ? "accepted" : item.fault.reason, reason, hex);
  }
});

test("the table of purposes is the list of the code", () => {
  const cells = tableRows(wire, "### 3.3").flat();
  const listed = cells.flatMap((cell, index) => (/^\d+$/.test(cell) ? [`${cell} ${cells[index + 1]}`] : []));
  const all = Object.entries(PURPOSE).map(([name, number]) => `${number} ${name}`);
  assert.equal(listed.sort(), all.sort());
});

test("the limits are those of the code", () => {
  const limits = tableRows(wire, "## 5.").map(([, limit]) => Number.parseInt(limit.replace(",", ""), 10));
  assert.equal(limits, [CBOR_DEPTH_MAX, CBOR_ITEMS_MAX, FACT_BYTES_MAX]);
  assert.ok(identity.includes(`text of at most ${ORGANISATION_BYTES_MAX} bytes`));
});

test("the worked example of the envelope is what the code makes", () => {
  const payload = encodeCbor(
    new Map<number, number | Uint8Array>([
      [1, 1],
      [2, network],
    ]),
  );
  const message = toBeSigned(network, PURPOSE.TIP, payload);
  const signature = signer.sign(message);
  assert.equal(exampleOf(wire, "### 3.4"), {
    "secret key": SECRET,
    payload: toHex(payload),
    external: toHex(encodeCbor(["TALLY1", network, PURPOSE.TIP])),
    "to be signed": toHex(message),
    id: toHex(idOf(crypto, network, PURPOSE.TIP, payload)),
    "public key": toHex(signer.publicKey),
    signature: toHex(signature),
    envelope: toHex(encodeSigned(payload, [signature])),
  });
});

test("the worked example of a JOIN is what the code makes", () => {
  const inception = encodeInception(inceptionOf(crypto, "station", signer.publicKey, nextPublicKey));
  const did = deviceIdOf(crypto, inception);
  const join = { version: 1, network, inception, organisation: "Demo" };
  const envelope = encodeJoin(join, signer);
  const payload = envelope.slice(8, -66);
  assert.equal(exampleOf(identity, "### 4.2"), {
    "secret key": SECRET,
    "public key": toHex(signer.publicKey),
    "next public key": toHex(nextPublicKey),
    inception: toHex(inception),
    "device id": toHex(did),
    "short id": shortDeviceId(did),
    "topic id": topicDeviceId(did),
    payload: toHex(payload),
    id: toHex(idOf(crypto, network, PURPOSE.JOIN, payload)),
    envelope: toHex(envelope),
  });
});

test.run();

/** The cells of the first table after a heading, without its head and without backticks. */
function tableRows(text: string, heading: string): readonly (readonly [string, string, ...string[]])[] {
  const section = text.slice(text.indexOf(`\n${heading}`) + 1).split(/\n#+ /)[0] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`|`$/g, "")),
    )
    .map(([first = "", second = "", ...rest]) => [first, second, ...rest]);
}

/** The `name = hex` lines of the first block after a heading; a line without a name continues the one before. */
function exampleOf(text: string, heading: string): Readonly<Record<string, string>> {
  const block = text.slice(text.indexOf(`\n${heading}`)).split("```")[1] ?? "";
  const example: Record<string, string> = {};
  let name = "";
  for (const line of block.trim().split("\n")) {
    const [left, right] = line.includes("=") ? line.split("=") : ["", line];
    name = left === undefined || left === "" ? name : left.trim();
    example[name] = (example[name] ?? "") + (right ?? "").trim();
  }
  return example;
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  assert.ok(bytes, hex);
  return bytes;
}
