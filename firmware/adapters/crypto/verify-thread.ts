/** The program of a thread that verifies: it answers each batch when nothing of it is left to take. */
import { parentPort } from "node:worker_threads";
import { NodeCryptography } from "./node-cryptography.ts";
import { verifyPieces, type VerificationBatch } from "./verification-batch.ts";

const crypto = new NodeCryptography();

parentPort?.on("message", (batch: VerificationBatch) => {
  verifyPieces(crypto, batch);
  parentPort?.postMessage("done");
});
