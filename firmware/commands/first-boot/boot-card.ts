/** One start of a device with a card: judged, made or found again, stored, and told on the card. */
import { join } from "node:path";
import { messageOf } from "#base/message-of.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { shortDeviceId } from "#core/identity/device-id.ts";
import { decodeGenesis, type Genesis } from "#core/ledger/genesis.ts";
import { GENESIS_NAME } from "../config-text.ts";
import type { GatewayRole } from "../init.ts";
import { REQUEST_NAME } from "../ca/tally-file.ts";
import { REPORT_NAME, type CardFault } from "./card-fault.ts";
import { openCard, storeLastGood, type OpenedCard } from "./open-card.ts";
import { deviceFaults } from "./device-faults.ts";
import { exchangePapers } from "./exchange-papers.ts";
import { officeNotice, readOfficeKey } from "./found-region.ts";
import { parseRecord, RECORD_NAME } from "./device-record.ts";
import { diskOfOwner, replaceFile, type Disk } from "./disk.ts";
import { judgeCard, type JudgedCard } from "./judge-card.ts";
import { makeDevice, type Device, type DeviceTools } from "./make-device.ts";
import { badReport, goodReport } from "./report-text.ts";
import { hostnameOf, removeStrayCopies, storeConfig, storeCopies, storeNetwork } from "./store-boot-files.ts";

export interface BootPlaces {
  readonly card: string;
  readonly state: string;
  /** The gateway's configuration file, which is written. */
  readonly config: string;
  /** Copies of the card's other files. */
  readonly files: string;
  /** Folder for the network's files; absent, none are written. */
  readonly network?: string;
}

export type BootOutcome =
  | {
      readonly isReady: true;
      readonly role: GatewayRole;
      readonly name: string;
      /** In hex. */
      readonly device: string;
      readonly shortId: string;
      readonly network: string;
      readonly isNew: boolean;
      readonly warnings: readonly string[];
    }
  | { readonly isReady: false; readonly faults: readonly CardFault[]; readonly warnings: readonly string[] };

/** Rejects with the system's error when the device's own storage fails; a card that fails becomes a warning. */
export async function bootCard(places: BootPlaces, tools: DeviceTools): Promise<BootOutcome> {
  await tools.disk.makeFolder(places.state);
  const own = diskOfOwner(tools.disk, places.state);
  const boot = await prepare(places, own, tools);
  if (!boot.ok) return await refuse(boot.fault, own, places, tools);
  const { card, judged, device } = boot.value;
  const { config, network } = judged;
  await storeCopies(places.files, judged.files, own);
  await storeConfig(places.config, judged.configText, tools.disk);
  await removeStrayCopies(places.files, judged.files, own);
  await storeLastGood(card, places.state, own);
  const hostname = hostnameOf(network, config.name);
  if (places.network !== undefined) await storeNetwork(places.network, network, hostname, tools.disk);
  const papers = await exchangePapers(places, { config, device }, { own, card: tools.disk, crypto: tools.crypto });
  const notices = [...card.notices, ...boot.value.notices, ...papers.notices];
  const warnings = [...notices];
  if (papers.request !== undefined) await ontoCard(places, REQUEST_NAME, papers.request, { ...tools, warnings });
  if (device.isFounder) await ontoCard(places, GENESIS_NAME, device.genesis.bytes, { ...tools, warnings });
  if (card.restored !== undefined)
    await ontoCard(places, card.restored.name, card.restored.bytes, { ...tools, warnings });
  const report = goodReport({ config, device, network, hostname, certificate: papers.certificate, notices });
  await ontoCard(places, REPORT_NAME, new TextEncoder().encode(report), { ...tools, warnings });
  return {
    ...{ isReady: true, role: config.role, name: config.name, isNew: device.isNew, warnings },
    ...{ device: toHex(device.did), shortId: shortDeviceId(device.did), network: toHex(device.genesis.network) },
  };
}

interface Boot {
  readonly card: OpenedCard;
  readonly judged: JudgedCard;
  readonly device: Device;
  readonly notices: readonly string[];
}

