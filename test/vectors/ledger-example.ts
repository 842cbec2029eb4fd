/**
 * The worked example of the ledger's specification: a region of one station, and its first block with nothing in it.
 */
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import { deviceIdOf, encodeInception, inceptionOf } from "#core/identity/device-id.ts";
import { Chain } from "#core/ledger/chain.ts";
import { encodeFact } from "#core/ledger/fact.ts";
import { makeGenesis } from "#core/ledger/genesis.ts";
import { blockRecordOf } from "#core/ledger/journal.ts";
import { merkleRoot } from "#core/ledger/merkle-tree.ts";
import { HARDENED_RULES } from "#core/ledger/rules.ts";
import { sealBlock } from "#core/ledger/seal-block.ts";
import { cancelBody } from "#core/session/facts.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, idOf, toBeSigned } from "#core/wire/signed.ts";
import { crypto, sha256 } from "#test/builders/ledger-actors.ts";

/** Names and hex, as the specification lists them. */
export function ledgerExample(): Readonly<Record<string, string>> {
  const signer = new NobleSigner(secretOf("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"));
  const next = new NobleSigner(secretOf("02".padStart(64, "0")));
  const inception = encodeInception(inceptionOf(crypto, "station", signer.publicKey, next.publicKey));
  const genesis = makeGenesis(crypto, {
    version: 1,
    name: "demo",
    startedAt: 1_780_000_000,
    rules: HARDENED_RULES,
    authorities: [[inception, "Demo"]],
  });
  const { network } = genesis;
  const chain = new Chain(crypto, genesis);
  const { state } = chain.head;
  const seal = { miner: deviceIdOf(crypto, inception), signer, rank: 0, tier: 2, sealedAt: 1_780_000_030 } as const;
  const block = sealBlock(state, [], seal, chain.context);
  const payload = encodeShape(cancelBody, { address: new Uint8Array(32).fill(0x11), role: "station" });
  const cancel = encodeSigned(payload, [signer.sign(toBeSigned(network, PURPOSE.CANCEL, payload))]);
  return {
    genesis: toHex(genesis.bytes),
    "genesis id": toHex(genesis.id),
    network: toHex(network),
    "CANCEL payload": toHex(payload),
    "CANCEL id": toHex(idOf(crypto, network, PURPOSE.CANCEL, payload)),
    "CANCEL fact": toHex(encodeFact("CANCEL", cancel)),
    "empty root": toHex(merkleRoot(sha256, [])),
    "log root": toHex(merkleRoot(sha256, [genesis.id])),
    "header payload": toHex(block.headerPayload),
    "block id": toHex(block.id),
    header: toHex(block.headerBytes),
    "block record": toHex(blockRecordOf(block)),
  };
}

function secretOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array();
}
