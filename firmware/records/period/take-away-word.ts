/** What evidence takes away of a charge that is being gathered from the facts of a chain, fact by fact. */
import { equalBytes, toHex } from "#base/bytes.ts";
import { readPiece } from "#core/evidence/read-piece.ts";
import type { ShownWord } from "#core/evidence/shown-object.ts";
import type { Chain } from "#core/ledger/chain.ts";
import type { EvidenceFact } from "#core/ledger/fact.ts";
import { isVoided } from "#core/ledger/voided-words.ts";
import {
  completeBody,
  otherRole,
  reportBody,
  type CompleteBody,
  type OpenBody,
  type ReportBody,
  type Role,
} from "#core/session/facts.ts";
import { encodeShape } from "#core/wire/schema.ts";

/** Of a charge, as far as evidence can change it. */
export interface GatheredWords {
  readonly open: OpenBody;
  /** In the order of their numbers. */
  readonly reports: Readonly<Record<Role, ReportBody[]>>;
  readonly completes: Partial<Record<Role, CompleteBody>>;
  readonly cancelled: Partial<Record<Role, true>>;
}

/** `gathered`: by address in hex. */
export function takeAwayWord(gathered: ReadonlyMap<string, GatheredWords>, fact: EvidenceFact, chain: Chain): void {
  const piece = readPiece(chain.context, fact.body);
  if (!piece.ok || (piece.value.kind !== "reports" && piece.value.kind !== "endings")) return;
  const { second } = piece.value;
  const { address, role } = second.body;
  const words = gathered.get(toHex(address));
  if (words === undefined || !equalBytes(fact.body.member, words.open[otherRole(role)])) return;
  const transaction = chain.head.state.transactions.get(toHex(address));
  // It may have come when nobody could change the end any more.
  if (transaction !== undefined && !isVoided(transaction, role, second.id)) return;
  takeAway(words, second);
}

function takeAway({ reports, completes, cancelled }: GatheredWords, word: ShownWord): void {
  const { role } = word.body;
  if (word.name === "CANCEL") Reflect.deleteProperty(cancelled, role);
  if (word.name === "COMPLETE") {
    const said = completes[role];
    if (said !== undefined && equalBytes(encodeShape(completeBody, said), word.payload)) {
      Reflect.deleteProperty(completes, role);
    }
  }
  if (word.name !== "REPORT") return;
  const at = reports[role].findIndex((report) => equalBytes(encodeShape(reportBody, report), word.payload));
  if (at >= 0) reports[role].splice(at);
}
