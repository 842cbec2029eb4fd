/**
 * What governors are asked to decide, as a file that goes from one to the next:
 *
 *     [purpose, payload, [[place of the governor in the genesis, signature]…]]
 *
 * With enough signatures it becomes the fact that a gateway takes.
 */
import { readFile } from "node:fs/promises";
import { equalBytes } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { governorsBehind, type Governors } from "#core/governance/governors.ts";
import { SIGNATURE_BYTES } from "#core/identity/cryptography.ts";
import { decodeFact, encodeFact, type GovernanceFact } from "#core/ledger/fact.ts";
import { decodeGenesis, type Genesis } from "#core/ledger/genesis.ts";
import { FACT_BYTES_MAX, GOVERNORS_MAX } from "#core/limits.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { bytes, choice, decodeShape, encodeShape, integer, list, tuple } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";
import { replaceFile } from "../ca/tally-file.ts";

const decisionShape = tuple(
  choice({ PARAMS: PURPOSE.PARAMS, RECONFIG: PURPOSE.RECONFIG }),
  bytes(1, FACT_BYTES_MAX),
  list(tuple(integer(0, GOVERNORS_MAX - 1), bytes(SIGNATURE_BYTES)), GOVERNORS_MAX),
);

export interface Decision {
  readonly kind: GovernanceFact["kind"];
  readonly payload: Uint8Array;
  /** By the place of the governor in the genesis. */
  readonly signatures: ReadonlyMap<number, Uint8Array>;
}

/** Of a region; everything that can be checked of it without a chain is checked. */
export interface CheckedDecision extends Decision {
  readonly body: GovernanceFact;
  readonly message: Uint8Array;
}

export interface GovernedRegion {
  readonly genesis: Genesis;
  readonly governors: Governors;
}

export async function writeDecision(path: string, { kind, payload, signatures }: Decision): Promise<void> {
  const signed = [...signatures].sort(([left], [right]) => left - right);
  await replaceFile(path, encodeShape(decisionShape, [kind, payload, signed]));
}

/** Rejects with a CommandError when it is no decision of this region, or holds a signature of nobody. */
export async function readDecision(path: string, { genesis, governors }: GovernedRegion): Promise<CheckedDecision> {
  const crypto = new NodeCryptography();
  const read = decodeShape(decisionShape, new Uint8Array(await readFile(path)));
  if (!read.ok) throw bad(path, "not a file of tallystick governor propose");
  const [kind, payload, signed] = read.value;
  const { network } = genesis;
  // A fact has one signature at least; what it says does not depend on it.
  const draft = encodeFact(kind, encodeSigned(payload, [new Uint8Array(SIGNATURE_BYTES)]));
  const fact = decodeFact({ crypto, network }, draft);
  if (!fact.ok || (fact.value.kind !== "PARAMS" && fact.value.kind !== "RECONFIG")) {
    throw bad(path, `holds no ${kind}${fact.ok ? "" : ` (${fact.fault.code})`}`);
  }
  if (!equalBytes(fact.value.body.network, network)) throw bad(path, "is about another region (FACT_WRONG_NETWORK)");
  const message = toBeSigned(network, PURPOSE[kind], payload);
  for (const [place, signature] of signed) {
    const key = governors.keys[place];
    if (key === undefined || !crypto.verify(key, message, signature)) {
      throw bad(path, `the signature of governor ${place + 1} is not that governor's (FACT_BAD_SIGNATURE)`);
    }
  }
  return { kind, payload, signatures: new Map(signed), body: fact.value, message };
}

/** As it goes to a gateway, with as many signatures as are asked for and no more; undefined while they are too few. */
export function factOfDecision(decision: CheckedDecision, { governors }: GovernedRegion): Uint8Array | undefined {
  const { kind, payload, message, signatures } = decision;
  const inOrder = [...signatures].sort(([left], [right]) => left - right).map(([, signature]) => signature);
  const needed = inOrder.slice(0, governors.threshold);
  if (needed.length < governors.threshold) return undefined;
  const behind = governorsBehind(new NodeCryptography(), governors, message, needed);
  return behind === undefined ? undefined : encodeFact(kind, encodeSigned(payload, needed));
}

/** Rejects with a CommandError where the genesis names no governors. */
export async function readGovernedRegion(path: string): Promise<GovernedRegion> {
  const genesis = decodeGenesis(new NodeCryptography(), new Uint8Array(await readFile(path)));
  if (!genesis.ok) throw bad(path, `not the genesis of a region (${genesis.fault.code})`);
  return governedRegion(genesis.value);
}

export function governedRegion(genesis: Genesis): GovernedRegion {
  const { governors, name } = genesis.body;
  if (governors !== undefined) return { genesis, governors };
  throw new CommandError(EXIT.usage, `region ${name} has no governors: its rules stay as they are (FACT_NO_GOVERNORS)`);
}

function bad(path: string, what: string): CommandError {
  return new CommandError(EXIT.badData, `${path}: ${what}`);
}
