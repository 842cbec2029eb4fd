/**
 * Checks a slip of anybody's making: that both parties have signed the contract and their last words, that the result
 * is what follows from these as far as it can be told without the readings, and that a block with the miner's signature
 * holds it.
 */
import { equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { energyV1CodeHash } from "#core/contract/energy-v1.ts";
import { transactionAddress } from "#core/handshake/transaction-address.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeInception, deviceIdOf, type DeviceRole } from "#core/identity/device-id.ts";
import { decodeHeader, resultBody, type HeaderBody, type ResultBody } from "#core/ledger/block.ts";
import { decodeFact, encodeFact, FACT_KINDS, type Fact, type OpenFact } from "#core/ledger/fact.ts";
import { inclusionRoot } from "#core/ledger/merkle-tree.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { decodeShape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { judgeSlip } from "./judge-slip.ts";
import { isSamePlace, LEFT_OUT, putBack, readSlipText, signerOf, type Slip, type SlipUnreadable } from "./slip.ts";

export type SlipFault =
  | SlipUnreadable
  | { readonly code: "SLIP_BAD_SIGNATURE"; readonly of: string }
  | { readonly code: "SLIP_WRONG_RESULT"; readonly field: string; readonly claimed: string; readonly follows: string }
  | { readonly code: "SLIP_NOT_SEALED"; readonly reason: string }
  | { readonly code: "SLIP_MISREAD" };

export interface VerifiedSlip {
  readonly network: Uint8Array;
  readonly address: Uint8Array;
  readonly open: OpenFact;
  readonly words: readonly Fact[];
  /** Undefined while no block holds a result: both have signed, nothing else. */
  readonly sealed: SealedResult | undefined;
  /** Whether the amount of money follows from what is in the slip; else it is as the block says. */
  readonly isPriceShown: boolean;
}

export interface SealedResult {
  readonly result: ResultBody;
  readonly header: HeaderBody;
  readonly blockId: Uint8Array;
}

/** @param text the text of a code, without white space around it */
export function checkSlip(crypto: Cryptography, text: string): Result<VerifiedSlip, SlipFault> {
  const read = readSlipText(crypto, text);
  if (!read.ok) return read;
  const { slip, isWhole } = read.value;
  const signers = signersOf(crypto, slip);
  if (signers === undefined) return unreadable("a device");
  const context = { crypto, network: slip.network, signers };
  const open = checkOpen(context, slip);
  if (!open.ok) return open;
  const { payload, body } = open.value;
  const address = transactionAddress(crypto, {
    network: slip.network,
    codeHash: body.terms.codeHash,
    openPayload: payload,
  });
  const words = checkWords(context, { slip, open: open.value, address });
  if (!words.ok) return words;
  const sealed = checkSealed(context, slip, address);
  if (!sealed.ok) return sealed;
  const isKnownCode = equalBytes(body.terms.codeHash, energyV1CodeHash(crypto));
  const story = { open: body, words: words.value, isKnownCode };
  const judged = judgeSlip(story, sealed.value?.result);
  if (!judged.ok) return judged;
  // Last, so that a change that a signature or the contract shows is named by it.
  if (!isWhole) return fail({ code: "SLIP_MISREAD" });
  const { isPriceShown } = judged.value;
  return ok({
    network: slip.network,
    address,
    open: open.value,
    words: words.value,
    sealed: sealed.value,
    isPriceShown,
  });
}

interface SlipSigner {
  readonly did: Uint8Array;
  readonly role: DeviceRole;
  readonly publicKey: Uint8Array;
}

interface Context {
  readonly crypto: Cryptography;
  readonly network: Uint8Array;
  readonly signers: readonly SlipSigner[];
}

function signersOf(crypto: Cryptography, { devices }: Slip): readonly SlipSigner[] | undefined {
  const signers = devices.flatMap((encoded) => {
    const inception = decodeInception(encoded);
    return inception.ok ? [{ did: deviceIdOf(crypto, encoded), ...inception.value }] : [];
  });
  return signers.length === devices.length ? signers : undefined;
}

function checkOpen(context: Context, { open: [rest, ofVehicle, ofStation] }: Slip): Result<OpenFact, SlipFault> {
  const [vehicle, station] = context.signers;
  if (vehicle?.role !== "vehicle" || station?.role !== "station") return unreadable("the parties");
  const payload = putBack(rest, [
    [LEFT_OUT.open.network, context.network],
    [LEFT_OUT.open.vehicle, vehicle.did],
    [LEFT_OUT.open.station, station.did],
  ]);
  if (payload === undefined) return unreadable("the contract");
  const fact = factOf(context, PURPOSE.OPEN, payload, [ofVehicle, ofStation]);
  if (fact?.kind !== "OPEN") return unreadable("the contract");
  if (!isSigned(context, fact, vehicle, 0)) return badSignature("the vehicle's under the contract");
  if (!isSigned(context, fact, station, 1)) return badSignature("the station's under the contract");
  return ok(fact);
}

interface Said {
  readonly slip: Slip;
  readonly open: OpenFact;
  readonly address: Uint8Array;
}

function checkWords(context: Context, { slip, open, address }: Said): Result<readonly Fact[], SlipFault> {
  const words: Fact[] = [];
  for (const [purpose, rest, place, signature] of slip.words) {
    const payload = putBack(rest, [[LEFT_OUT.word.address, address]]);
    const fact = payload === undefined ? undefined : factOf(context, purpose, payload, [signature]);
    const signer = context.signers[place];
    if (fact === undefined || signer === undefined || fact.kind === "OPEN" || fact.kind === "JOIN") {
      return unreadable("a signed word");
    }
    const name = `${"role" in fact.body ? `the ${fact.body.role}'s` : "the"} ${fact.kind}`;
    if (!equalBytes(signer.did, signerOf(fact, open.body)) || !isSigned(context, fact, signer, 0)) {
      return badSignature(name);
    }
    if (words.some((word) => isSamePlace(word, fact))) return unreadable("two words for one place");
    words.push(fact);
  }
  return ok(words);
}

function checkSealed(
  context: Context,
  { sealed }: Slip,
  address: Uint8Array,
): Result<SealedResult | undefined, SlipFault> {
  if (sealed === undefined) return ok(undefined);
  const result = putBack(sealed.result, [[LEFT_OUT.result.address, address]]);
  const body = result === undefined ? undefined : decodeShape(resultBody, result);
  if (result === undefined || body?.ok !== true) return unreadable("the result");
  const hash = (message: Uint8Array): Uint8Array => context.crypto.sha256(message);
  const { index, count: size, path } = sealed;
  const root = inclusionRoot(hash, { leaf: result, index, size, path });
  const miner = context.signers[sealed.miner];
  if (root === undefined || miner === undefined) return notSealed("no block holds the result at its place");
  const payload = putBack(sealed.header, [
    [LEFT_OUT.header.network, context.network],
    [LEFT_OUT.header.resultsRoot, root],
    [LEFT_OUT.header.miner, miner.did],
  ]);
  const header = payload === undefined ? undefined : decodeHeader(context, encodeSigned(payload, [sealed.signature]));
  if (payload === undefined || header?.ok !== true) return unreadable("the header of the block");
  const message = toBeSigned(context.network, PURPOSE.HEADER, payload);
  if (!context.crypto.verify(miner.publicKey, message, sealed.signature)) {
    return notSealed("the miner has signed no block that holds this result");
  }
  return ok({ result: body.value, header: header.value.header, blockId: header.value.id });
}

function factOf(
  context: Context,
  purpose: number,
  payload: Uint8Array,
  signatures: readonly Uint8Array[],
): Fact | undefined {
  const kind = FACT_KINDS.find((name) => PURPOSE[name] === purpose);
  if (kind === undefined || payload.length > FACT_PAYLOAD_BYTES_MAX) return undefined;
  const fact = decodeFact(context, encodeFact(kind, encodeSigned(payload, signatures)));
  return fact.ok ? fact.value : undefined;
}

function isSigned({ crypto, network }: Context, fact: Fact, signer: SlipSigner, place: 0 | 1): boolean {
  const signature = fact.signatures[place];
  const message = toBeSigned(network, PURPOSE[fact.kind], fact.payload);
  return signature !== undefined && crypto.verify(signer.publicKey, message, signature);
}

/** The envelope around it fits what a fact may have. */
const FACT_PAYLOAD_BYTES_MAX = 3800;

function unreadable(what: string): { readonly ok: false; readonly fault: SlipFault } {
  return fail({ code: "SLIP_UNREADABLE", reason: `${what} cannot be read` });
}

function badSignature(of: string): { readonly ok: false; readonly fault: SlipFault } {
  return fail({ code: "SLIP_BAD_SIGNATURE", of });
}

function notSealed(reason: string): { readonly ok: false; readonly fault: SlipFault } {
  return fail({ code: "SLIP_NOT_SEALED", reason });
}
