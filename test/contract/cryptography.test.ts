import { NobleCryptography } from "#adapters/crypto/noble-cryptography.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { cryptographyContract } from "./cryptography.ts";

const fast = new NodeCryptography();
const reference = new NobleCryptography();

cryptographyContract("node", fast, reference);
cryptographyContract("noble", reference, fast);
