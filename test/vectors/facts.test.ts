import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "#base/bytes.ts";
import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { transactionAddress } from "#core/handshake/transaction-address.ts";
import type { DeviceRole } from "#core/identity/device-id.ts";
import { decodeJoin, openRegion } from "#core/identity/join.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeFact, type Fact } from "#core/ledger/fact.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { claimVectors } from "./claim-vectors.ts";
import { factVectors } from "./generate-fact-vectors.ts";
import { readVectors, type Vector } from "./vector-file.ts";

const { given, vectors } = readVectors("facts");
const bytesOf = (hex: string | undefined): Uint8Array => fromHex(hex ?? "") ?? new Uint8Array();
const network = bytesOf(given["network"]);
const keys = {
  station: bytesOf(given["stationKey"]),
  vehicle: bytesOf(given["vehicleKey"]),
  arbiter: bytesOf(given["arbiterKey"]),
};

const test = suite("fact vectors");

claimVectors(test, { name: "facts", written: factVectors, refusals: 4 });

for (const vector of vectors) {
  test(`${vector.id}: ${vector.comment}: ${vector.result}`, () => {
    for (const crypto of [new NodeCryptography(), new NobleCryptography()]) {
      const judged = judge(crypto, bytesOf(vector.input));
      assert.is(judged.fault, vector.fault);
      if (vector.result === "valid") assert.equal(judged.detail, withoutAddress(vector));
    }
  });
}

test("the address follows from the contract", () => {
  const vector = vectors.find(({ comment }) => comment === "a contract");
  assert.ok(vector !== undefined && typeof vector.detail !== "string");
  const crypto = new NodeCryptography();
  const open = decodeFact({ crypto, network }, bytesOf(vector.input));
  assert.ok(open.ok && open.value.kind === "OPEN");
  const { codeHash } = open.value.body.terms;
  const address = transactionAddress(crypto, { network, codeHash, openPayload: open.value.payload });
  assert.is(toHex(address), vector.detail["address"]);
});

test.run();

function judge(crypto: Cryptography, bytes: Uint8Array): { fault?: string; detail?: Record<string, string> } {
  const fact = decodeFact({ crypto, network }, bytes);
  if (!fact.ok) return { fault: fact.fault.code };
  const { kind, key, payload } = fact.value;
  const signedBy = signersOf(crypto, fact.value);
  if (signedBy === undefined) return { fault: "BAD_SIGNATURE" };
  return { detail: { kind, id: key, payload: toHex(payload), signedBy } };
}

function signersOf(crypto: Cryptography, fact: Fact): string | undefined {
  if (fact.kind === "JOIN") {
    const join = decodeJoin(encodeSigned(fact.payload, fact.signatures), crypto, openRegion(network));
    return join.ok ? join.value.inception.role : undefined;
  }
  const roles = rolesOf(fact);
  const message = toBeSigned(network, PURPOSE[fact.kind], fact.payload);
  const isSigned = roles.every((role, place) => {
    const signature = fact.signatures[place];
    return signature !== undefined && crypto.verify(keys[role], message, signature);
  });
  return isSigned ? roles.join(", ") : undefined;
}

function rolesOf(fact: Exclude<Fact, { kind: "JOIN" }>): readonly DeviceRole[] {
  if (fact.kind === "ROTATE" || fact.kind === "REVOKE") throw new Error("bug: these are in membership.json");
  if (fact.kind === "PARAMS" || fact.kind === "RECONFIG") throw new Error("bug: these are in governance.json");
  if (fact.kind === "EVIDENCE") throw new Error("bug: these are in evidence.json");
  if (fact.kind === "OPEN") return ["vehicle", "station"];
  if (fact.kind === "CODE") return ["station"];
  return fact.kind === "ADJUDICATE" ? ["arbiter"] : [fact.body.role];
}

function withoutAddress({ detail }: Vector): unknown {
  if (typeof detail === "string") return detail;
  return Object.fromEntries(Object.entries(detail).filter(([name]) => name !== "address"));
}
