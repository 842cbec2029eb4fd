/** The votes of which a certificate is made, each as its member has signed it. */
import { assert } from "#base/assert.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, idOf } from "#core/wire/signed.ts";
import { seatsOf, type Committees } from "./finality-state.ts";
import type { QuorumCertificate } from "./quorum-certificate.ts";
import { voteBody, type Vote, type VoteContext } from "./vote.ts";

/** In the order of the seats. Verifies nothing; seats without a signature are left out. */
export function certifiedVotes(
  { crypto, network }: VoteContext,
  committees: Committees,
  { body: { epoch, source, target, seats, signatures } }: QuorumCertificate,
): readonly Vote[] {
  const members = seatsOf(committees).filter((_, seat) => (((seats[seat >> 3] ?? 0) >> (seat & 7)) & 1) === 1);
  return members.flatMap((did, place) => {
    const [member, signature] = [fromHex(did), signatures[place]];
    assert(member !== undefined, "a did in hex");
    if (signature === undefined) return [];
    const body = { network, epoch, source, target, member };
    const payload = encodeShape(voteBody, body);
    const key = toHex(idOf(crypto, network, PURPOSE.VOTE, payload));
    return [{ body, bytes: encodeSigned(payload, [signature]), payload, signature, key }];
  });
}
