/** `governor`: what m of the n governors of a region decide, as files between them. Each verb has its function. */
import { resolve } from "node:path";
import { equalBytes, toHex } from "#base/bytes.ts";
import { readConfigFile } from "../config-file.ts";
import { gatewayPlaces } from "../../gateway-places.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { giveFact } from "../key/submit-fact.ts";
import { runVerb, type Verb } from "../run-verb.ts";
import { factOfDecision, readDecision, readGovernedRegion, writeDecision } from "./decision-file.ts";
import type { CheckedDecision, GovernedRegion } from "./decision-file.ts";
import { initGovernor, openGovernor } from "./governor-key.ts";
import { keyText, proposeDecision } from "./propose-decision.ts";
import { decisionText } from "./show-rules.ts";

const VERBS: Readonly<Record<string, Verb>> = {
  init: { options: ["folder", "passphrase-file"], words: [0, 0], run: initGovernor },
  propose: {
    options: ["from", "epoch", "code-version", "voters", "strike", "out", "json"],
    words: [0, 31],
    run: proposeDecision,
  },
  sign: { options: ["folder", "passphrase-file", "genesis", "json"], words: [1, 1], run: signDecision },
  show: { options: ["genesis", "json"], words: [1, 1], run: showDecision },
  submit: { options: ["config", "json"], words: [1, 1], run: submitDecision },
};

export function runGovernor(given: CommandArguments, io: CommandIo): Promise<number> {
  return runVerb({ name: "governor", verbs: VERBS, missing: "a file is missing" }, given, io);
}

/** What is signed is shown first; signing twice changes nothing. */
async function signDecision(given: CommandArguments, io: CommandIo): Promise<number> {
  const path = fileOf(given, io);
  const region = await readGovernedRegion(resolve(io.cwd, given.required("genesis")));
  const decision = await readDecision(path, region);
  const signer = await openGovernor(given, io);
  const place = region.governors.keys.findIndex((key) => equalBytes(key, signer.publicKey));
  if (place < 0) {
    throw new CommandError(EXIT.usage, `this key is no governor's of region ${region.genesis.body.name}`);
  }
  const signatures = new Map(decision.signatures);
  if (!signatures.has(place)) signatures.set(place, signer.sign(decision.message));
  await writeDecision(path, { ...decision, signatures });
  return tell(given, io, { path, decision: { ...decision, signatures }, region });
}

async function showDecision(given: CommandArguments, io: CommandIo): Promise<number> {
  const path = fileOf(given, io);
  const region = await readGovernedRegion(resolve(io.cwd, given.required("genesis")));
  return tell(given, io, { path, decision: await readDecision(path, region), region });
}

async function submitDecision(given: CommandArguments, io: CommandIo): Promise<number> {
  const path = fileOf(given, io);
  const { config, home } = await readConfigFile(io.cwd, given.required("config"));
  const region = await readGovernedRegion(gatewayPlaces(config, home).genesis);
  const decision = await readDecision(path, region);
  const fact = factOfDecision(decision, region);
  if (fact === undefined) {
    const [found, needed] = [decision.signatures.size, region.governors.threshold];
    const problem = `${found} of ${needed} governors have signed it (FACT_TOO_FEW_SIGNATURES)`;
    throw new CommandError(EXIT.usage, `${path}: ${problem}`);
  }
  return giveFact(fact, given, io);
}

interface Told {
  readonly path: string;
  readonly decision: CheckedDecision;
  readonly region: GovernedRegion;
}

function tell(given: CommandArguments, io: CommandIo, { path, decision, region }: Told): number {
  const { keys, threshold } = region.governors;
  const signed = keys.map((key, place) => ({ place: place + 1, key, hasSigned: decision.signatures.has(place) }));
  const found = decision.signatures.size;
  if (given.flag("json")) {
    const { kind, body } = decision;
    const by = signed.filter(({ hasSigned }) => hasSigned).map(({ key }) => toHex(key));
    const told = { file: path, kind, id: body.key, says: decisionText(body), signedBy: by, needed: threshold };
    io.out(JSON.stringify(told));
    return EXIT.ok;
  }
  io.out(`region ${region.genesis.body.name}: ${decision.kind} ${decisionText(decision.body)}`);
  io.out(`  id ${decision.body.key}`);
  for (const { place, key, hasSigned } of signed) {
    io.out(`  governor ${place}  ${keyText(key)}…  ${hasSigned ? "has signed" : "has not signed"}`);
  }
  const next =
    found < threshold
      ? `${threshold - found} more to sign: tallystick governor sign FILE --genesis genesis.tally`
      : "enough: tallystick governor submit FILE --config tallystick.toml";
  io.out(next);
  return EXIT.ok;
}

function fileOf(given: CommandArguments, io: CommandIo): string {
  return resolve(io.cwd, given.words[1] ?? "");
}
