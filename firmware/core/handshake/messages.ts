/**
 * The messages of the handshake as they travel: CBOR maps with the message's purpose at key 0 and the handshake's id at
 * key 1. Only M1 and RETRY are in clear; what M2, M3 and M4 seal is in `sealed-contents.ts`.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { HASH_BYTES, PUBLIC_KEY_BYTES, type Cryptography } from "#core/identity/cryptography.ts";
import { blockReference } from "#core/session/facts.ts";
import { decodeCbor, encodeCbor, isMap } from "#core/wire/cbor.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import {
  bytes,
  decodeShape,
  encodeShape,
  field,
  integer,
  optional,
  readShape,
  record,
  type ValueOf,
  type WireFault,
} from "#core/wire/schema.ts";
import { NETWORK_BYTES } from "#core/wire/signed.ts";
import {
  COOKIE_BYTES,
  HANDSHAKE_ID_BYTES,
  HANDSHAKE_MESSAGE_BYTES_MAX,
  NONCE_BYTES,
  SEALED_BYTES_MAX,
  TOKEN_BYTES,
} from "./handshake-limits.ts";
import { want } from "#core/contract/want.ts";

/** What M1 says. Its bytes are the same in every repetition; the cookie stands outside. */
export const hello = record({
  version: field(1, integer(1, 1)),
  network: field(2, bytes(NETWORK_BYTES)),
  ephemeral: field(3, bytes(PUBLIC_KEY_BYTES)),
  nonce: field(4, bytes(NONCE_BYTES)),
  offer: field(5, bytes(HASH_BYTES)),
  evse: field(6, integer(1, 255)),
  want: field(7, want),
  token: field(8, bytes(TOKEN_BYTES)),
  reference: field(9, blockReference),
});
export type Hello = ValueOf<typeof hello>;

const handshake = field(1, bytes(HANDSHAKE_ID_BYTES));
const sealed = bytes(17, SEALED_BYTES_MAX);

const FRAMES = {
  M1: record({
    purpose: field(0, integer(PURPOSE.M1, PURPOSE.M1)),
    handshake,
    hello: field(2, bytes(1, 512)),
    cookie: optional(3, bytes(COOKIE_BYTES)),
  }),
  M2: record({
    purpose: field(0, integer(PURPOSE.M2, PURPOSE.M2)),
    handshake,
    ephemeral: field(2, bytes(PUBLIC_KEY_BYTES)),
    nonce: field(3, bytes(NONCE_BYTES)),
    sealed: field(4, sealed),
  }),
  M3: record({ purpose: field(0, integer(PURPOSE.M3, PURPOSE.M3)), handshake, sealed: field(2, sealed) }),
  M4: record({ purpose: field(0, integer(PURPOSE.M4, PURPOSE.M4)), handshake, sealed: field(2, sealed) }),
  RETRY: record({
    purpose: field(0, integer(PURPOSE.RETRY, PURPOSE.RETRY)),
    handshake,
    cookie: field(2, bytes(COOKIE_BYTES)),
  }),
} as const;

type Kind = keyof typeof FRAMES;
type MessageOf<K extends Kind> = { readonly kind: K } & Omit<ValueOf<(typeof FRAMES)[K]>, "purpose">;

export type M1 = MessageOf<"M1">;
export type M2 = MessageOf<"M2">;
export type M3 = MessageOf<"M3">;
export type M4 = MessageOf<"M4">;
export type Retry = MessageOf<"RETRY">;
export type HandshakeMessage = M1 | M2 | M3 | M4 | Retry;

export type MessageFault =
  | WireFault
  | { readonly code: "MESSAGE_TOO_LARGE"; readonly bytes: number }
  | { readonly code: "MESSAGE_UNKNOWN_PURPOSE" };

export function encodeMessage(message: HandshakeMessage): Uint8Array {
  const { kind, ...content } = message;
  switch (kind) {
    case "M1":
      return encodeShape(FRAMES.M1, { purpose: PURPOSE.M1, ...(content as Omit<M1, "kind">) });
    case "M2":
      return encodeShape(FRAMES.M2, { purpose: PURPOSE.M2, ...(content as Omit<M2, "kind">) });
    case "M3":
      return encodeShape(FRAMES.M3, { purpose: PURPOSE.M3, ...(content as Omit<M3, "kind">) });
    case "M4":
      return encodeShape(FRAMES.M4, { purpose: PURPOSE.M4, ...(content as Omit<M4, "kind">) });
    case "RETRY":
      return encodeShape(FRAMES.RETRY, { purpose: PURPOSE.RETRY, ...(content as Omit<Retry, "kind">) });
  }
}

export function decodeMessage(frame: Uint8Array): Result<HandshakeMessage, MessageFault> {
  if (frame.length > HANDSHAKE_MESSAGE_BYTES_MAX) return fail({ code: "MESSAGE_TOO_LARGE", bytes: frame.length });
  const item = decodeCbor(frame);
  if (!item.ok) return item;
  const purpose = isMap(item.value) ? item.value.get(0) : undefined;
  const kind = KINDS.find((name) => PURPOSE[name] === purpose);
  if (kind === undefined) return fail({ code: "MESSAGE_UNKNOWN_PURPOSE" });
  const read = readShape<object>(FRAMES[kind], item.value);
  if (!read.ok) return read;
  const content = Object.fromEntries(Object.entries(read.value).filter(([name]) => name !== "purpose"));
  return ok({ kind, ...content } as HandshakeMessage);
}

export function encodeHello(content: Hello): Uint8Array {
  return encodeShape(hello, content);
}

export function decodeHello(encoded: Uint8Array): Result<Hello, WireFault> {
  return decodeShape(hello, encoded);
}

/**
 * The id of the handshake that this hello begins. It is a hash, so a bystander who has seen an M1 cannot take its id
 * for another first message and make the station deaf to the first.
 */
export function handshakeIdOf(crypto: Cryptography, network: Uint8Array, encodedHello: Uint8Array): Uint8Array {
  return crypto.sha256(encodeCbor(["TALLY1/hsId", network, encodedHello])).slice(0, HANDSHAKE_ID_BYTES);
}

const KINDS = Object.keys(FRAMES) as readonly Kind[];
