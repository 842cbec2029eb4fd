/** What the vectors of membership ask: a story of facts from a genesis on, and what becomes of the last one. */
import { toHex } from "#base/bytes.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { applyFact } from "#core/ledger/apply-fact.ts";
import { decodeFact, type Fact } from "#core/ledger/fact.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { nextLayer, stateOfGenesis, type LedgerState } from "#core/ledger/state.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { decodeShape, bytes, list, tuple, unsigned } from "#core/wire/schema.ts";
import { crypto as ours } from "#test/builders/ledger-actors.ts";

const story = list(tuple(unsigned, bytes(0, 4096)), 16, 1);

export interface Judged {
  readonly fault?: string;
  readonly reason?: string;
  readonly detail?: Readonly<Record<string, string>>;
}

export function judgeStory(genesisBytes: Uint8Array, input: Uint8Array, crypto: Cryptography = ours): Judged {
  const genesis = decodeGenesis(crypto, genesisBytes);
  const steps = decodeShape(story, input);
  if (!genesis.ok || !steps.ok) throw new Error("bug of the vectors: no story");
  const { network } = genesis.value;
  const state = nextLayer(stateOfGenesis(crypto, genesis.value));
  const last = steps.value.length - 1;
  for (const [place, [now, encoded]] of steps.value.entries()) {
    const judged = judgeFact(state, encoded, now, { crypto, network });
    if (place === last) return judged;
    if (judged.fault !== undefined) throw new Error(`bug of the vectors: step ${place} is ${judged.fault}`);
  }
  throw new Error("bug of the vectors: no steps");
}

function judgeFact(
  state: LedgerState,
  encoded: Uint8Array,
  now: number,
  context: { readonly crypto: Cryptography; readonly network: Uint8Array },
): Judged {
  const fact = decodeFact(context, encoded);
  if (!fact.ok) return { fault: fact.fault.code };
  const applied = applyFact(state, fact.value, { ...context, now, verified: new WeakMap() });
  if (!applied.ok) {
    const { fault } = applied;
    return { fault: fault.code, ...("reason" in fault && { reason: fault.reason }) };
  }
  const device = toHex(deviceOf(fact.value, context.crypto));
  const member = state.members.get(device);
  return {
    detail: {
      ...{ kind: fact.value.kind, id: fact.value.key, device },
      keys: String(member?.keys.length ?? 0),
      publicKey: toHex(member?.publicKey ?? new Uint8Array()),
      certificates: String(member?.certificates.length ?? 0),
      organisation: member?.organisation ?? "",
      revokedFrom: String(state.revokedFrom.get(device) ?? "never"),
    },
  };
}

/** Whom it is about; of a contract the vehicle. */
function deviceOf({ kind, body }: Fact, crypto: Cryptography): Uint8Array {
  if (kind === "JOIN") return deviceIdOf(crypto, body.inception);
  if (kind === "ROTATE" || kind === "REVOKE") return body.device;
  if (kind === "OPEN") return body.vehicle;
  throw new Error("bug of the vectors: another kind of fact");
}
