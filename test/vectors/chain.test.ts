import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { readJournal, type JournalFault } from "#core/ledger/journal.ts";
import { decodeCbor } from "#core/wire/cbor.ts";
import { decodeChainExport } from "#records/chain-export.ts";
import { claimVectors } from "./claim-vectors.ts";
import { chainVectors } from "./generate-chain-vectors.ts";
import { readVectors } from "./vector-file.ts";

const { given, vectors } = readVectors("chain");
const bytesOf = (hex: string | undefined): Uint8Array => fromHex(hex ?? "") ?? new Uint8Array();
const crypto = new NodeCryptography();
const chain = decodeChainExport(bytesOf(given["chain"]));

const test = suite("chain vectors");

claimVectors(test, { name: "chain", written: chainVectors, refusals: 4 });

test("the given chain stands, block by block and result by result", () => {
  assert.ok(chain.ok);
  const read = readJournal(crypto, chain.value, "from anybody");
  assert.ok(read.ok);
  const links = [1, 2, 3, 4, 5].map((serial) => read.value.chain.at(serial));
  assert.is(links.map((link) => link?.block?.key).join(" "), given["blocks"]);
  assert.is(links.flatMap((link) => (link?.block?.results ?? []).map(toHex)).join(" "), given["results"]);
  assert.is(toHex(read.value.chain.head.state.id), given["head"]);
});

for (const { id, comment, input, result, fault, detail } of vectors) {
  test(`${id}: ${comment}: ${result}`, () => {
    const records = decodeCbor(bytesOf(input));
    assert.ok(chain.ok && records.ok && Array.isArray(records.value));
    const read = readJournal(crypto, [...chain.value, ...(records.value as Uint8Array[])], "from anybody");
    assert.is(read.ok ? undefined : innermost(read.fault), fault);
    if (!read.ok || typeof detail === "string") return;
    const { state, results } = read.value.chain.head;
    assert.is(String(state.serial), detail["serial"]);
    assert.is(toHex(state.id), detail["head"]);
    assert.is(String(read.value.chain.mempool.size), detail["waiting"]);
    if (state.serial > 5) assert.is(results.length, detail["resultBytes"] === "" ? 0 : 1);
  });
}

test.run();

/** The rule that does not hold, inside whatever found it. */
function innermost(fault: JournalFault): string {
  if (fault.code === "JOURNAL_BAD_FACT") return fault.fault.code;
  if (fault.code !== "JOURNAL_BAD_BLOCK") return fault.code;
  return fault.fault.code === "BLOCK_BAD_FACT" ? fault.fault.fault.code : fault.fault.code;
}
