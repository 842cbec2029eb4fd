/**
 * The vehicle's judgment of an M2: is it from the station whose offer it took? Everything that anybody on the mesh
 * could have sent is a fault and changes nothing; only what the station has signed is an answer.
 */
import { equalBytes } from "#base/bytes.ts";
import { fail, ok, type Result } from "#base/result.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { toBeSigned } from "#core/wire/signed.ts";
import type { CodedFault, HandshakeContext } from "./handshake-context.ts";
import { deriveKeys, transcriptOfM2, transcriptOfM3, type HandshakeKeys } from "./key-schedule.ts";
import { readMember } from "./member.ts";
import type { M2 } from "./messages.ts";
import { decodeM2Content, type Answer, type StationAccepts, type StationRefuses } from "./sealed-contents.ts";
import { acceptanceProof, refusalProof } from "./station-proof.ts";
import type { Round } from "./vehicle-state.ts";

export interface AuthenticM2 {
  readonly answer: Answer<StationAccepts, StationRefuses>;
  readonly keys: HandshakeKeys;
  /** th3. */
  readonly transcript: Uint8Array;
}

export function judgeM2(message: M2, round: Round, context: HandshakeContext): Result<AuthenticM2, CodedFault> {
  const { crypto, network } = context;
  const { offer, hello, secrets } = round;
  const th2 = transcriptOfM2(crypto, { network, offer: offer.id, hello, station: message });
  const keys = deriveKeys(crypto, secrets.ephemeral, message.ephemeral, th2);
  if (keys === undefined) return fail({ code: "BAD_POINT" });
  const plain = crypto.open(keys.s1, th2, message.sealed);
  if (plain === undefined) return fail({ code: "BAD_SEAL" });
  const answer = decodeM2Content(plain);
  if (!answer.ok) return answer;
  const { content } = answer.value;
  const station = readMember(content.join, "station", context);
  if (!station.ok) return station;
  if (!equalBytes(station.value.deviceId, offer.body.station)) return fail({ code: "WRONG_STATION" });
  const subject = { transcript: th2, station: offer.body.station, evse: offer.body.evse, offer: offer.id };
  const proof = answer.value.isAccepted
    ? acceptanceProof(crypto, subject, answer.value.content)
    : refusalProof(crypto, subject, answer.value.content);
  const signed = toBeSigned(network, PURPOSE.AUTH, proof);
  if (!crypto.verify(station.value.publicKey, signed, content.signature)) return fail({ code: "BAD_SIGNATURE" });
  return ok({ answer: answer.value, keys, transcript: transcriptOfM3(crypto, th2, message.sealed) });
}
