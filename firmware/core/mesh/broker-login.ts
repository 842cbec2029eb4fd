/**
 * How a gateway shows a broker that the client id is its own: MQTT 3.1.1 has no challenge, so the password is a
 * signature over who logs in where and when.
 *
 *     client id = device id, 64 hex digits
 *     username  = the device's inception, hex
 *     password  = CBOR [atMs, signature], hex; signed for the purpose LOGIN: CBOR [device id, broker id, atMs]
 *
 * The broker id keeps a broker from showing the login to another. A login counts once: each must be later than the
 * device's last one, and within a window of the broker's clock, so the broker has to remember the window only. Without
 * TLS the connection itself stays open to who sits on the line; every object on the mesh is signed for that reason.
 */
import { assert } from "#base/assert.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { HASH_BYTES, SIGNATURE_BYTES, type Cryptography, type Signer } from "#core/identity/cryptography.ts";
import { decodeInception, deviceIdOf } from "#core/identity/device-id.ts";
import { decodeShape, encodeShape, bytes, integer, tuple } from "#core/wire/schema.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";

/** What a client puts into CONNECT. */
export interface Login {
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
}

/** Where a login is good for. */
export interface LoginScope {
  /** The network id, 8 bytes. */
  readonly network: Uint8Array;
  /** The name that broker and clients have been configured with, at most 64 characters. */
  readonly brokerId: string;
}

export interface LoginDevice {
  readonly deviceId: Uint8Array;
  readonly inception: Uint8Array;
  readonly signer: Signer;
}

/** The key a known member signs with now, which differs from its first one after a rotation. */
export type CurrentKey = (deviceId: Uint8Array) => Uint8Array | "unknown" | "revoked";

export interface LoginFault {
  readonly code:
    | "LOGIN_MALFORMED"
    | "LOGIN_NOT_ITS_ID"
    | "LOGIN_REVOKED"
    | "LOGIN_OUTSIDE_WINDOW"
    | "LOGIN_REPEATED"
    | "LOGIN_WRONG_SIGNATURE"
    | "LOGIN_DESK_FULL";
}

/** Clocks at a site without time from outside may differ by minutes. */
export const LOGIN_WINDOW_MS = 10 * 60_000;
/** Devices whose last login lies within the window; more are refused until one has left it. */
export const LOGINS_REMEMBERED_MAX = 4096;
export const USERNAME_LENGTH_MAX = 256;
export const PASSWORD_LENGTH_MAX = 256;

/**
 * The login of this device at this wall time in milliseconds. Each login of a device needs a later time than its last.
 */
export function signLogin(scope: LoginScope, device: LoginDevice, atMs: number): Login {
  const signature = device.signer.sign(statement(scope, device.deviceId, atMs));
  return {
    clientId: toHex(device.deviceId),
    username: toHex(device.inception),
    password: toHex(encodeShape(PASSWORD, [atMs, signature])),
  };
}

/** What a broker asks of each login, and the memory it needs for that. */
export class LoginDesk {
  readonly #scope: LoginScope;
  readonly #crypto: Cryptography;
  readonly #currentKey: CurrentKey;
  /** The time of each device's last login, oldest login first. */
  readonly #lastLogins = new Map<string, { readonly atMs: number; readonly seenMs: number }>();

  /** Without `currentKey` every device signs with its first key and anybody may join. */
  constructor(dependencies: { readonly crypto: Cryptography; readonly currentKey?: CurrentKey }, scope: LoginScope) {
    this.#scope = scope;
    this.#crypto = dependencies.crypto;
    this.#currentKey = dependencies.currentKey ?? (() => "unknown");
  }

  get remembered(): number {
    return this.#lastLogins.size;
  }

  /** Judges a login at the broker's wall time; an accepted one is used up. The signature is verified last. */
  admit(login: Login, wallMs: number): Result<void, LoginFault> {
    const read = this.#read(login);
    if (!read.ok) return read;
    const { publicKey, deviceId, atMs, signature } = read.value;
    if (Math.abs(atMs - wallMs) > LOGIN_WINDOW_MS) return fail({ code: "LOGIN_OUTSIDE_WINDOW" });
    this.#forget(wallMs);
    const last = this.#lastLogins.get(login.clientId);
    if (last !== undefined && atMs <= last.atMs) return fail({ code: "LOGIN_REPEATED" });
    if (last === undefined && this.#lastLogins.size >= LOGINS_REMEMBERED_MAX) return fail({ code: "LOGIN_DESK_FULL" });
    if (!this.#crypto.verify(publicKey, statement(this.#scope, deviceId, atMs), signature)) {
      return fail({ code: "LOGIN_WRONG_SIGNATURE" });
    }
    this.#lastLogins.delete(login.clientId);
    this.#lastLogins.set(login.clientId, { atMs, seenMs: wallMs });
    return ok(undefined);
  }

  #read({ clientId, username, password }: Login): Result<Claim, LoginFault> {
    if (!/^[0-9a-f]{64}$/.test(clientId) || username.length > USERNAME_LENGTH_MAX) return malformed();
    const inception = fromHex(username);
    const proof = password.length > PASSWORD_LENGTH_MAX ? undefined : fromHex(password);
    if (inception === undefined || proof === undefined) return malformed();
    const parts = decodeShape(PASSWORD, proof);
    const identity = decodeInception(inception);
    if (!parts.ok || !identity.ok) return malformed();
    const deviceId = deviceIdOf(this.#crypto, inception);
    if (toHex(deviceId) !== clientId) return fail({ code: "LOGIN_NOT_ITS_ID" });
    const current = this.#currentKey(deviceId);
    if (current === "revoked") return fail({ code: "LOGIN_REVOKED" });
    const [atMs, signature] = parts.value;
    return ok({ deviceId, publicKey: current === "unknown" ? identity.value.publicKey : current, atMs, signature });
  }

  /**
   * A login may carry a time up to one window ahead of our clock, and is refused as too old one window behind it: after
   * two windows it cannot come again. Forgets also when our clock has been set back, by the same distance.
   */
  #forget(wallMs: number): void {
    for (const [clientId, { seenMs }] of this.#lastLogins) {
      if (Math.abs(wallMs - seenMs) <= 2 * LOGIN_WINDOW_MS) return;
      this.#lastLogins.delete(clientId);
    }
  }
}

interface Claim {
  readonly deviceId: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly atMs: number;
  readonly signature: Uint8Array;
}

const PASSWORD = tuple(integer(0, Number.MAX_SAFE_INTEGER), bytes(SIGNATURE_BYTES));
const BROKER_ID_LENGTH_MAX = 64;

function statement({ network, brokerId }: LoginScope, deviceId: Uint8Array, atMs: number): Uint8Array {
  assert(deviceId.length === HASH_BYTES, "a device id is a hash");
  assert(brokerId.length > 0 && brokerId.length <= BROKER_ID_LENGTH_MAX, "a broker has a short name");
  return toBeSigned(network, PURPOSE.LOGIN, encodeCbor([deviceId, brokerId, atMs]));
}

function malformed(): { readonly ok: false; readonly fault: LoginFault } {
  return fail({ code: "LOGIN_MALFORMED" });
}
