import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import { decodeMessage, encodeMessage } from "#core/handshake/messages.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { handshakeVectors } from "./generate-handshake-vectors.ts";
import { judgeJoin } from "./handshake-joins.ts";
import { judgeHandshake, type Place } from "./judge-handshake.ts";
import { readVectors } from "./vector-file.ts";

const { given, vectors } = readVectors("handshake");
const readme = readFileSync(new URL("../../firmware/core/handshake/README.md", import.meta.url), "utf8");
/** The reference implementation, not the one that made the run. */
const crypto = new NobleCryptography();

const test = suite("handshake vectors");

test("the committed file is what its generator writes", () => {
  assert.equal(readVectors("handshake"), handshakeVectors);
});

test("more is refused than accepted, and no input is given twice at one place", () => {
  const accepted = vectors.filter(({ result }) => result === "valid").length;
  assert.ok(vectors.length - accepted > accepted);
  assert.is(new Set(vectors.map(({ input, flags }) => `${flags.join()} ${input}`)).size, vectors.length);
});

for (const { id, comment, input, fault } of vectors.filter(({ flags }) => flags.includes("refused"))) {
  test(`${id}: ${comment} is refused`, () => {
    const message = decodeMessage(bytesOf(input));
    assert.is(message.ok ? "accepted" : message.fault.code, fault);
  });
}

for (const { id, comment, input, flags, ...expected } of vectors.filter(({ flags }) => isPlace(flags[0]))) {
  test(`${id}: ${comment}: ${expected.result}`, () => {
    const bytes = bytesOf(input);
    assert.equal(flags[0] === "join" ? judgeJoin(bytes) : judgeHandshake(flags[0] as Place, bytes), expected);
  });
}

test("every message of the run is read and written back byte for byte", () => {
  const messages = vectors.filter(({ comment, flags }) => flags.includes("run") && /^(M\d|RETRY)/.test(comment));
  assert.is(messages.length, 6);
  for (const { input } of messages) {
    const message = decodeMessage(bytesOf(input));
    assert.ok(message.ok);
    assert.is(toHex(encodeMessage(message.value)), input);
  }
});

test("the values of the run follow from the README's formulas alone", () => {
  const sha = (...parts: Parameters<typeof encodeCbor>): string => toHex(crypto.sha256(encodeCbor(...parts)));
  const [m1, m2, m3] = ["run-02", "run-03", "run-04"].map(inputOf);
  const second = decodeMessage(bytesOf(m2));
  assert.ok(second.ok && second.value.kind === "M2");
  const { ephemeral, nonce, sealed } = second.value;
  const network = bytesOf(given["network"]);
  const hello = value("run-02", "hello");
  assert.is(sha(["TALLY1/hsId", network, hello]).slice(0, 32), hex("run-02", "handshake"));
  assert.is(sha(["TALLY1/hs2", network, value("run-01", "id"), hello, ephemeral, nonce]), hex("run-03", "th2"));
  assert.is(sha(["TALLY1/hs3", value("run-03", "th2"), crypto.sha256(sealed)]), hex("run-04", "th3"));
  assert.is(sha(["TALLY1/hs4", value("run-04", "th3"), bytesOf(m3)]), hex("run-05", "th4"));
  const shared = crypto.sharedSecret(bytesOf(given["stationEphemeralSecret"]), value("run-02", "ephemeral"));
  assert.is(toHex(shared ?? new Uint8Array()), hex("run-03", "sharedX"));
  const pseudorandom = crypto.hmac(value("run-03", "th2"), value("run-03", "sharedX"));
  // One block of HKDF-Expand is the HMAC of the info and a counter of 1 (RFC 5869, section 2.3).
  const key = (label: string): string =>
    toHex(crypto.hmac(pseudorandom, Uint8Array.from([...encodeCbor(["TALLY1/key", label]), 1])));
  assert.is(key("s1"), hex("run-03", "s1"));
  assert.is(key("e1"), hex("run-04", "e1"));
  assert.is(key("s2"), hex("run-05", "s2"));
  assert.is(key("ch-e"), hex("run-06", "channelVehicle"));
  assert.is(key("ch-s"), hex("run-06", "channelStation"));
  assert.is(key("wm"), hex("run-06", "watermark"));
  const resealed = crypto.seal(value("run-03", "s1"), value("run-03", "th2"), value("run-03", "plain"));
  assert.equal(resealed, sealed);
  assert.ok(m1);
});

test("the worked example of the README is this run", () => {
  for (const [id, name] of [
    ["run-01", "id"],
    ["run-02", "handshake"],
    ["run-03", "th2"],
    ["run-04", "th3"],
    ["run-05", "th4"],
    ["run-06", "transactionAddress"],
  ] as const) {
    assert.ok(readme.includes(hex(id, name)), `${name} ${hex(id, name)}`);
  }
  for (const id of ["run-01", "run-02", "run-03", "run-04", "run-05", "run-06", "run-07"]) {
    const bytes = inputOf(id).length / 2;
    assert.match(readme, new RegExp(`\\| ${bytes} +\\|`), `${id} has ${bytes} bytes`);
  }
});

function isPlace(flag: string | undefined): boolean {
  return flag !== "run" && flag !== "refused";
}

function vectorOf(id: string): (typeof vectors)[number] {
  const found = vectors.find((vector) => vector.id === id);
  if (found === undefined) throw new Error(`no vector ${id}`);
  return found;
}

function inputOf(id: string): string {
  return vectorOf(id).input;
}

function hex(id: string, name: string): string {
  const { detail } = vectorOf(id);
  return typeof detail === "string" ? detail : (detail[name] ?? "");
}

function value(id: string, name: string): Uint8Array {
  return bytesOf(hex(id, name));
}

function bytesOf(text: string | undefined): Uint8Array {
  const bytes = fromHex(text ?? "-");
  if (bytes === undefined) throw new Error("no hex");
  return bytes;
}

test.run();
