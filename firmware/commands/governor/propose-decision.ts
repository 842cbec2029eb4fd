/** `governor propose`: the file that governors sign, made by what a chain says. */
import { resolve } from "node:path";
import { fromHex, toHex } from "#base/bytes.ts";
import { committeesOf } from "#core/finality/finality-state.ts";
import { EPOCHS_AHEAD_MIN, paramsBody } from "#core/governance/params-fact.ts";
import { reconfigBody } from "#core/governance/reconfig-fact.ts";
import { DEVICE_ID_BYTES, shortDeviceId } from "#core/identity/device-id.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { CHANGEABLE_RULES, ruleChanges, type RuleChanges } from "#core/ledger/rules.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { decodeShape, encodeShape } from "#core/wire/schema.ts";
import { notAmong, type CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { loadChain } from "../load-chain.ts";
import { governedRegion, readDecision, writeDecision } from "./decision-file.ts";
import { decisionText } from "./show-rules.ts";

const FILE_NAME = "decision.tally";

export async function proposeDecision(given: CommandArguments, io: CommandIo): Promise<number> {
  const words = given.words.slice(1);
  const namesVoters = given.flag("voters") || given.flag("strike");
  if (namesVoters && (words.length > 0 || given.flag("epoch") || given.flag("code-version"))) {
    throw new CommandError(EXIT.usage, "voters and rules are decided apart: each in a file of its own");
  }
  const chain = await loadChain(given, io);
  const region = governedRegion(chain.genesis);
  const kind = namesVoters ? "RECONFIG" : "PARAMS";
  const payload = namesVoters ? votersPayload(chain, given) : rulesPayload(chain, given, words);
  const path = resolve(io.cwd, given.text("out") ?? FILE_NAME);
  await writeDecision(path, { kind, payload, signatures: new Map() });
  const { body } = await readDecision(path, region);
  const { threshold, keys } = region.governors;
  if (given.flag("json")) {
    io.out(JSON.stringify({ file: path, kind, id: body.key, says: decisionText(body) }));
    return EXIT.ok;
  }
  io.out(`${path}: ${kind} ${decisionText(body)}`);
  io.out(
    `${threshold} of ${keys.length} governors have to sign it: tallystick governor sign FILE --genesis genesis.tally`,
  );
  return EXIT.ok;
}

/** About a year. */
const EPOCHS_AHEAD_MAX = 1000;

function rulesPayload(chain: Chain, given: CommandArguments, words: readonly string[]): Uint8Array {
  const { governance, epoch } = chain.head.state.finality;
  const least = epoch + EPOCHS_AHEAD_MIN;
  const last = governance?.pending.at(-1)?.activeFromEpoch ?? least;
  const activeFromEpoch = given.wholeNumber("epoch", 0, Number.MAX_SAFE_INTEGER) ?? Math.max(least, last);
  if (activeFromEpoch < least) {
    throw new CommandError(EXIT.usage, `--epoch: found ${activeFromEpoch}, expected ${least} or later (FACT_TOO_SOON)`);
  }
  const most = Math.max(least, last) + EPOCHS_AHEAD_MAX;
  if (activeFromEpoch > most) {
    const why = "no later decision could come into force before it, and none takes it back";
    throw new CommandError(EXIT.usage, `--epoch: found ${activeFromEpoch}, expected at most ${most}: ${why}`);
  }
  const codeVersion = given.wholeNumber("code-version", 1, 0xffff);
  const rules = changesIn(words);
  if (words.length === 0 && codeVersion === undefined) {
    throw new CommandError(EXIT.usage, `propose what? RULE=VALUE, --code-version, --voters or --strike`);
  }
  return encodeShape(paramsBody, {
    ...{ network: chain.genesis.network, number: (governance?.number ?? 0) + 1, activeFromEpoch, rules },
    ...(codeVersion === undefined ? {} : { codeVersion }),
  });
}

function changesIn(words: readonly string[]): RuleChanges {
  const changes: Record<string, string | number | boolean | null> = {};
  for (const word of words) {
    const [name = "", text = ""] = word.split("=");
    if (!(CHANGEABLE_RULES as readonly string[]).includes(name)) {
      throw new CommandError(EXIT.usage, `${name}: governors cannot change it: ${notAmong(name, CHANGEABLE_RULES)}`);
    }
    const read = decodeShape(ruleChanges, ruleBytes(name, valueOf(text)));
    if (!read.ok) throw new CommandError(EXIT.usage, `${word}: not a value of this rule; see tallystick show rules`);
    Object.assign(changes, read.value);
  }
  return changes;
}

/** As the wire has it; a word that the rule does not know becomes what no rule takes. */
function ruleBytes(name: string, value: string | number | boolean | null): Uint8Array {
  try {
    return encodeCbor(ruleChanges.write({ [name]: value }));
  } catch {
    return new Uint8Array();
  }
}

function valueOf(text: string): string | number | boolean | null {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  return text === "true" ? true : text === "false" ? false : text === "null" ? null : text;
}

function votersPayload({ genesis, head, final }: Chain, given: CommandArguments): Uint8Array {
  const { finality, members } = head.state;
  const known = [...members.entries().keys()];
  const present = committeesOf(finality, finality.epoch)?.forward ?? [];
  const named = given.text("voters");
  if (named !== undefined && given.flag("strike")) {
    throw new CommandError(EXIT.usage, "--voters says who is to vote, --strike who is not: one of them");
  }
  const struck = named === undefined ? findAll(given.required("strike"), present) : [];
  const voters = named === undefined ? present.filter((did) => !struck.includes(did)) : findAll(named, known);
  if (voters.length === 0) throw new CommandError(EXIT.usage, "nobody would be left to vote");
  return encodeShape(reconfigBody, {
    network: genesis.network,
    checkpoint: { serial: final.serial, id: final.id },
    committee: voters.map(bytesOf),
  });
}

/** Device ids as people and programs write them: short, or hexadecimal digits from the front. */
function findAll(list: string, among: readonly string[]): readonly string[] {
  return list.split(",").map((word) => {
    const found = among.filter((did) => shortDeviceId(bytesOf(did)) === word || did.startsWith(word.toLowerCase()));
    const [only] = found;
    if (only !== undefined && found.length === 1 && word.length > 0) return only;
    const voters = among.map((did) => shortDeviceId(bytesOf(did))).join(", ");
    throw new CommandError(EXIT.usage, `"${word}" is ${found.length === 0 ? "none" : "not one"} of: ${voters}`);
  });
}

function bytesOf(did: string): Uint8Array {
  return fromHex(did) ?? new Uint8Array(DEVICE_ID_BYTES);
}

/** Public keys in hex, for people to compare. */
export function keyText(key: Uint8Array): string {
  return toHex(key).slice(0, 16);
}
