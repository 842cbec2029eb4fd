/** `evidence`: what a chain holds against whom; and a piece of it as a file that proves itself. */
import { resolve } from "node:path";
import { shortDeviceId } from "#core/identity/device-id.ts";
import { evidenceIn, makeEvidenceFile, verifyEvidenceFile } from "#records/evidence-file.ts";
import { consequenceText, evidenceText } from "#records/evidence-text.ts";
import { plainText } from "#records/plain-text.ts";
import { ruleText } from "#records/rule-text.ts";
import { ask, say } from "./control.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { EXIT } from "./exit-code.ts";
import { evidenceLines, evidenceView } from "./evidence-view.ts";
import { writeNew } from "./export/write-new.ts";
import { loadChain } from "./load-chain.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";

export async function runEvidence(given: CommandArguments, io: CommandIo): Promise<number> {
  if (given.text("config") !== undefined) {
    const answer = await ask(given, io, { command: "evidence" });
    return say(answer, given, io, ({ lines }) => (Array.isArray(lines) ? lines.map(String) : []));
  }
  const chain = await loadChain(given, io);
  const out = given.text("out");
  if (out !== undefined) return writePiece(given, io, { chain, out });
  const view = evidenceView(chain.head.state);
  const pieces = evidenceIn(chain).map(({ key }) => key);
  if (given.flag("json")) io.out(JSON.stringify({ ok: true, evidence: view, pieces }));
  else for (const line of evidenceLines(view)) io.out(line);
  return EXIT.ok;
}

interface Writing {
  readonly chain: Awaited<ReturnType<typeof loadChain>>;
  readonly out: string;
}

async function writePiece(given: CommandArguments, io: CommandIo, { chain, out }: Writing): Promise<number> {
  const [wanted = ""] = given.words;
  const found = evidenceIn(chain).filter(({ key }) => wanted !== "" && key.startsWith(wanted));
  const [piece] = found;
  if (piece === undefined || found.length > 1) {
    const expected = "expected the id, or the beginning of the id, of one piece; see tallystick evidence";
    throw new CommandError(EXIT.usage, `found ${found.length} pieces with ${JSON.stringify(wanted)}, ${expected}`);
  }
  await writeNew(resolve(io.cwd, out), makeEvidenceFile(chain, piece));
  io.out(given.flag("json") ? JSON.stringify({ ok: true, id: piece.key, file: out }) : `wrote ${out}`);
  return EXIT.ok;
}

/** `verify` on such a file. */
export function runVerifyEvidence(given: CommandArguments, io: CommandIo, bytes: Uint8Array): number {
  const [path = ""] = given.words;
  const checked = verifyEvidenceFile(new NodeCryptography(), bytes);
  if (!checked.ok) {
    const { code, ...details } = checked.fault;
    const rule = "fault" in checked.fault ? checked.fault.fault.code : code;
    const problem = { rule, words: ruleText(rule), details };
    if (given.flag("json")) io.out(JSON.stringify({ ok: false, kind: "evidence", problems: [problem] }));
    else {
      io.out(`${path}: verification FAILED`);
      io.out(`  ${rule}: ${problem.words} (${plainText(JSON.stringify(details), 300)})`);
    }
    return EXIT.verificationFailed;
  }
  const { kind, region, offender, submitter, first, second, id } = checked.value;
  const [about, by] = [shortDeviceId(offender), shortDeviceId(submitter)];
  if (given.flag("json")) {
    io.out(JSON.stringify({ ok: true, kind: "evidence", number: kind, region, about, by, id, first, second }));
    return EXIT.ok;
  }
  for (const line of [
    `${path}: the evidence holds: both were signed with keys of the device that it is about, ` +
      "and cannot both be honest.",
    `  E${kind}       ${evidenceText(kind)}`,
    `  about    ${about}, in region ${region}`,
    `  shown by ${by}`,
    `  objects  ${first}`,
    `           ${second}`,
    `  follows  ${consequenceText(kind)}`,
  ]) {
    io.out(line);
  }
  return EXIT.ok;
}
