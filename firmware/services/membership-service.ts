/**
 * This gateway's own membership: its JOIN, the certificate in it, the rotation of its key; and whether it begins a
 * charge with another member. Certificate and keys are files that a person changes while the gateway runs, so they are
 * looked at again each minute; and so is the chain, where an office may have put a newer certificate.
 */
import { equalBytes, toHex } from "#base/bytes.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { Objection } from "#core/handshake/handshake-context.ts";
import type { Member as Peer } from "#core/handshake/member.ts";
import { decodeCertificate, isGoodAt, type Certificate } from "#core/identity/certificate.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { decodeInception } from "#core/identity/device-id.ts";
import { encodeJoin, joinWith, type JoinRegion } from "#core/identity/join.ts";
import { rotateBody } from "#core/identity/membership-facts.ts";
import { factAt } from "#core/ledger/chain-records.ts";
import { encodeFact } from "#core/ledger/fact.ts";
import { isAdmitted, isRevokedAt, joinRegionOf } from "#core/ledger/membership.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { EmitEvent } from "./events.ts";
import type { KeyRing } from "./key-ring.ts";
import type { LedgerService } from "./ledger-service.ts";

const LOOK_MS = 60_000;
const DAY_SECONDS = 86_400;
/** From then on people are warned, once a day. */
const WARN_SECONDS = 7 * DAY_SECONDS;

/** The keys of a device that has rotated, as its key file holds them. */
export interface RotatedSigners {
  /** How often it has rotated. */
  readonly number: number;
  readonly before: Signer;
  readonly current: Signer;
  /** SHA-256 of the key after it. */
  readonly nextKeyDigest: Uint8Array;
}

/** What lies beside the gateway's key. Each is read when it is asked for. */
export interface MembershipFiles {
  /** The envelope of a CERT; undefined where there is none. */
  readonly certificate: () => Promise<Uint8Array | undefined>;
  /** Undefined while the device has never rotated. */
  readonly rotated: () => Promise<RotatedSigners | undefined>;
  /** A ROTATE as a fact that an office has countersigned, for a device whose key was lost. */
  readonly recovery: () => Promise<Uint8Array | undefined>;
}

export interface MembershipParts {
  readonly ledger: LedgerService;
  readonly ring: KeyRing;
  readonly clock: Clock;
  readonly did: Uint8Array;
  readonly inception: Uint8Array;
  readonly organisation: string;
  readonly files: MembershipFiles;
  readonly emit: EmitEvent;
}

/** For `status`. */
export interface MembershipState {
  /** Whether the region wants certificates. */
  readonly isCertified: boolean;
  /** Unix seconds, of the certificate that is shown; undefined without one. */
  readonly notAfter: number | undefined;
  readonly rights: readonly string[];
  readonly isRevoked: boolean;
  /** Of the key in force, and of the one that stands in a block. */
  readonly keyNumber: number;
  readonly sealedKeyNumber: number;
}

interface Held {
  readonly envelope: Uint8Array;
  readonly certificate: Certificate;
}

