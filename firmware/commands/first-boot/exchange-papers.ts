/**
 * What a device and the office of its region hand each other by the card: the device's request, and the certificate
 * that comes back. The request also tells a list of gateways who this one is, so every card gets it.
 */
import { join } from "node:path";
import { asOwnerOf } from "#adapters/files/as-owner.ts";
import { equalBytes } from "#base/bytes.ts";
import { messageOf } from "#base/message-of.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { GatewayConfig } from "#config/gateway-config.ts";
import { decodeCertificate, type Certificate } from "#core/identity/certificate.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import { CERTIFICATE_NAME } from "../../certificate-file.ts";
import { makeRequest } from "../ca/request-certificate.ts";
import { readTally } from "../ca/tally-file.ts";
import { CommandError } from "../command-error.ts";
import { GENESIS_NAME, KEY_NAME } from "../config-text.ts";
import { replaceFile, type Disk } from "./disk.ts";
import type { Device } from "./make-device.ts";

export interface Papers {
  /** `enrol.tally`; undefined for a device that has rotated its key: the office renews without being asked. */
  readonly request: Uint8Array | undefined;
  /** For the report: of what the region asks for, what is there. Undefined in a region that asks for nothing. */
  readonly certificate: CertificateState | undefined;
  readonly notices: readonly string[];
}

/** Unix seconds of its end, or that there is none. */
export type CertificateState = { readonly endsAt: number } | "missing";

export interface PaperPlaces {
  readonly card: string;
  readonly state: string;
}

export interface PaperTools {
  /** Of the device's own storage. */
  readonly own: Disk;
  readonly card: Disk;
  readonly crypto: Cryptography;
}

export async function exchangePapers(
  places: PaperPlaces,
  { config, device }: { readonly config: GatewayConfig; readonly device: Device },
  { own, card, crypto }: PaperTools,
): Promise<Papers> {
  const request = await requestOf(places.state, config);
  const { membership } = device.genesis.body;
  const stored = await certificateIn(places.state, own, device, crypto);
  const brought = await certificateIn(places.card, card, device, crypto);
  if (membership === undefined) {
    const isNeedless = brought !== undefined;
    return {
      request,
      certificate: undefined,
      notices: isNeedless ? [`${CERTIFICATE_NAME} is not needed: this region asks for none.`] : [],
    };
  }
  const known = stored?.ok === true ? stored.value : undefined;
  const notices = brought === undefined || brought.ok ? [] : [`${CERTIFICATE_NAME} is not used: ${brought.fault}.`];
  const isNewer = brought?.ok === true && brought.value.notAfter > (known?.notAfter ?? 0);
  if (brought?.ok === true && isNewer) await keep(places, own, card);
  const good = isNewer ? brought.value : known;
  return { request, certificate: good === undefined ? "missing" : { endsAt: good.notAfter }, notices };
}

async function requestOf(state: string, config: GatewayConfig): Promise<Uint8Array | undefined> {
  const [key, genesis] = [join(state, KEY_NAME), join(state, GENESIS_NAME)];
  try {
    return (await asOwnerOf(state, () => makeRequest(config, key, genesis))).bytes;
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

/** Undefined where there is none. A certificate of another device or region is none for this one. */
async function certificateIn(
  folder: string,
  disk: Disk,
  { inception, genesis }: Device,
  crypto: Cryptography,
): Promise<Result<Certificate, string> | undefined> {
  const names = await disk.list(folder);
  if (!names.includes(CERTIFICATE_NAME)) return undefined;
  const envelope = await readTally(join(folder, CERTIFICATE_NAME), "CERT").catch((error: unknown) => messageOf(error));
  if (typeof envelope === "string") return fail("the file is damaged or something else");
  const authorities = genesis.body.membership?.enrolmentKeys ?? [];
  const decoded = decodeCertificate(envelope, crypto, { network: genesis.network, authorities });
  if (!decoded.ok) return fail(`it does not hold in this region (${decoded.fault.code})`);
  const isOwn = equalBytes(decoded.value.inceptionBytes, inception);
  return isOwn ? ok(decoded.value) : fail("it is that of another device");
}

const CERTIFICATE_FILE_BYTES_MAX = 4096;

async function keep({ card, state }: PaperPlaces, own: Disk, from: Disk): Promise<void> {
  const bytes = await from.read(join(card, CERTIFICATE_NAME), CERTIFICATE_FILE_BYTES_MAX);
  if (bytes !== undefined) await replaceFile(own, { path: join(state, CERTIFICATE_NAME), bytes, mode: 0o644 });
}
