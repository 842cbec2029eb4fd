/**
 * `first-boot`: from the card that a person has edited to a gateway that can start, at each start of the board. It
 * writes only what is new, and can be cut off at any moment: the next start goes on.
 */
import { basename, join, resolve } from "node:path";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { SystemRandomness } from "#hal/linux/system-randomness.ts";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { realDisk } from "./disk.ts";
import { bootCard, type BootPlaces } from "./boot-card.ts";
import { cardExample } from "./card-text.ts";
import { cardReadme } from "./card-readme.ts";
import { faultLine } from "./report-text.ts";

export async function runFirstBoot(given: CommandArguments, io: CommandIo): Promise<number> {
  const example = given.oneOf("print-card", ["charger", "vehicle"]);
  const readme = given.oneOf("print-readme", ["charger", "vehicle"]);
  const printed = example !== undefined ? cardExample(example) : readme !== undefined ? cardReadme(readme) : undefined;
  if (printed !== undefined) {
    for (const line of printed.trimEnd().split("\n")) io.out(line);
    return EXIT.ok;
  }
  const places = placesOf(given, io.cwd);
  const tools = {
    ...{ disk: realDisk, crypto: new NodeCryptography(), randomness: new SystemRandomness() },
    nowSeconds: Math.floor(new SystemClock().wallMs() / 1000),
  };
  const outcome = await bootCard(places, tools);
  for (const warning of outcome.warnings) io.err(`tallystick: ${warning}`);
  if (given.flag("json")) io.out(JSON.stringify(outcome));
  else if (outcome.isReady) io.out(`${outcome.name}: ${outcome.role} ${outcome.shortId}, region ${outcome.network}`);
  else for (const fault of outcome.faults) io.err(`tallystick: ${faultLine(fault)}`);
  return outcome.isReady ? EXIT.ok : EXIT.configuration;
}

function placesOf(given: CommandArguments, cwd: string): BootPlaces {
  const path = (name: string): string => resolve(cwd, given.required(name));
  const [card, state, config] = [path("card"), path("state"), path("config")];
  if (card === state)
    throw new CommandError(EXIT.usage, `--card and --state are both ${basename(card)}: keys stay off it`);
  const network = given.text("network");
  return {
    card,
    state,
    config,
    files: join(state, "card"),
    ...(network === undefined ? {} : { network: resolve(cwd, network) }),
  };
}
