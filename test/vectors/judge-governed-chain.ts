/** What the vectors of a governed chain ask: facts of governors on its head, or records that follow it. */
import { toHex } from "#base/bytes.ts";
import { applyFact } from "#core/ledger/apply-fact.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { decodeFact } from "#core/ledger/fact.ts";
import { readJournal, type JournalFault } from "#core/ledger/journal.ts";
import { nextLayer, type LedgerState } from "#core/ledger/state.ts";
import { bytes, decodeShape, list } from "#core/wire/schema.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import type { Vector } from "./vector-file.ts";

export type Judged = Pick<Vector, "result" | "detail"> & { readonly fault?: string };
export type Section = "fact" | "block";

const parts = list(bytes(0, 65_536), 64, 1);

/** @param records of the given chain */
export function judgeGoverned(section: Section, records: readonly Uint8Array[], input: Uint8Array): Judged {
  const read = decodeShape(parts, input);
  if (!read.ok) throw new Error("bug of the vectors: no list");
  return section === "fact" ? judgeFacts(chainOf(records), read.value) : judgeRecords([...records, ...read.value]);
}

function chainOf(records: readonly Uint8Array[]): Chain {
  const read = readJournal(crypto, records, "from anybody");
  if (!read.ok) throw new Error(`bug of the vectors: ${read.fault.code}`);
  return read.value.chain;
}

/** All but the last have to stand. */
function judgeFacts({ head, context }: Chain, facts: readonly Uint8Array[]): Judged {
  const state = nextLayer(head.state);
  const now = head.sealedAt + head.state.rules.blockSeconds;
  for (const [place, encoded] of facts.entries()) {
    const fact = decodeFact(context, encoded);
    const code = fact.ok ? faultOf(applyFact(state, fact.value, { ...context, now })) : fact.fault.code;
    if (code !== undefined && place < facts.length - 1) throw new Error(`bug of the vectors: ${place} is ${code}`);
    if (code !== undefined) return { result: "invalid", fault: code, detail: "" };
  }
  return { result: "valid", detail: decided(state) };
}

function faultOf(applied: ReturnType<typeof applyFact>): string | undefined {
  return applied.ok ? undefined : applied.fault.code;
}

function judgeRecords(records: readonly Uint8Array[]): Judged {
  const read = readJournal(crypto, records, "from anybody");
  if (!read.ok) return { result: "invalid", fault: innermost(read.fault), detail: "" };
  const { head } = read.value.chain;
  const { epoch, final, boundary, committees } = head.state.finality;
  return {
    result: "valid",
    detail: {
      ...{ serial: String(head.serial), head: toHex(head.id), epoch: String(epoch), boundary: String(boundary) },
      ...{ chainFinal: String(final.serial), committee: committees.at(-1)?.join(" ") ?? "" },
      ...{ blockSeconds: String(head.state.rules.blockSeconds), ...decided(head.state) },
    },
  };
}

function decided({ finality: { governance } }: LedgerState): Readonly<Record<string, string>> {
  if (governance === undefined) throw new Error("bug of the vectors: no governors");
  const { number, codeVersion, pending, reconfigs, setAside } = governance;
  const said = reconfigs.map((each) => `${each.serial} ${each.epoch} ${each.rear.length} ${each.former.length}`);
  return {
    ...{ number: String(number), codeVersion: String(codeVersion) },
    waiting: pending.map(({ activeFromEpoch }) => activeFromEpoch).join(", "),
    reconfigured: said.join(", "),
    setAside: setAside.map(({ did, slot }) => `${did} ${slot}`).join(", "),
  };
}

/** The rule that does not hold, not where it was found. */
function innermost(fault: JournalFault): string {
  let found: { readonly code: string; readonly fault?: { readonly code: string } } = fault;
  while (found.fault !== undefined) found = found.fault;
  return found.code;
}
