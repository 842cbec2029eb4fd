/**
 * P-256 verifications and signatures a second: both implementations and OpenSSL's own measure, in turn and in one run,
 * so that the ratios hold on a machine with other work. `node test/bench/verify.bench.ts [ROUNDS]`
 */
import { execFileSync } from "node:child_process";
import { sign as signByNode, createPrivateKey } from "node:crypto";
import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";

const MESSAGE_BYTES = 200;
const SIGNERS = 8;
const ROUND_MS = 400;

const rounds = Number(process.argv[2] ?? 5);
const signers = Array.from({ length: SIGNERS }, (_, index) => new NobleSigner(new Uint8Array(32).fill(index + 1)));
const signed = Array.from({ length: 64 }, (_, index) => {
  const signer = signers[index % SIGNERS];
  const message = new Uint8Array(MESSAGE_BYTES).fill(index);
  if (signer === undefined) throw new Error("bug: no signer");
  return { publicKey: signer.publicKey, message, signature: signer.sign(message) };
});

const candidates: readonly { readonly name: string; readonly rate: () => number }[] = [
  { name: "verify, openssl speed", rate: () => opensslRate("verify") },
  { name: "verify, node", rate: verifyRate(new NodeCryptography()) },
  { name: "verify, noble", rate: verifyRate(new NobleCryptography()) },
  { name: "sign, openssl speed", rate: () => opensslRate("sign") },
  { name: "sign, node (no adapter: what a random nonce would give)", rate: nodeSignRate() },
  { name: "sign, noble (RFC 6979)", rate: nobleSignRate() },
];

const samples = new Map(candidates.map(({ name }) => [name, [] as number[]]));
for (let round = 0; round < rounds; round += 1) {
  for (const { name, rate } of candidates) samples.get(name)?.push(rate());
}
for (const { name } of candidates) {
  const floor = samples.get(name.startsWith("verify") ? "verify, openssl speed" : "sign, openssl speed") ?? [];
  const own = samples.get(name) ?? [];
  const ratio = median(own.map((value, round) => value / (floor[round] ?? 0)));
  console.log(`${name.padEnd(56)} ${median(own).toFixed(0).padStart(7)}/CPU-s   x${ratio.toFixed(3)} of openssl speed`);
}

/** Calls per second of this process's CPU time, which other work on the machine does not change much. */
function perCpuSecond(call: (index: number) => void): number {
  const end = performance.now() + ROUND_MS;
  const before = process.cpuUsage();
  let calls = 0;
  while (performance.now() < end) {
    for (let index = 0; index < 16; index += 1) call(calls + index);
    calls += 16;
  }
  const spent = process.cpuUsage(before);
  return calls / ((spent.user + spent.system) / 1e6);
}

function verifyRate(crypto: Cryptography): () => number {
  return () =>
    perCpuSecond((index) => {
      const one = signed[index % signed.length];
      if (one === undefined || !crypto.verify(one.publicKey, one.message, one.signature))
        throw new Error("bug: refused");
    });
}

function nobleSignRate(): () => number {
  const message = new Uint8Array(MESSAGE_BYTES);
  return () => perCpuSecond((index) => signers[index % SIGNERS]?.sign(message));
}

function nodeSignRate(): () => number {
  // A bare secret in PKCS #8, without its public key (RFC 5958, RFC 5915).
  const prefix = Buffer.from("304102010030130607" + "2a8648ce3d020106082a8648ce3d030107042730250201010420", "hex");
  const key = createPrivateKey({ key: Buffer.concat([prefix, Buffer.alloc(32, 1)]), format: "der", type: "pkcs8" });
  const message = new Uint8Array(MESSAGE_BYTES);
  return () => perCpuSecond(() => signByNode("sha256", message, key));
}

/** The last line of `openssl speed` ends with signatures and verifications a second; it counts CPU seconds as well. */
function opensslRate(what: "sign" | "verify"): number {
  const output = execFileSync("openssl", ["speed", "-seconds", "1", "ecdsap256"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const columns = output.toString().trim().split(/\s+/);
  return Number(columns.at(what === "sign" ? -2 : -1));
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
