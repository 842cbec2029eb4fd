/** A long chain that is read with all cores ends as it does with one: the same chain, or the same fault. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { ThreadVerifier } from "#adapters/crypto/thread-verifier.ts";
import { readJournal } from "#core/ledger/journal.ts";
import { readOnAllCores, WORTH_THREADS } from "#firmware/commands/read-on-all-cores.ts";
import { recordsOfCharges } from "#test/builders/many-charges.ts";

const crypto = new NodeCryptography();
const verifier = new ThreadVerifier(crypto, 1);
const test = suite("reading with all cores");
const records = recordsOfCharges(18);

test("the chain is long enough for threads, and the same as with one", async () => {
  assert.ok(records.length > WORTH_THREADS, `${records.length} records`);
  const alone = readJournal(crypto, records, "from anybody");
  const together = await readOnAllCores(crypto, verifier, records);
  assert.ok(alone.ok && together.ok);
  assert.equal(together.value.chain.head.id, alone.value.chain.head.id);
  assert.is(together.value.facts, alone.value.facts);
});

test("a forged signature anywhere is told as the one thread tells it", async () => {
  for (const place of [1, 200, records.length - 1]) {
    const record = records[place];
    assert.ok(record);
    const forged = records.with(place, record.with(record.length - 1, (record.at(-1) ?? 0) ^ 1));
    const alone = readJournal(crypto, forged, "from anybody");
    assert.not(alone.ok);
    assert.equal(await readOnAllCores(crypto, verifier, forged), alone);
  }
});

test.after(() => verifier.close());
test.run();
