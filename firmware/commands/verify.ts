/** `verify`: says whether a chain or a receipt holds; if not, which block, which fact, which rule. */
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { toHex } from "#base/bytes.ts";
import { receiptLines, receiptData } from "#records/receipt-text.ts";
import type { VerifiedSlip } from "#records/check-slip.ts";
import { viewOfReceipt, viewOfSlip } from "#records/receipt-view.ts";
import { ruleText } from "#records/rule-text.ts";
import { verifyPath } from "./chain-source.ts";
import type { CommandArguments } from "./command.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";
import { isSlipText, verifySlip, type ChainSummary, type Problem, type Verification } from "./verification.ts";
import { verifyOther } from "./verify-other.ts";

/** More would say the same again. */
const PROBLEMS_SHOWN_MAX = 20;

export async function runVerify(given: CommandArguments, io: CommandIo): Promise<number> {
  const [word = "."] = given.words;
  const crypto = new NodeCryptography();
  const isCode = isSlipText(word);
  const other = isCode ? undefined : await verifyOther(given, io);
  if (other !== undefined) return other;
  const path = isCode ? "the code" : word;
  const verification = isCode ? verifySlip(crypto, path, word) : await verifyPath(crypto, io.cwd, path);
  if (given.flag("json")) io.out(JSON.stringify(verificationData(verification)));
  else for (const line of verificationLines(path, verification)) io.out(line);
  return verification.ok ? EXIT.ok : EXIT.verificationFailed;
}

export function verificationData(verification: Verification): Readonly<Record<string, unknown>> {
  if (!verification.ok) {
    const problems = verification.problems.map((problem) => ({ ...problem, words: ruleText(problem.rule) }));
    const [first] = problems;
    return {
      ok: false,
      ...(first === undefined ? {} : { block: first.block, fact: first.fact, rule: first.rule }),
      problems,
    };
  }
  if ("receipt" in verification) {
    const { blockId, header } = verification.receipt;
    const sealed = { block: header.serial, blockId: toHex(blockId) };
    return { ok: true, kind: "receipt", ...sealed, receipt: receiptData(viewOfReceipt(verification.receipt)) };
  }
  if ("slip" in verification) {
    const { slip, text } = verification;
    const { sealed, isPriceShown } = slip;
    const block = sealed === undefined ? {} : { block: sealed.header.serial, blockId: toHex(sealed.blockId) };
    return { ok: true, kind: "code", ...block, isPriceShown, receipt: receiptData(viewOfSlip(slip, text)) };
  }
  return { ok: true, ...verification.summary, notes: verification.notes };
}

export function verificationLines(path: string, verification: Verification): readonly string[] {
  if (!verification.ok) return failureLines(path, verification.problems);
  if ("slip" in verification) return slipLines(path, verification.slip, verification.text);
  if (!("receipt" in verification)) return [...chainLines(path, verification.summary), ...verification.notes];
  return [
    `${path}: the receipt holds; every signature, amount and price follows from what both sides signed.`,
    "Whether the miner had the right to seal its block, only the whole chain can show.",
    "",
    ...receiptLines(viewOfReceipt(verification.receipt)),
  ];
}

function slipLines(path: string, slip: VerifiedSlip, text: string): readonly string[] {
  const signed = "both have signed the contract, and each its last word as it stands here";
  const isSealed = slip.sealed !== undefined;
  return [
    `${path} holds: ${signed}${isSealed ? "; the result fits them and is in a block that its miner signed" : ""}.`,
    isSealed && !slip.isPriceShown ? "How the amount comes about, only the receipt file can show." : "",
    "Whether the miner had the right to seal its block, only the whole chain can show.",
    "",
    ...receiptLines(viewOfSlip(slip, text)),
  ].filter((line, place) => line !== "" || place === 3);
}

/** One problem: where, and what. */
export function problemText(problem: Problem): string {
  const { file, offset, lengthBytes, record, block, fact, kind } = problem;
  const where = [
    ...(file === undefined ? [] : [offset === undefined ? file : `${file} at byte ${offset}`]),
    ...(lengthBytes === undefined || lengthBytes === 0 ? [] : [`${lengthBytes} bytes`]),
    ...(block === undefined ? [] : [`block ${block}`]),
    ...(fact === undefined ? [] : [`${kind === undefined ? "fact" : kind} ${fact.slice(0, 12)}`]),
    ...(record === undefined ? [] : [`record ${record}`]),
  ];
  const details = typeof problem.details === "string" ? problem.details : JSON.stringify(problem.details);
  return `${where.join(", ")}: ${problem.rule}: ${ruleText(problem.rule)} (${details})`;
}

function failureLines(path: string, problems: readonly Problem[]): readonly string[] {
  const shown = problems.slice(0, PROBLEMS_SHOWN_MAX);
  const more = problems.length - shown.length;
  const isTorn = problems.some(({ rule }) => rule === "TORN_TAIL" || rule === "REGISTER_DAMAGED");
  return [
    `${path}: verification FAILED`,
    ...shown.map((problem) => `  ${problemText(problem)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...(isTorn ? ["  If a gateway is running on this folder, stop it first: its last write may be under way."] : []),
  ];
}

function chainLines(path: string, summary: ChainSummary): readonly string[] {
  const charges = Object.entries(summary.charges).map(([state, count]) => `${count} ${state}`);
  const sides = summary.sideBlocks === 0 ? "" : `, and ${summary.sideBlocks} of branches that were left`;
  return [
    `${path}: the chain holds: every checksum, hash, signature, serial, miner right and result.`,
    `  region   ${summary.region} (network ${summary.network})`,
    `  head     block ${summary.serial}, ${summary.head}`,
    `  final    ${summary.final === null ? "no block: nobody votes in this region" : `up to block ${summary.final}`}`,
    `  records  ${summary.blocks} blocks${sides}, ${summary.facts} facts, of which ${summary.waitingFacts} wait`,
    `  charges  ${charges.length === 0 ? "none" : charges.join(", ")}`,
  ];
}
