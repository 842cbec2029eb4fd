import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fromHex, toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { readJournal, type JournalFault } from "#core/ledger/journal.ts";
import { decodeCbor } from "#core/wire/cbor.ts";
import { decodeChainExport } from "#records/chain-export.ts";
import { claimVectors } from "./claim-vectors.ts";
import { votedChainVectors } from "./generate-voted-chain-vectors.ts";
import { readVectors } from "./vector-file.ts";

const { given, vectors } = readVectors("voted-chain");
const bytesOf = (hex: string | undefined): Uint8Array => fromHex(hex ?? "") ?? new Uint8Array();
const crypto = new NodeCryptography();
const chain = decodeChainExport(bytesOf(given["chain"]));

const test = suite("vectors of a chain with votes");

claimVectors(test, { name: "voted-chain", written: votedChainVectors, refusals: 2 });

test("the given chain stands, and says block by block what is final and in which epoch", () => {
  assert.ok(chain.ok);
  const read = readJournal(crypto, chain.value, "from anybody");
  assert.ok(read.ok);
  const states = Array.from({ length: 20 }, (_, place) => read.value.chain.at(place + 1)?.state.finality);
  assert.is(states.map((state) => state?.final.serial).join(" "), given["finals"]);
  assert.is(states.map((state) => state?.epoch).join(" "), given["epochs"]);
  assert.is(toHex(read.value.chain.head.id), given["head"]);
  const committees = states.at(-1)?.committees ?? [];
  assert.is(committees.map((each) => each.join(" ")).join("; "), given["committees"]);
  const [first = [], second = []] = committees;
  assert.ok(second.filter((did) => first.includes(did)).length < 3, "neither has a quorum of the other");
});

for (const { id, comment, input, result, fault, detail } of vectors) {
  test(`${id}: ${comment}: ${result}`, () => {
    const records = decodeCbor(bytesOf(input));
    assert.ok(chain.ok && records.ok && Array.isArray(records.value));
    const read = readJournal(crypto, [...chain.value, ...(records.value as Uint8Array[])], "from anybody");
    assert.is(read.ok ? undefined : innermost(read.fault), fault);
    if (!read.ok) return;
    const { head, final, justified } = read.value.chain;
    const { finality } = head.state;
    const found = {
      ...{ serial: String(head.serial), head: toHex(head.id), final: String(final.serial) },
      ...{ justified: String(justified.serial), chainFinal: String(finality.final.serial) },
      epoch: String(finality.epoch),
    };
    assert.equal(found, detail);
  });
}

test.run();

/** The rule that does not hold, inside whatever found it; of a record that is no certificate only that it is none. */
function innermost(fault: JournalFault): string {
  if (fault.code === "JOURNAL_BAD_CERTIFICATE") {
    return fault.fault.code.startsWith("QUORUM_") ? fault.fault.code : fault.code;
  }
  if (fault.code !== "JOURNAL_BAD_BLOCK") return fault.code;
  return fault.fault.code === "BLOCK_BAD_CERTIFICATE" ? fault.fault.fault.code : fault.fault.code;
}
