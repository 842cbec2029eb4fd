/** `ca issue` and `ca renew`: certificates, from requests and from the list of those that were issued. */
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fromHex, toHex } from "#base/bytes.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { CAPABILITIES_OF, type Capability } from "#core/identity/capability.ts";
import { decodeCertificate, encodeCertificate, type CertificateBody } from "#core/identity/certificate.ts";
import { encodeRenewal } from "#core/identity/join.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { shortDeviceId, topicDeviceId, type DeviceRole } from "#core/identity/device-id.ts";
import { decodeEnrolment, type Enrolment } from "#core/identity/enrolment.ts";
import { utcText } from "#records/quantity-text.ts";
import { notAmong, type CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { bodyOfEntry, findDevices } from "./issued-certificates.ts";
import { appendIssued, isRevokedEntry, newestCertificates, readIssued, type CertificateEntry } from "./issued-log.ts";
import { logPlace, openOffice } from "./office.ts";
import { daysOf, fromSeconds, nowSeconds } from "./office-time.ts";
import { CERTIFICATE_NAME, readTally, replaceFile, tallyBytes } from "./tally-file.ts";

/** Clocks of devices may go some minutes behind the office's. */
const EARLIER_SECONDS = 300;
const DAY_SECONDS = 86_400;
const RENEW_WITHIN_DAYS = 7;
const RENEWAL_NAME = "renewal.tally";

/** A turn of one identity is at most ten years. */
const EVERY_DAYS_MAX = 3650;
/**
 * So long a certificate is renewed after another identity could have followed: by then the one after that can, for a
 * car that was away meanwhile.
 */
const LATE_SECONDS = 90 * DAY_SECONDS;

/** Rights that a role gets when nothing else is said. */
const USUAL: Readonly<Record<DeviceRole, readonly Capability[]>> = {
  station: ["charge", "seal"],
  vehicle: ["charge", "seal"],
  arbiter: ["arbiter"],
};

export async function issueCertificates(given: CommandArguments, io: CommandIo): Promise<number> {
  const crypto = new NodeCryptography();
  const known = (await readIssued(logPlace(given, io))).entries;
  const wanted: Issue[] = [];
  // All requests are read before anything is issued: a batch with a bad one is told of as a whole.
  const words = given.words.slice(1);
  const everySeconds = DAY_SECONDS * (given.wholeNumber("every", 1, EVERY_DAYS_MAX) ?? 0);
  for (const [place, word] of words.entries()) {
    const path = resolve(io.cwd, word);
    const request = decodeEnrolment(await readTally(path, "ENROL"), crypto);
    if (!request.ok) throw new CommandError(EXIT.badData, `${path}: not a request that holds (${request.fault.code})`);
    const { network, deviceId } = request.value;
    const key = { at: 0, network: toHex(network), device: toHex(deviceId) };
    if (isRevokedEntry(known, key)) {
      throw new CommandError(EXIT.usage, `${path}: device ${shortDeviceId(deviceId)} has been revoked`);
    }
    const body = bodyOfRequest(request.value, given, place * everySeconds);
    const isFollowed = everySeconds > 0 && place < words.length - 1;
    wanted.push({
      ...{ body, deviceId, path: placeOf(given, io, deviceId) ?? join(dirname(path), CERTIFICATE_NAME) },
      ...(isFollowed ? { turnEnds: body.notBefore + everySeconds } : {}),
    });
  }
  return issue(wanted, given, io);
}

export async function renewCertificates(given: CommandArguments, io: CommandIo): Promise<number> {
  const { entries } = await readIssued(logPlace(given, io));
  const within = given.wholeNumber("within", 0, 365) ?? RENEW_WITHIN_DAYS;
  const until = nowSeconds() + within * DAY_SECONDS;
  const words = given.words.slice(1);
  const named = words.length === 0 ? undefined : findDevices(entries, words);
  const due = newestCertificates(entries)
    .filter((entry) => !isRevokedEntry(entries, entry))
    .filter((entry) => named?.has(entry.device) ?? (entry.notAfter < until && !isLongOver(entry)));
  if (named !== undefined && due.length < named.size) {
    throw new CommandError(EXIT.usage, "one of these devices has been revoked; nothing was issued");
  }
  const wanted = due.map((entry): Issue => {
    const deviceId = fromHex(entry.device) ?? new Uint8Array();
    const body = { ...bodyOfEntry(entry), ...periodOf(given) };
    return {
      body,
      deviceId,
      isRenewal: true,
      ...(entry.turnEnds === undefined ? {} : { turnEnds: entry.turnEnds }),
      path: placeOf(given, io, deviceId) ?? resolve(io.cwd, fileNameOf(deviceId)),
    };
  });
  if (wanted.length === 0) io.out(`no certificate ends within ${within} days`);
  const code = await issue(wanted, given, io);
  if (wanted.length > 0 && !given.flag("json")) {
    io.out(`Give them to any gateway of the region: tallystick submit *.${RENEWAL_NAME} --config tallystick.toml`);
  }
  return code;
}

/** Its car goes by another identity, or has to ask again. */
function isLongOver({ turnEnds }: CertificateEntry): boolean {
  return turnEnds !== undefined && nowSeconds() > turnEnds + LATE_SECONDS;
}

interface Issue {
  readonly body: CertificateBody;
  readonly deviceId: Uint8Array;
  readonly path: string;
  /** The device is a member: what tells the region of its certificate is written beside it. */
  readonly isRenewal?: boolean;
  /** When another identity of the same car follows on this one. */
  readonly turnEnds?: number;
}

/** The list is on the medium before any certificate is: none is out that the list does not tell of. */
async function issue(wanted: readonly Issue[], given: CommandArguments, io: CommandIo): Promise<number> {
  const office = await openOffice(given, io);
  const made = wanted.map((each) => ({ ...each, ...sign(each, office) }));
  const out = given.text("out");
  if (out !== undefined) await mkdir(resolve(io.cwd, out), { recursive: true });
  await appendIssued(
    logPlace(given, io),
    made.map(({ entry }) => entry),
  );
  for (const { path, envelope, entry, deviceId, body, isRenewal } of made) {
    await replaceFile(path, tallyBytes("CERT", envelope));
    if (isRenewal === true) {
      const renewal = encodeRenewal(envelope, body.network, office);
      await replaceFile(join(dirname(path), fileNameOf(deviceId, RENEWAL_NAME)), tallyBytes("JOIN", renewal));
    }
    if (given.flag("json")) {
      io.out(JSON.stringify({ file: path, ...entry }));
      continue;
    }
    const rights = entry.rights.join(", ");
    const from = entry.notBefore > entry.at ? ` from ${utcText(entry.notBefore)}` : "";
    io.out(`${path}: ${shortDeviceId(deviceId)} may ${rights}${from} until ${utcText(entry.notAfter)}`);
  }
  return EXIT.ok;
}

function sign({ body, deviceId, turnEnds }: Issue, office: Signer): { envelope: Uint8Array; entry: CertificateEntry } {
  const envelope = encodeCertificate(body, office);
  const { network, notBefore, notAfter, organisation, meter } = body;
  const checked = decodeCertificate(envelope, new NodeCryptography(), { network, authorities: [office.publicKey] });
  if (!checked.ok) throw new Error(`bug: our own certificate is ${checked.fault.code}`);
  const entry: CertificateEntry = {
    ...{ kind: "certificate", at: nowSeconds(), network: toHex(network), device: toHex(deviceId) },
    ...{ id: toHex(checked.value.id), inception: toHex(body.inception), organisation },
    ...{ rights: body.capabilities, notBefore, notAfter },
    ...(turnEnds === undefined ? {} : { turnEnds }),
    ...(meter && { meter }),
  };
  return { envelope, entry };
}

/** @param laterSeconds how long after the usual time it begins */
function bodyOfRequest(
  { network, inception, ...request }: Enrolment,
  given: CommandArguments,
  laterSeconds: number,
): CertificateBody {
  const { role } = inception;
  const organisation = given.text("organisation") ?? request.organisation;
  if (Buffer.byteLength(organisation) > 32) throw new CommandError(EXIT.usage, "--organisation: at most 32 bytes");
  const meter = meterOf(given);
  return {
    ...{ version: 1, network, inception: request.inceptionBytes, role, organisation },
    ...{ capabilities: rightsOf(given, role), ...periodOf(given, laterSeconds) },
    ...(meter && { meter }),
  };
}

function rightsOf(given: CommandArguments, role: DeviceRole): readonly Capability[] {
  const words = given.text("caps")?.split(",");
  if (words === undefined) return USUAL[role];
  const possible: readonly string[] = CAPABILITIES_OF[role];
  const stranger = words.find((word) => !possible.includes(word));
  if (stranger !== undefined) {
    throw new CommandError(EXIT.usage, `--caps: a ${role} cannot have it: ${notAmong(stranger, possible)}`);
  }
  return CAPABILITIES_OF[role].filter((right) => words.includes(right));
}

function meterOf(given: CommandArguments): CertificateBody["meter"] {
  const mpePpm = given.wholeNumber("mpe", 0, 1_000_000);
  const point = given.oneOf("point", ["mains", "vehicle-inlet", "charger-output", "battery"]);
  if ((mpePpm === undefined) !== (point === undefined)) {
    throw new CommandError(EXIT.usage, "--mpe and --point go together: how well it measures, and where");
  }
  return mpePpm === undefined || point === undefined ? undefined : [mpePpm, point];
}

function periodOf(given: CommandArguments, laterSeconds = 0): Pick<CertificateBody, "notBefore" | "notAfter"> {
  const from = fromSeconds(given) + laterSeconds;
  const notBefore = given.text("from") === undefined ? from - EARLIER_SECONDS : from;
  return { notBefore, notAfter: notBefore + daysOf(given) * DAY_SECONDS };
}

function placeOf(given: CommandArguments, io: CommandIo, deviceId: Uint8Array): string | undefined {
  const out = given.text("out");
  return out === undefined ? undefined : join(resolve(io.cwd, out), fileNameOf(deviceId));
}

/** Told apart by the topic id; the gateway's own copy is called `certificate.tally`. */
function fileNameOf(deviceId: Uint8Array, name = CERTIFICATE_NAME): string {
  return `${topicDeviceId(deviceId)}.${name}`;
}
