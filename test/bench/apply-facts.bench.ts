/**
 * What applying the facts of charges takes beside verifying them: `node test/bench/apply-facts.bench.ts [CHARGES
 * [ROUNDS]]`. The chain is read back as from a stranger, once believing every signature and noting it down, and then the
 * noted signatures are verified, both with one thread and in turn. What counts is processor time of the own process, so
 * that other work on the machine matters little; the first reading, in which the engine still compiles, is told apart.
 *
 * A charge has 22 signatures: OPEN two, nine reports and a completion of each side. How many charges run at a time
 * decides how many facts share a block, and what a block costs by itself.
 */
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { collectingCryptography } from "#core/identity/collecting-cryptography.ts";
import type { SignatureJob } from "#core/identity/signature-verifier.ts";
import { applyFact } from "#core/ledger/apply-fact.ts";
import { closeTransactions } from "#core/ledger/close-transactions.ts";
import { decodeFact, type Fact } from "#core/ledger/fact.ts";
import { contentOf, decodeBlockRecord, RECORD_KIND } from "#core/ledger/journal-record.ts";
import { readJournal } from "#core/ledger/journal.ts";
import { nextLayer, stateOfGenesis, type LedgerState } from "#core/ledger/state.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { decodeHeader } from "#core/ledger/block.ts";
import { recordsOfCharges } from "#test/builders/many-charges.ts";

const charges = Number(process.argv[2] ?? 400);
const rounds = Number(process.argv[3] ?? 5);
const crypto = new NodeCryptography();

interface Sample {
  readonly facts: number;
  readonly chain: number;
  readonly factSignatures: number;
  readonly allSignatures: number;
}

console.log(
  "in a block | processor time of applying / of verifying, median of the rounds after the first (first round)",
);
for (const together of [1, 20]) {
  const records = recordsOfCharges(charges, together);
  const blocks = records.filter(([kind]) => kind === RECORD_KIND.block).length;
  const facts = records.filter(([kind]) => kind === RECORD_KIND.fact).length;
  const [first, ...later] = Array.from({ length: rounds }, () => sampleOf(records));
  if (first === undefined || later.length === 0) throw new Error("at least two rounds are needed");
  const tell = (name: string, ratio: (sample: Sample) => number): void => {
    const found = median(later.map(ratio)).toFixed(3);
    console.log(
      `${(facts / blocks).toFixed(1).padStart(5)} facts | ${name.padEnd(44)} x${found} (x${ratio(first).toFixed(3)})`,
    );
  };
  tell("facts: decoded, applied, settled", (sample) => sample.facts / sample.factSignatures);
  tell("the chain: blocks, roots, schedule as well", (sample) => sample.chain / sample.allSignatures);
  const each = median(later.map((sample) => sample.factSignatures / facts)) * 1e6;
  console.log(`${" ".repeat(11)} | ${each.toFixed(0)} us to verify a fact, ${facts} facts in ${blocks} blocks`);
}

function sampleOf(records: readonly Uint8Array[]): Sample {
  const collecting = collectingCryptography(crypto);
  const applied = cpuSeconds(() => {
    applyOnly(records, collecting);
  });
  const ofFacts = collecting.take();
  const chain = cpuSeconds(() => {
    const read = readJournal(collecting, records, "from anybody");
    if (!read.ok) throw new Error(`bug of the bench: ${JSON.stringify(read.fault)}`);
  });
  const all = collecting.take();
  const perSignature = verifying(all) / all.length;
  return {
    facts: applied,
    chain,
    factSignatures: perSignature * ofFacts.length,
    allSignatures: perSignature * all.length,
  };
}

/** The facts of each block on the state before it, and what is due then; nothing of the blocks themselves. */
function applyOnly(
  records: readonly Uint8Array[],
  collecting: NodeCryptography | ReturnType<typeof collectingCryptography>,
): void {
  const genesis = decodeGenesis(crypto, contentOf(records[0] ?? new Uint8Array()));
  if (!genesis.ok) throw new Error("bug of the bench: no genesis");
  const context = { crypto: collecting, network: genesis.value.network, verified: new WeakMap<Fact, string>() };
  let state: LedgerState = stateOfGenesis(crypto, genesis.value);
  let facts: Fact[] = [];
  for (const record of records.slice(1)) {
    if (record[0] === RECORD_KIND.fact) {
      const fact = decodeFact(context, contentOf(record));
      if (!fact.ok) throw new Error(`bug of the bench: ${fact.fault.code}`);
      facts.push(fact.value);
      continue;
    }
    const block = decodeBlockRecord(contentOf(record));
    const header = block.ok ? decodeHeader(context, block.value[0]) : block;
    if (!header.ok) throw new Error(`bug of the bench: ${header.fault.code}`);
    const { sealedAt, serial } = header.value.header;
    const next = nextLayer(state);
    for (const fact of facts) {
      const done = applyFact(next, fact, { ...context, now: sealedAt });
      if (!done.ok) throw new Error(`bug of the bench: ${done.fault.code}`);
    }
    closeTransactions(next, sealedAt);
    state = { ...next, serial, sealedAt };
    facts = [];
  }
}

function verifying(jobs: readonly SignatureJob[]): number {
  return cpuSeconds(() => {
    for (const { publicKey, message, signature } of jobs) {
      if (!crypto.verify(publicKey, message, signature)) throw new Error("bug of the bench: a signature was refused");
    }
  });
}

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
