import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "#base/bytes.ts";
import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import { openRegion, decodeJoin, type JoinFault } from "#core/identity/join.ts";
import { claimVectors } from "./claim-vectors.ts";
import { joinVectors } from "./generate-join-vectors.ts";
import { readVectors } from "./vector-file.ts";

const { given, vectors } = readVectors("join");
const network = fromHex(given["network"] ?? "") ?? new Uint8Array();
const implementations = [new NodeCryptography(), new NobleCryptography()];

const test = suite("JOIN vectors");

claimVectors(test, { name: "join", written: joinVectors, refusals: 5 });

test("another signature of the same message has the same id", () => {
  const ids = vectors.filter(({ comment, flags }) => comment === "a station" || flags.includes("same-id"));
  assert.is(ids.length, 2);
  assert.equal(ids[0]?.detail, ids[1]?.detail);
});

for (const { id, comment, input, result, fault, detail } of vectors) {
  test(`${id}: ${comment}: ${result}`, () => {
    for (const crypto of implementations) {
      const join = decodeJoin(fromHex(input) ?? new Uint8Array(), crypto, openRegion(network));
      assert.is(join.ok ? undefined : join.fault.code, fault);
      assert.equal(join.ok ? shown(join.value) : detailOf(join.fault), detail);
    }
  });
}

test.run();

type DecodedJoin = Extract<ReturnType<typeof decodeJoin>, { ok: true }>["value"];

function shown({ id, deviceId, inception, organisation }: DecodedJoin): Record<string, string> {
  return {
    id: toHex(id),
    deviceId: toHex(deviceId),
    shortId: shortDeviceId(deviceId),
    role: inception.role,
    publicKey: toHex(inception.publicKey),
    nextKeyDigest: toHex(inception.nextKeyDigest),
    organisation,
  };
}

function detailOf(fault: JoinFault): string {
  if ("path" in fault) return fault.path;
  return "reason" in fault ? fault.reason : "";
}