async function prepare(places: BootPlaces, own: Disk, tools: DeviceTools): Promise<Result<Boot, readonly CardFault[]>> {
  const { disk, nowSeconds } = tools;
  const card = await openCard(places, { card: disk, state: own });
  if (!card.ok) return fail([card.fault]);
  const judged = await judgeCard(card.value.text, places, { disk, nowSeconds });
  const cardGenesis = await readGenesis(places.card, tools);
  const officeKey = await readOfficeKey(places.card, disk);
  if (!judged.ok || !cardGenesis.ok || !officeKey.ok) {
    const { role, faults } = judged.ok ? { role: judged.value.config.role, faults: [] } : judged.fault;
    const ofGenesis = cardGenesis.ok ? await genesisMissing(role, cardGenesis.value, places, own) : [cardGenesis.fault];
    return fail([...faults, ...ofGenesis, ...(officeKey.ok ? [] : [officeKey.fault])]);
  }
  const { config, region } = judged.value;
  const wish = {
    ...{ role: config.role, organisation: config.organisation, site: config.region.site },
    ...{ region, cardGenesis: cardGenesis.value, officeKey: officeKey.value },
  };
  const device = await makeDevice(places.state, wish, { ...tools, disk: own });
  if (!device.ok) return fail([device.fault]);
  const notice = officeNotice(officeKey.value, device.value.genesis);
  const notices = notice === undefined ? [] : [notice];
  return ok({ card: card.value, judged: judged.value, device: device.value, notices });
}

/** Told together with what else is wrong: a card is carried to a computer and back each time. */
async function genesisMissing(
  role: GatewayRole | undefined,
  onCard: Genesis | undefined,
  { state }: BootPlaces,
  own: Disk,
): Promise<readonly CardFault[]> {
  const isKnown = role === undefined || role === "charger" || onCard !== undefined;
  if (isKnown || (await own.list(state)).includes(GENESIS_NAME)) return [];
  return [deviceFaults.genesisMissing(role)];
}

async function readGenesis(
  card: string,
  { disk, crypto }: DeviceTools,
): Promise<Result<Genesis | undefined, CardFault>> {
  const bytes = await disk
    .read(join(card, GENESIS_NAME), GENESIS_BYTES_MAX)
    .catch((error: unknown) => messageOf(error));
  if (bytes === undefined) return ok(undefined);
  const decoded = typeof bytes === "string" ? undefined : decodeGenesis(crypto, bytes);
  if (decoded?.ok === true) return decoded;
  const advice = "Copy it once more from the card of the region's first charger";
  const found = typeof bytes === "string" ? bytes : `${bytes.length} bytes that are no region`;
  return fail({ path: GENESIS_NAME, found, expected: "a whole genesis of a region", advice });
}

const GENESIS_BYTES_MAX = 64 * 1024;

async function refuse(
  faults: readonly CardFault[],
  own: Disk,
  places: BootPlaces,
  tools: DeviceTools,
): Promise<BootOutcome> {
  const warnings: string[] = [];
  const record = await own.read(join(places.state, RECORD_NAME), 4096).catch(() => undefined);
  const known = parseRecord(Buffer.from(record ?? []).toString("utf8"));
  const device = known === undefined ? undefined : fromHex(known.device);
  const report = badReport(faults, device === undefined ? undefined : shortDeviceId(device));
  await ontoCard(places, REPORT_NAME, new TextEncoder().encode(report), { ...tools, warnings });
  return { isReady: false, faults, warnings };
}

/** A gateway runs without its report; a card that is worn out or locked must not stop it. */
async function ontoCard(
  { card }: BootPlaces,
  name: string,
  bytes: Uint8Array,
  { disk, warnings }: DeviceTools & { readonly warnings: string[] },
): Promise<void> {
  try {
    await replaceFile(disk, { path: join(card, name), bytes, mode: 0o644 });
  } catch (error) {
    warnings.push(`${name} could not be written onto the card: ${messageOf(error)}`);
  }
}
