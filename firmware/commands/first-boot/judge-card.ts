/** A card's text and files, judged as a whole: a configuration, or all that is wrong with it. */
import { join } from "node:path";
import { stringify } from "smol-toml";
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { parseGatewayConfig, type GatewayConfig } from "#config/gateway-config.ts";
import type { ConfigFault } from "#config/shape.ts";
import type { GatewayRole } from "../init.ts";
import { withFilesAt } from "./card-file-keys.ts";
import { CARD_NAME, type CardFault } from "./card-fault.ts";
import { cardParts, type RegionKeys } from "./card-parts.ts";
import { checkGateway } from "./check-gateway.ts";
import { collectFaults } from "./collect-faults.ts";
import type { Disk } from "./disk.ts";
import { explainFault } from "./explain-fault.ts";
import { usualTables, type DevicePlaces } from "./merge-card.ts";
import type { NetworkSettings } from "./network-settings.ts";
import { readCard, type Table } from "./read-card.ts";
import { readNamedFiles, type StoredFile } from "./read-named-files.ts";

export interface JudgedCard {
  readonly config: GatewayConfig;
  /** For the gateway, with the copies of the card's files. */
  readonly configText: string;
  readonly files: readonly StoredFile[];
  readonly network: NetworkSettings;
  readonly region: RegionKeys;
}

export interface RefusedCard {
  /** Undefined where the card does not say it. */
  readonly role: GatewayRole | undefined;
  readonly faults: readonly CardFault[];
}

export interface CardPlaces extends DevicePlaces {
  /** The card's folder. */
  readonly card: string;
  /** Where the copies of the card's files are. */
  readonly files: string;
}

/** @param text of tallystick.toml, with plain line ends */
export async function judgeCard(
  text: string,
  places: CardPlaces,
  { disk, nowSeconds }: { readonly disk: Disk; readonly nowSeconds: number },
): Promise<Result<JudgedCard, RefusedCard>> {
  const card = readCard(text);
  const { role, region, network, gateway, faults } = cardParts(card.tables);
  const usual = role === undefined ? {} : usualTables(role, card.tables);
  const explained = (found: readonly ConfigFault[]): readonly CardFault[] =>
    unlessFollowing(found, card.faults).map((fault) => explainFault(fault, card.lines, usual));
  const ofParts = withOthers(card.faults, explained(faults));
  if (role === undefined) return fail({ role, faults: inOrder(ofParts) });
  const judged = collectFaults(role, gateway, places);
  const files = await readNamedFiles(disk, places.card, judged.merged);
  const isWhole = judged.config !== undefined && files.faults.length === 0;
  const deep = isWhole ? await checkGateway(atPlace(judged.merged, places.card).config, places.card, nowSeconds) : [];
  const told = withOthers(ofParts, explained([...judged.faults, ...files.faults, ...deep]));
  if (told.length > 0 || network === undefined) return fail({ role, faults: inOrder(told) });
  const { config, text: configText } = atPlace(judged.merged, places.files);
  return ok({ config, configText, files: files.files, network, region });
}

/** What is missing only because its line could not be read is no mistake of its own. */
function unlessFollowing(faults: readonly ConfigFault[], unread: readonly CardFault[]): readonly ConfigFault[] {
  return faults.filter(({ found }) => found !== "nothing" || unread.length === 0);
}

/** One line is told once: with what is expected of it in the end, where its form was wrong, too. */
function withOthers(told: readonly CardFault[], others: readonly CardFault[]): readonly CardFault[] {
  const isSame = (left: CardFault, right: CardFault): boolean => left.path === right.path && left.line === right.line;
  const better = told.map((fault) => {
    const other = others.find((each) => isSame(each, fault));
    if (other === undefined) return fault;
    const expected = `${fault.expected}; and ${other.expected}`;
    return { ...fault, expected, ...(other.example === undefined ? {} : { example: other.example }) };
  });
  return [...better, ...others.filter((other) => !told.some((fault) => isSame(fault, other)))];
}

function atPlace(merged: Table, folder: string): { readonly config: GatewayConfig; readonly text: string } {
  const text = `${TITLE}\n${stringify(withFilesAt(merged, (name) => join(folder, name)))}\n`;
  const parsed = parseGatewayConfig(text);
  assert(parsed.ok, "what was judged to be right is right");
  return { config: parsed.value, text };
}

const TITLE = `# Made at each start out of ${CARD_NAME} on the card: change that one.`;

/** As they stand in the file; what is of no line comes last. */
function inOrder(faults: readonly CardFault[]): readonly CardFault[] {
  const place = ({ line }: CardFault): number => line ?? Number.POSITIVE_INFINITY;
  return [...faults].sort((left, right) => (place(left) === place(right) ? 0 : place(left) - place(right)));
}
