/** Whom a piece of evidence is about. */
import { deviceIdOf } from "#core/identity/device-id.ts";
import type { Cryptography } from "#core/identity/cryptography.ts";
import type { OpenBody } from "#core/session/facts.ts";
import type { Piece } from "./read-piece.ts";

/** Its device id; undefined when the contract at the address is not known. */
export function offenderOf(
  crypto: Cryptography,
  piece: Piece,
  openAt: (address: Uint8Array) => OpenBody | undefined,
): Uint8Array | undefined {
  switch (piece.kind) {
    case "headers":
      return piece.first.body.miner;
    case "votes":
      return piece.first.body.member;
    case "reports":
    case "endings":
    case "places":
      return openAt(piece.first.body.address)?.[piece.first.body.role];
    case "certificates":
      return deviceIdOf(crypto, piece.first.body.inception);
    case "rotations":
      return piece.first.body.device;
  }
}
