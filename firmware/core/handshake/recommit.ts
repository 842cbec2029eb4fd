/** After a restart: an OPEN in the own store, both signatures under it, is told again as committed. */
import { equalBytes } from "#base/bytes.ts";
import { ok, type Result } from "#base/result.ts";
import { openBody } from "#core/session/facts.ts";
import { decodeShape } from "#core/wire/schema.ts";
import { decodeSigned } from "#core/wire/signed.ts";
import type { Committed } from "./effects.ts";
import type { CodedFault, HandshakeContext } from "./handshake-context.ts";
import { addressOfOpen } from "./open-contract.ts";

/** The signatures were verified before the OPEN was stored. */
export function recommit(storedOpen: Uint8Array, context: HandshakeContext): Result<Committed, CodedFault> {
  const signed = decodeSigned(storedOpen, 2);
  if (!signed.ok) return signed;
  const { payload } = signed.value;
  const read = decodeShape(openBody, payload);
  if (!read.ok) return read;
  const body = read.value;
  return ok({
    kind: "committed",
    open: storedOpen,
    body,
    address: addressOfOpen(context, body, payload),
    peer: equalBytes(body.station, context.deviceId) ? body.vehicle : body.station,
    channel: undefined,
    peerTip: undefined,
  });
}
