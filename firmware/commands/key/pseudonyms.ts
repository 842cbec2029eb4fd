/** `key pseudonyms`: further identities of a vehicle, made before their turn comes, and which there are. */
import { dirname, join } from "node:path";
import { toHex } from "#base/bytes.ts";
import { asOwnerOf } from "#adapters/files/as-owner.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import type { VehicleConfig } from "#config/gateway-config.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import { turnEndsAt, type Turn, type TurnRules } from "#core/identity/pseudonym-turn.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import { utcText } from "#records/quantity-text.ts";
import { gatewayPlaces } from "../../gateway-places.ts";
import { PSEUDONYM_NUMBER_MAX, pseudonymNumbers, turnOnFlash } from "../../pseudonym-places.ts";
import { turnRules } from "../../pseudonym-turns.ts";
import { readGenesis } from "../../read-genesis.ts";
import {
  makePseudonymKeys,
  pseudonymFolderName,
  storedPseudonym,
  storedPseudonyms,
  type PseudonymContext,
  type StoredPseudonym,
} from "../../stored-pseudonyms.ts";
import { makeRequest } from "../ca/request-certificate.ts";
import { replaceFile, REQUEST_NAME } from "../ca/tally-file.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { readConfigFile } from "../config-file.ts";
import { EXIT } from "../exit-code.ts";

/** Ten years of 90 days each. */
const COUNT_MAX = 40;

export async function runPseudonyms(given: CommandArguments, io: CommandIo): Promise<number> {
  const { config, home } = await readConfigFile(io.cwd, given.required("config"));
  if (config.role !== "vehicle") {
    throw new CommandError(EXIT.usage, `only a vehicle has pseudonyms; this is a gateway of role ${config.role}`);
  }
  const crypto = new NodeCryptography();
  const places = gatewayPlaces(config, home);
  const context = { crypto, places, genesis: await readGenesis(crypto, places.genesis) };
  const count = given.wholeNumber("count", 1, COUNT_MAX);
  if (count === undefined) return await list(context, config, given.flag("json"), io);
  // What root makes belongs to whoever runs the gateway.
  const made = await asOwnerOf(dirname(places.key), () => makePseudonyms(context, config, count));
  for (const pseudonym of made) io.out(given.flag("json") ? JSON.stringify(dataOf(pseudonym)) : madeLine(pseudonym));
  if (given.flag("json")) return EXIT.ok;
  if (context.genesis.body.membership !== undefined) {
    io.out(`Give the ${REQUEST_NAME} of each to the office, in this order: tallystick ca issue --every 90 …`);
  }
  if (config.organisation !== "") {
    io.out(
      `Each says the organisation "${config.organisation}": unless many cars do, they can be told to be one car's`,
    );
  }
  return EXIT.ok;
}

/** One after the other, each whole before the next: a power cut leaves those that are made. */
async function makePseudonyms(
  context: PseudonymContext,
  config: VehicleConfig,
  count: number,
): Promise<readonly StoredPseudonym[]> {
  const { places } = context;
  const last = Math.max((await turnOnFlash(places))?.number ?? 1, ...(await storedPseudonyms(context)).map(numberOf));
  const damaged = (await pseudonymNumbers(places)).at(-1) ?? 1;
  const first = Math.max(last, damaged) + 1;
  if (first + count - 1 > PSEUDONYM_NUMBER_MAX)
    throw new CommandError(EXIT.usage, "--count: there are no more numbers");
  const made: StoredPseudonym[] = [];
  for (let number = first; number < first + count; number += 1) {
    await makePseudonymKeys(places, number, new SystemRandomness());
    const pseudonym = await storedPseudonym(context, number);
    const { bytes } = await makeRequest(config, pseudonym.places.key, places.genesis);
    await replaceFile(requestPlace(pseudonym), bytes);
    made.push(pseudonym);
  }
  return made;
}

async function list(
  context: PseudonymContext,
  { vehicle }: VehicleConfig,
  isJson: boolean,
  io: CommandIo,
): Promise<number> {
  const turn = await turnOnFlash(context.places);
  const inUse = turn?.number ?? 1;
  const rules = await turnRules(context, inUse, vehicle.pseudonymDays);
  const all = [await storedPseudonym(context, 1), ...(await storedPseudonyms(context))];
  for (const pseudonym of all) {
    const state = stateOf(pseudonym, inUse);
    if (isJson) {
      const since = pseudonym.number === turn?.number ? turn.since : null;
      io.out(JSON.stringify({ ...dataOf(pseudonym), state, since }));
    } else io.out(listLine(pseudonym, state === "in use" ? useText(turn, rules) : state));
  }
  return EXIT.ok;
}

function stateOf({ number }: StoredPseudonym, inUse: number): "left" | "in use" | "prepared" {
  return number === inUse ? "in use" : number < inUse ? "left" : "prepared";
}

function useText(turn: Turn | undefined, rules: TurnRules): string {
  if (rules.days === 0) return "in use, for ever";
  const until = turn && turnEndsAt(turn, rules);
  return until === undefined ? "in use, its days are not counted yet" : `in use until ${utcText(until)}`;
}

function listLine({ number, did, certificate }: StoredPseudonym, state: string): string {
  const period = certificate && `certificate ${utcText(certificate.notBefore)} to ${utcText(certificate.notAfter)}`;
  return [String(number).padStart(4), shortDeviceId(did), state, ...(period === undefined ? [] : [period])].join("  ");
}

function madeLine(pseudonym: StoredPseudonym): string {
  const place = join(pseudonymFolderName(pseudonym.places), REQUEST_NAME);
  return `${place}: identity ${pseudonym.number}, device ${shortDeviceId(pseudonym.did)}`;
}

function dataOf(pseudonym: StoredPseudonym): Readonly<Record<string, unknown>> {
  const { number, did, certificate = null } = pseudonym;
  const request = number === 1 ? null : requestPlace(pseudonym);
  return { number, device: shortDeviceId(did), did: toHex(did), request, certificate };
}

function requestPlace({ places }: StoredPseudonym): string {
  return join(dirname(places.key), REQUEST_NAME);
}

function numberOf({ number }: StoredPseudonym): number {
  return number;
}
