/** The receipt of an old charge, from a chain of which most is on flash: the same as ever, and found without reading it all. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { blockRecordOf, factRecord, genesisRecord } from "#core/ledger/journal.ts";
import { makeReceipt, verifyReceipt } from "#records/receipt.ts";
import { sealedCharge } from "#records/sealed-charge.ts";
import { region } from "#test/builders/certified-region.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { STARTED_AT, STATION, VEHICLE, type LedgerBuilder } from "#test/builders/ledger-builder.ts";
import { readStored } from "#test/builders/memory-archive.ts";
import { certificateOf, certifiedJoin, keyOf, renewal, rotation } from "#test/builders/membership-facts.ts";

const DAY = 86_400;
const CHARGES = 40;
const test = suite("old receipts");

const { builder, addresses } = yearOfRenewals();
const { chain, archive } = readStored(recordsOf(builder));

test("whatever has been certified again and rotated since, each receipt holds, with few reads", () => {
  for (const [number, address] of addresses.entries()) {
    const before = archive.reads;
    assert.ok(sealedCharge(chain, address));
    const reads = archive.reads - before;
    const file = makeReceipt(chain, address);
    assert.ok(file, `charge ${number}`);
    const verified = verifyReceipt(crypto, file);
    assert.ok(verified.ok, `charge ${number}: ${JSON.stringify(verified)}`);
    assert.equal(file, makeReceipt(builder.chain, address), "as from a chain that is in memory whole");
    assert.ok(reads < 60, `charge ${number}: ${reads} reads of a chain of ${chain.head.serial} blocks`);
  }
});

test("it holds the certificates of its time, not all that have ever been", () => {
  const file = makeReceipt(chain, addresses[20] ?? new Uint8Array());
  const verified = file && verifyReceipt(crypto, file);
  assert.ok(verified?.ok, JSON.stringify(verified));
  const joins = verified.value.facts.filter(({ kind }) => kind === "JOIN").length;
  const certified = [STATION, VEHICLE].map(
    ({ did }) => builder.state.members.get(toHex(did))?.certificates.length ?? 0,
  );
  assert.ok(
    joins >= 2 && joins < certified.reduce((sum, each) => sum + each, 0) / 2,
    `${joins} of ${certified.join()}`,
  );
});

test("an address without a charge has none, and costs no search", () => {
  const before = archive.reads;
  assert.is(makeReceipt(chain, new Uint8Array(32).fill(7)), undefined);
  assert.ok(archive.reads - before < 5);
});

test.run();

/** A charge each ten days, and before each both certificates again: by the device, and by the office in turn. */
function yearOfRenewals(): { readonly builder: LedgerBuilder; readonly addresses: readonly Uint8Array[] } {
  const { builder: made, network } = region();
  const ended: Uint8Array[] = [];
  let vehicle = VEHICLE;
  for (let number = 0; number < CHARGES; number += 1) {
    const at = STARTED_AT + number * 10 * DAY;
    const period = { notBefore: at - DAY, notAfter: at + 10 * DAY };
    for (const actor of [STATION, VEHICLE]) {
      const isRotated = actor === VEHICLE && vehicle !== VEHICLE;
      const own = certifiedJoin(network, actor, certificateOf(network, actor, period), isRotated ? 1 : 0);
      made.submit(number % 2 === 1 ? renewal(network, actor, period) : own);
    }
    made.seal({ at: at + 60 });
    if (number === 12) {
      made.submit(rotation(network, VEHICLE));
      made.seal({ at: at + 120 });
      vehicle = { ...VEHICLE, signer: keyOf(VEHICLE, 1) };
    }
    const startedAt = made.state.sealedAt + 600;
    made.know({ ...vehicle, signer: vehicle.signer });
    const salt = new Uint8Array(16).fill(number);
    const changes = { startedAt, salt, ...(vehicle === VEHICLE ? {} : { keys: [1, 0] as const }) };
    const charge = made.charge({ station: STATION, vehicle }, changes);
    made.submit(...charge.whole({ milliWh: 5_000_000 }));
    ended.push(charge.address);
    for (let quiet = 0; quiet < 8; quiet += 1) made.seal();
  }
  return { builder: made, addresses: ended };
}

function recordsOf({ chain: whole, genesis }: LedgerBuilder): readonly Uint8Array[] {
  const records = [genesisRecord(genesis)];
  for (let serial = 1; serial <= whole.head.serial; serial += 1) {
    const block = whole.at(serial)?.block;
    if (block !== undefined) records.push(...block.facts.map(factRecord), blockRecordOf(block));
  }
  return records;
}
