/**
 * Signed snapshots that somebody recorded of a real BSM-WS36A: their signatures hold with that meter's public key. The
 * recordings lie beside the checkout, in shared/data. The key is the one that the maker's examples show for this meter.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { fromHex } from "#base/bytes.ts";
import { decodeSnapshot, type BsmSnapshot } from "#hal/meters/bsm/decode-snapshot.ts";
import { holdsSignature } from "#hal/meters/bsm/verify-snapshot.ts";

const RECORDING = fileURLToPath(new URL("../../../shared/data/modbus-rtu/bsm_ws36a_ev-charging.json", import.meta.url));

/** chargeITmobility/bsm-python doc/examples/snapshots.md, "Public Key". */
const PUBLIC_KEY = fromHex(
  "3059301306072a8648ce3d020106082a8648ce3d030107034200" +
    "044bfd02c1d85272ceea9977db26d72cc401d9e5602faeee7ec7b6b62f9c0cce34" +
    "ad8d345d5ac0e8f65deb5ff0bb402b1b87926bd1b7fc2dbc3a9774e8e70c7254",
);

interface Exchange {
  readonly fc: number;
  readonly address: number;
  readonly quantity: number;
  readonly registers?: readonly number[];
}

const crypto = new NodeCryptography();
const verify = crypto.verify.bind(crypto);
const test = suite("recorded bsm snapshots");

if (!existsSync(RECORDING)) {
  console.log("no recordings beside the checkout: the recorded signed snapshots are not verified");
  test.skip("the signatures of a real meter hold");
} else {
  const { exchanges } = JSON.parse(readFileSync(RECORDING, "utf8")) as { readonly exchanges: readonly Exchange[] };

  test("turn-on and turn-off of a real charge: values are right and signatures hold", () => {
    const [on, off] = [snapshotAt(exchanges, 40_777), snapshotAt(exchanges, 41_031)];
    assert.equal([on.kind, off.kind], [1, 2]);
    assert.equal([on.importedMilliWh, off.importedMilliWh], [99_840_000, 100_000_000]);
    assert.equal([on.sinceTurnOnMilliWh, off.sinceTurnOnMilliWh], [0, 150_000]);
    assert.equal([on.responseCounter, off.responseCounter], [4276, 4277]);
    assert.equal([on.epochSeconds, on.offsetMinutes], [1_657_267_228, 120]);
    assert.is(on.meterAddress, "001BZR1521070006");
    assert.is(off.texts[1], "evse-id: DE*BDO*E8025334492*2");
    for (const snapshot of [on, off]) {
      assert.ok(PUBLIC_KEY !== undefined && holdsSignature(snapshot, PUBLIC_KEY, verify));
    }
    assert.not(PUBLIC_KEY !== undefined && holdsSignature({ ...on, signature: off.signature }, PUBLIC_KEY, verify));
  });
}

function snapshotAt(exchanges: readonly Exchange[], address: number): BsmSnapshot {
  const words = exchanges
    .filter((each) => each.fc === 3 && each.address >= address && each.address < address + 252)
    .flatMap(({ registers = [] }) => registers);
  const decoded = decodeSnapshot(words);
  if (!decoded.ok) throw new Error(decoded.fault);
  return decoded.value;
}

test.run();
