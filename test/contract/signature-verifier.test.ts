/** What every verifier of many signatures owes, with as many threads as there are, and with none. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { ThreadVerifier } from "#adapters/crypto/thread-verifier.ts";
import type { SignatureJob, SignatureVerifier } from "#core/identity/signature-verifier.ts";

const JOBS = 150;
const signers = [1, 2, 3].map((secret) => new NobleSigner(new Uint8Array(32).fill(secret)));
const jobs: readonly SignatureJob[] = Array.from({ length: JOBS }, (_, index) => {
  const signer = signers[index % signers.length];
  assert.ok(signer);
  const message = new Uint8Array(1 + ((index * 37) % 400)).fill(index);
  return { publicKey: signer.publicKey, message, signature: signer.sign(message) };
});

for (const threads of [0, 1, 3]) {
  const test = suite(`signature verifier with ${threads} threads`);
  const verifier: SignatureVerifier = new ThreadVerifier(new NodeCryptography(), threads);

  test("true signatures hold, however many, and none at all hold as well", async () => {
    for (const count of [0, 1, 31, 32, 33, JOBS]) {
      assert.is(await verifier.begin(jobs.slice(0, count)).finish(), true, `${count} signatures`);
    }
  });

  test("one wrong one among them is found wherever it stands, and whatever is wrong with it", async () => {
    const [first, second] = jobs;
    assert.ok(first && second);
    const { publicKey, message, signature } = first;
    const wrong: readonly SignatureJob[] = [
      { ...first, signature: signature.with(5, (signature[5] ?? 0) ^ 1) },
      { ...first, message: Uint8Array.from([...message, 0]) },
      { ...first, publicKey: second.publicKey },
      { ...first, publicKey: publicKey.with(0, 4) },
      { ...first, publicKey: publicKey.slice(1) },
      { ...first, signature: signature.slice(1) },
      { ...first, signature: new Uint8Array(64) },
      { ...first, signature: highS(signature) },
    ];
    for (const one of wrong) {
      for (const place of [0, 40, JOBS]) {
        assert.is(await verifier.begin(jobs.toSpliced(place, 0, one)).finish(), false);
      }
    }
  });

  test("batches that were begun one after the other keep their own answers", async () => {
    const bad = jobs.map((job, index) => (index === 77 ? { ...job, message: Uint8Array.of(1) } : job));
    const runs = [jobs, bad, jobs, bad].map((each) => verifier.begin(each));
    assert.equal(await Promise.all(runs.map((run) => run.finish())), [true, false, true, false]);
  });

  test("closing ends its threads, so that the process can end", async () => {
    await verifier.close();
  });

  test.run();
}

/** The other signature that an ECDSA signature always has: (r, n - s). */
function highS(signature: Uint8Array): Uint8Array {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
  const high = (order - s).toString(16).padStart(64, "0");
  return Uint8Array.from([...signature.subarray(0, 32), ...Buffer.from(high, "hex")]);
}
