/** What a driver can do, and what an undecided comparison means. */
import { shortDeviceId } from "#core/identity/device-id.ts";
import { energyText, minorText } from "./catalogue/notation.ts";
import { instantText } from "./catalogue/local-time.ts";
import { shortId } from "./quantity-text.ts";
import type { ReceiptPart } from "./receipt-content.ts";

export interface Advice {
  readonly title: string;
  readonly texts: readonly string[];
}

export function adviceOf(part: ReceiptPart): Advice {
  const { figures, texts } = part;
  const { advice, labels } = texts;
  const { state, ending, silent, judgement, revision, billedMilliWh } = figures;
  const abandoned = billedMilliWh === 0 ? advice.abandonedFree : advice.abandoned;
  const isOpenDispute = (state === "DISPUTED" || state === "ABANDONED") && ending !== "lapse";
  const isByMeter = state === "SETTLED" && ending === "comparison";
  return {
    title: isOpenDispute ? labels.whatToDo : labels.meaning,
    texts: [
      ...(isByMeter && judgement?.reason === "GUARD-BAND" ? [advice.inconclusive] : []),
      ...(isByMeter && judgement?.reason === "MMQ" ? [advice.tooLittle] : []),
      ...(isByMeter && judgement?.verdict === "NOT-CAPABLE" ? [advice.notCapable] : []),
      ...(state === "ABANDONED" ? [abandoned(capital(texts.silent[silent]))] : []),
      ...(ending === "mutual" ? [advice.mutual] : []),
      ...(ending === "arbiter" ? [advice.ruled] : []),
      ...(ending === "lapse" ? [advice.lapsed] : []),
      ...(isOpenDispute ? disputeTexts(part) : []),
      ...(revision !== undefined && revision > 1 ? [advice.revision(revision.toString())] : []),
    ],
  };
}

function disputeTexts({ view, figures, texts, localTime }: ReceiptPart): readonly string[] {
  const { advice, notation } = texts;
  const { arbiter, currency: code, currencyDigits: digits } = view.charge.open.terms;
  const { state, amount, billedMilliWh, contestedMilliWh } = figures;
  if (view.disputableUntil === undefined) return [];
  const contested = energyText(notation, contestedMilliWh);
  const billed = `${minorText(notation, { code, digits }, amount)} (${energyText(notation, billedMilliWh)})`;
  const isContested = contestedMilliWh > 0;
  const until = instantText(texts, view.disputableUntil, localTime);
  const { agreement, ruling } = view.waysOut;
  const owed = billedMilliWh === 0 ? advice.owedNothing(contested) : advice.owed(billed, contested);
  return [
    // What an abandoned charge costs is not all signed by both: the contract may have a price for silence.
    ...(isContested ? [state === "DISPUTED" ? owed : advice.contested(contested)] : []),
    ...(agreement ? [advice.settle({ until, address: shortId(view.address) })] : []),
    ...(agreement || ruling ? [isContested ? advice.elseLapses : advice.elseStays] : [advice.noWayOut]),
    advice.keep,
    ...(ruling ? [arbiter === null ? advice.noArbiter : advice.arbiter(shortDeviceId(arbiter))] : []),
  ];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