export class MembershipService {
  /** Live: what it answers follows the chain. */
  readonly region: JoinRegion;
  readonly #parts: MembershipParts;
  #held: Held | undefined;
  #join: { readonly says: string; readonly bytes: Uint8Array } | undefined;
  #refused = "";
  #warnedAt = 0;
  #running = false;
  #cancel: Cancel = () => undefined;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
    const { ring, did, ledger } = parts;
    const { chain } = ledger;
    const now = (): JoinRegion => joinRegionOf(chain.pending, chain.genesis.network);
    this.region = {
      ...now(),
      keyOf: (deviceId, number) => now().keyOf(deviceId, number),
      newestKeyOf: (deviceId) => now().newestKeyOf(deviceId),
    };
    ring.follow(() => ledger.chain.pending.members.get(toHex(did))?.publicKey);
  }

  /** Takes the keys from their file, before anything is signed. */
  async readKeys(): Promise<void> {
    const rotated = await this.#parts.files.rotated();
    if (rotated !== undefined) this.#parts.ring.replace([rotated.before, rotated.current]);
  }

  /** Reads the files and makes this gateway known before anything else (the paper, III.A). */
  async start(): Promise<void> {
    this.#running = true;
    await this.look();
    this.#lookLater();
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** The newest JOIN, for those who do not know us. */
  get join(): Uint8Array {
    const { ring, did } = this.#parts;
    const number = this.region.newestKeyOf(did);
    const says = `${number} ${toHex(this.#held?.certificate.id ?? new Uint8Array())}`;
    if (this.#join?.says !== says) {
      const key = number === 0 ? {} : { keyNumber: number };
      this.#join = { says, bytes: encodeJoin({ ...this.#joinBody(), ...key }, ring) };
    }
    return this.#join.bytes;
  }

  get state(): MembershipState {
    const { ledger, did } = this.#parts;
    const certificate = this.#held?.certificate;
    return {
      isCertified: ledger.chain.genesis.body.membership !== undefined,
      notAfter: certificate?.notAfter,
      rights: certificate?.capabilities ?? [],
      isRevoked: isRevokedAt(ledger.chain.pending, toHex(did), ledger.nowSeconds),
      keyNumber: this.region.newestKeyOf(did),
      sealedKeyNumber: (ledger.chain.head.state.members.get(toHex(did))?.keys.length ?? 1) - 1,
    };
  }

  /** Why no charge begins with this member now. */
  objectionTo({ deviceId, certificate }: Peer, { mpePpm, measuringPoints }: Terms): Objection | undefined {
    const { ledger, inception } = this.#parts;
    const own = decodeInception(inception);
    // The other side is whichever this gateway is not.
    const place = own.ok && own.value.role === "station" ? 1 : 0;
    const side = { at: ledger.nowSeconds, mpePpm: mpePpm[place], point: measuringPoints[place] };
    const isIn = isAdmitted(ledger.chain.pending, { deviceId, certificate }, side);
    return isIn ? undefined : { code: "NOT_ADMITTED" };
  }

  /** Looks at the files, and tells the ledger what is new in them; and at the ledger. */
  async look(): Promise<void> {
    await this.#takeRotation();
    await this.#takeCertificate();
    this.#takeRenewal();
    const { ledger, did } = this.#parts;
    const isMember = ledger.chain.pending.members.get(toHex(did)) !== undefined;
    if (!isMember && (this.#held !== undefined || this.region.admitsUncertified)) {
      await ledger.submit(encodeFact("JOIN", this.join));
    }
    this.#warn();
  }

  #lookLater(): void {
    const { clock } = this.#parts;
    this.#cancel = clock.wakeAt(clock.monotonicMs() + LOOK_MS, () => {
      void this.look().finally(() => {
        if (this.#running) this.#lookLater();
      });
    });
  }

  #joinBody(): Parameters<typeof encodeJoin>[0] {
    const { inception, organisation, ledger } = this.#parts;
    const { network } = ledger.chain.genesis;
    if (this.#held !== undefined) return joinWith(this.#held.envelope, network);
    return { version: 1, network, inception, organisation };
  }

  async #takeCertificate(): Promise<void> {
    const { files, ledger, did, emit } = this.#parts;
    const { chain } = ledger;
    if (chain.genesis.body.membership === undefined) return;
    const envelope = await files.certificate();
    if (envelope === undefined || (this.#held !== undefined && equalBytes(this.#held.envelope, envelope))) return;
    const read = decodeCertificate(envelope, chain.context.crypto, this.region);
    const code = !read.ok ? read.fault.code : equalBytes(read.value.deviceId, did) ? undefined : "CERT_OF_ANOTHER";
    if (!read.ok || code !== undefined) {
      const says = `${code ?? ""} ${toHex(envelope)}`;
      if (says !== this.#refused) emit("certificateRefused", { code: code ?? "" });
      this.#refused = says;
      return;
    }
    // An older one that was copied over a newer one takes nothing back.
    if (this.#held !== undefined && read.value.notAfter <= this.#held.certificate.notAfter) return;
    this.#held = { envelope, certificate: read.value };
    const told = await ledger.submit(encodeFact("JOIN", this.join));
    if (told.ok || told.fault.code === "FACT_KNOWN") {
      emit("certificateTaken", { notAfter: read.value.notAfter, rights: read.value.capabilities });
    } else {
      emit("certificateRefused", { code: "reason" in told.fault ? told.fault.reason : told.fault.code });
    }
  }

  /**
   * A certificate that came by the ledger is shown as the file's would be: it is there again after each start. One for
   * a time to come waits for that, since the present one is good until then.
   */
  #takeRenewal(): void {
    const { ledger, did, emit } = this.#parts;
    const { chain } = ledger;
    const held = chain.pending.members.get(toHex(did))?.certificates ?? [];
    const newest = held.findLast(({ notBefore }) => notBefore <= ledger.nowSeconds);
    if (newest === undefined || newest.notAfter <= (this.#held?.certificate.notAfter ?? -1)) return;
    const join = factAt(chain, toHex(newest.id));
    const envelope = join?.kind === "JOIN" ? join.body.certificate : undefined;
    if (envelope === undefined) return;
    this.#held = { envelope, certificate: newest };
    emit("certificateTaken", { notAfter: newest.notAfter, rights: newest.capabilities });
  }

  /** The key file has rotated further than the ledger knows: it is told so, by the key before and the new one. */
  async #takeRotation(): Promise<void> {
    const { files, ledger, ring, did, emit } = this.#parts;
    const rotated = await files.rotated();
    if (rotated === undefined) return;
    const { number, before, current } = rotated;
    ring.replace([before, current]);
    const isMember = ledger.chain.pending.members.get(toHex(did)) !== undefined;
    if (!isMember || this.region.newestKeyOf(did) !== number - 1) return;
    const recovery = await files.recovery();
    const submitted = await ledger.submit(recovery ?? this.#rotation(rotated));
    if (submitted.ok) emit("keyRotated", { number });
    else emit("refused", { what: "rotation", code: submitted.fault.code, count: 1 });
  }

  #rotation({ number, before, current, nextKeyDigest }: RotatedSigners): Uint8Array {
    const { did, ledger } = this.#parts;
    const { network } = ledger.chain.genesis;
    const { publicKey } = current;
    const payload = encodeShape(rotateBody, { network, device: did, number, publicKey, nextKeyDigest, by: "owner" });
    const message = toBeSigned(network, PURPOSE.ROTATE, payload);
    return encodeFact("ROTATE", encodeSigned(payload, [before.sign(message), current.sign(message)]));
  }

  #warn(): void {
    const { ledger, emit } = this.#parts;
    const { membership } = ledger.chain.genesis.body;
    if (membership === undefined) return;
    const now = ledger.nowSeconds;
    const certificate = this.#held?.certificate;
    if (certificate !== undefined && isGoodAt(certificate, now) && certificate.notAfter - now > WARN_SECONDS) return;
    if (certificate === undefined && membership.admitsUncertified) return;
    if (now - this.#warnedAt < DAY_SECONDS) return;
    this.#warnedAt = now;
    const secondsLeft = certificate === undefined ? 0 : Math.max(0, certificate.notAfter - now);
    emit("certificateEnding", { daysLeft: Math.floor(secondsLeft / DAY_SECONDS), isThere: certificate !== undefined });
  }
}
