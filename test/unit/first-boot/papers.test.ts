/** Requests and certificates that a card carries between a device and the office of its region. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { rotateKeyFile } from "#adapters/keys/key-file.ts";
import { toHex } from "#base/bytes.ts";
import { encodeCertificate } from "#core/identity/certificate.ts";
import { decodeEnrolment } from "#core/identity/enrolment.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import { readTally, tallyBytes } from "#firmware/commands/ca/tally-file.ts";
import { boardsOf, CHARGER, ready, reportOf } from "#test/builders/card-boots.ts";

const test = suite("first boot and the office");
const newBoard = boardsOf(test);

test("with the office's key on the founder's card the region asks for certificates, and cards carry them", async () => {
  const office = new NobleSigner(new SystemRandomness().bytes(32));
  const pub = `tallystick authority key ${toHex(office.publicKey)}\n`;
  const board = newBoard().put("tallystick.toml", CHARGER).put("ca.pub", pub);
  const made = ready(await board.boot());
  assert.match(reportOf(board), /Certificate +none yet/);
  const { card, state } = board.places;
  const crypto = new NodeCryptography();
  const request = decodeEnrolment(await readTally(join(card, "enrol.tally"), "ENROL"), crypto);
  assert.ok(request.ok);
  assert.is(toHex(request.value.deviceId), made.device);
  const certify = (notAfter: number, inception = request.value.inceptionBytes): Uint8Array => {
    const rights = { role: "station", organisation: "", capabilities: ["charge", "seal"] } as const;
    const body = { version: 1, network: request.value.network, inception, notBefore: notAfter - 1000, notAfter };
    return tallyBytes("CERT", encodeCertificate({ ...body, ...rights }, office));
  };
  const stored = (): Uint8Array => readFileSync(join(state, "certificate.tally"));
  ready(await board.put("certificate.tally", certify(1_796_000_000)).boot());
  assert.equal(new Uint8Array(stored()), certify(1_796_000_000));
  assert.match(reportOf(board), /Certificate +good until 2026-1/);
  ready(await board.put("certificate.tally", certify(1_795_000_000)).boot());
  assert.equal(new Uint8Array(stored()), certify(1_796_000_000), "an older one replaces no newer one");
  const stranger = newBoard().put("tallystick.toml", CHARGER);
  stranger
    .put("genesis.tally", readFileSync(join(card, "genesis.tally")))
    .put("certificate.tally", certify(1_796_000_000));
  const other = ready(await stranger.boot());
  assert.match(other.warnings.join(), /that of another device/);
  assert.not.ok(existsSync(join(stranger.places.state, "certificate.tally")));
  assert.match(ready(await board.put("certificate.tally", "torn").boot()).warnings.join(), /damaged/);
});

test("a key that was rotated keeps the device's id, and asks the office for nothing", async () => {
  const board = newBoard().put("tallystick.toml", CHARGER);
  const made = ready(await board.boot());
  const { state, card } = board.places;
  const request = decodeEnrolment(await readTally(join(card, "enrol.tally"), "ENROL"), new NodeCryptography());
  assert.ok(request.ok);
  await rotateKeyFile(join(state, "gateway.key"), request.value.inceptionBytes, new SystemRandomness());
  assert.is(ready(await board.boot()).device, made.device);
});

test.run();
