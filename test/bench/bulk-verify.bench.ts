/**
 * A stored chain verified from anybody's hand, as `verify` and a joining node do it, against what `openssl speed` says
 * this machine can verify with all its cores: `node test/bench/bulk-verify.bench.ts [CHARGES [ROUNDS]]`. In turn and in
 * one run; wall time on both sides, so the machine must be quiet.
 */
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { ThreadVerifier } from "#adapters/crypto/thread-verifier.ts";
import { collectingCryptography } from "#core/identity/collecting-cryptography.ts";
import { readJournal } from "#core/ledger/journal.ts";
import { readOnAllCores } from "#firmware/commands/read-on-all-cores.ts";
import { recordsOfCharges } from "#test/builders/many-charges.ts";

const charges = Number(process.argv[2] ?? 1000);
const rounds = Number(process.argv[3] ?? 5);
const cores = availableParallelism();
const crypto = new NodeCryptography();
const records = recordsOfCharges(charges);
const collecting = collectingCryptography(crypto);
const { cpu: appliedS } = timed(() => readJournal(collecting, records, "from anybody"));
const signatures = collecting.take().length;
console.log(`${charges} charges, ${records.length} records, ${signatures} signatures, ${cores} cores`);

const verifier = new ThreadVerifier(crypto);
const samples: { readonly openssl: number; readonly alone: number; readonly all: number; readonly cpu: number }[] = [];
for (let round = 0; round < rounds; round += 1) {
  const openssl = opensslRate();
  const { wall: aloneS, cpu } = timed(() => readJournal(crypto, records, "from anybody"));
  const began = performance.now();
  const read = await readOnAllCores(crypto, verifier, records);
  const allS = (performance.now() - began) / 1000;
  if (!read.ok) throw new Error("bug: the chain was refused");
  samples.push({ openssl, alone: signatures / aloneS, all: signatures / allS, cpu });
}
await verifier.close();

say("openssl speed -multi, all cores", ({ openssl }) => openssl);
say("the chain with one thread", ({ alone }) => alone);
say("the chain with all cores", ({ all }) => all);
const cpu = median(samples.map((sample) => sample.cpu));
const applied = `${appliedS.toFixed(2)} s of processor time to apply the facts`;
console.log(
  `${applied}, ${(cpu - appliedS).toFixed(2)} s to verify them: x${(appliedS / (cpu - appliedS)).toFixed(3)}`,
);

function say(name: string, rateOf: (sample: (typeof samples)[number]) => number): void {
  const ratio = median(samples.map((sample) => rateOf(sample) / sample.openssl));
  const rate = median(samples.map(rateOf));
  console.log(`${name.padEnd(34)} ${rate.toFixed(0).padStart(7)}/s   x${ratio.toFixed(3)} of openssl speed`);
}

function timed(call: () => unknown): { readonly wall: number; readonly cpu: number } {
  const [began, before] = [performance.now(), process.cpuUsage()];
  call();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - began) / 1000, cpu: (user + system) / 1e6 };
}

function opensslRate(): number {
  const words = ["speed", "-elapsed", "-seconds", "2", "-multi", String(cores), "ecdsap256"];
  const output = execFileSync("openssl", words, { stdio: ["ignore", "pipe", "ignore"] }).toString();
  return Number(output.trim().split(/\s+/).at(-1));
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
