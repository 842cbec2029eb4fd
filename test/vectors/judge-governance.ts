/** What a reader of `governance.json` finds in each input: a fact of governors, a state's finality, or a proof. */
import { toHex } from "#base/bytes.ts";
import { governorsBehind } from "#core/governance/governors.ts";
import { decodeFact } from "#core/ledger/fact.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { checkInclusion } from "#core/ledger/inclusion-proof.ts";
import { decodeFinality, encodeFinality } from "#core/ledger/snapshot-frame.ts";
import { trustOfGenesis } from "#core/ledger/trusted-committee.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import type { Vector } from "./vector-file.ts";

export type Judged = Pick<Vector, "result" | "detail"> & { readonly fault?: string };
export type Section = "fact" | "finality" | "proof";

export function judgeGovernance(genesis: Genesis, section: Section, input: Uint8Array): Judged {
  return JUDGES[section](genesis, input);
}

const JUDGES: Readonly<Record<Section, (genesis: Genesis, input: Uint8Array) => Judged>> = {
  fact: judgeFact,
  finality: judgeFinality,
  proof: judgeProof,
};

/** By its form and its signatures alone: whether it may stand is a question of its chain. */
function judgeFact({ network, body: { governors } }: Genesis, input: Uint8Array): Judged {
  const decoded = decodeFact({ crypto, network }, input);
  if (!decoded.ok) return refused(decoded.fault.code);
  const { kind, key, payload, signatures } = decoded.value;
  if (governors === undefined || signatures.length < governors.threshold) return refused("FACT_TOO_FEW_SIGNATURES");
  const signedBy = governorsBehind(crypto, governors, toBeSigned(network, PURPOSE[kind], payload), signatures);
  if (signedBy === undefined) return refused("FACT_BAD_SIGNATURE");
  const detail = { kind, id: key, payload: toHex(payload), signedBy: signedBy.join(", ") };
  return { result: "valid", detail };
}

function judgeFinality(_: Genesis, input: Uint8Array): Judged {
  const finality = decodeFinality(input);
  const { governance } = finality ?? {};
  if (finality === undefined || governance === undefined) return refused("WIRE_WRONG_SHAPE");
  const { number, codeVersion, pending, reconfigs, setAside } = governance;
  return {
    result: "valid",
    detail: {
      hash: toHex(crypto.sha256(encodeFinality(finality))),
      epoch: String(finality.epoch),
      number: String(number),
      codeVersion: String(codeVersion),
      changes: JSON.stringify(governance.changes),
      waiting: pending.map(({ activeFromEpoch }) => activeFromEpoch).join(", "),
      reconfigured: reconfigs.map(({ serial, epoch }) => `block ${serial} epoch ${epoch}`).join(", "),
      setAside: setAside.map(({ did }) => did).join(", "),
    },
  };
}

function judgeProof(genesis: Genesis, input: Uint8Array): Judged {
  const context = { crypto, genesis };
  const checked = checkInclusion(context, trustOfGenesis(context), input);
  if (!checked.ok) return refused(checked.fault.code);
  const { blockId, trust } = checked.value;
  return { result: "valid", detail: { block: toHex(blockId), epoch: String(trust.epoch) } };
}

function refused(fault: string): Judged {
  return { result: "invalid", fault, detail: "" };
}
