/** A piece of evidence as a member signs it. */
import { compareBytes } from "#base/bytes.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeCbor } from "#core/wire/cbor.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { evidenceBody, type EvidenceBody, type EvidenceKind } from "./evidence-body.ts";
import { decodeShown, type Network } from "./shown-object.ts";

/** Who shows it. */
export interface Submitter {
  readonly member: Uint8Array;
  readonly signer: Signer;
}

/**
 * The fact as it travels, of two objects as `encodeShown` makes them. In a charge `first` is the word that the
 * submitter holds by; of other kinds they are put in their order.
 */
export function makePiece(
  context: Network,
  kind: EvidenceKind,
  [one, other]: readonly [Uint8Array, Uint8Array],
  { member, signer }: Submitter,
): Uint8Array {
  const isOrdered =
    kind === "reports" || kind === "endings" || compareBytes(idOf(context, one), idOf(context, other)) < 0;
  const [first, second] = isOrdered ? [one, other] : [other, one];
  const { network } = context;
  const body: EvidenceBody = { network, kind, member, first, second };
  const payload = encodeShape(evidenceBody, body);
  const envelope = encodeSigned(payload, [signer.sign(toBeSigned(network, PURPOSE.EVIDENCE, payload))]);
  return encodeCbor([PURPOSE.EVIDENCE, envelope]);
}

function idOf(context: Network, encoded: Uint8Array): Uint8Array {
  const shown = decodeShown(context, encoded);
  return shown.ok ? shown.value.id : new Uint8Array();
}
