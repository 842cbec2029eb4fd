/** An enrolment office and what it and the devices sign about memberships. Nothing is random. */
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { encodeCertificate, type CertificateBody } from "#core/identity/certificate.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { encodeJoin, encodeRenewal, joinWith } from "#core/identity/join.ts";
import { revokeBody, rotateBody, type RevokeBody, type RotateBody } from "#core/identity/membership-facts.ts";
import { decodeFact, encodeFact, type Fact, type RevokeFact, type RotateFact } from "#core/ledger/fact.ts";
import type { Membership } from "#core/ledger/genesis.ts";
import { crypto, named, signFact, type Actor } from "./ledger-actors.ts";
import { STARTED_AT } from "./ledger-builder.ts";

export const OFFICE = new NobleSigner(named("enrolment office"));
export const OTHER_OFFICE = new NobleSigner(named("another office"));

export const CERTIFIED: Membership = {
  enrolmentKeys: [OFFICE.publicKey],
  admitsUncertified: false,
  countsUncertified: false,
};

const DAY = 86_400;

/** The key of an actor after so many rotations; 0 is the one of its inception, 1 the one that it has promised. */
export function keyOf({ name }: Pick<Actor, "name">, number: number): NobleSigner {
  return new NobleSigner(named(`${name} key ${number}`));
}

/** The envelope of a certificate for ten days around the start of the test regions. */
export function certificateOf(
  network: Uint8Array,
  { inception, role, organisation }: Actor,
  changes: Partial<CertificateBody> = {},
  office: Signer = OFFICE,
): Uint8Array {
  const body: CertificateBody = {
    ...{ version: 1, network, inception, role, organisation },
    ...{ notBefore: STARTED_AT - DAY, notAfter: STARTED_AT + 9 * DAY },
    capabilities: role === "arbiter" ? ["arbiter"] : ["charge", "seal"],
    ...changes,
  };
  return encodeCertificate(body, office);
}

export function certifiedJoin(
  network: Uint8Array,
  actor: Actor,
  certificate: Uint8Array = certificateOf(network, actor),
  keyNumber = 0,
): Extract<Fact, { kind: "JOIN" }> {
  const join = { ...joinWith(certificate, network), ...(keyNumber === 0 ? {} : { keyNumber }) };
  const fact = decodeFact({ crypto, network }, encodeFact("JOIN", encodeJoin(join, keyOf(actor, keyNumber))));
  if (!fact.ok || fact.value.kind !== "JOIN") throw new Error("bug of the test: no JOIN");
  return fact.value;
}

/** To its key of that number, from the one before it; `first` is who signs in the first place. */
export function rotation(
  network: Uint8Array,
  actor: Actor,
  number = 1,
  { first, ...changes }: Partial<RotateBody> & { readonly first?: Signer } = {},
): RotateFact {
  const permitting = first ?? (changes.by === "authority" ? OFFICE : keyOf(actor, number - 1));
  const body: RotateBody = {
    ...{ network, device: actor.did, number, publicKey: keyOf(actor, number).publicKey, by: "owner" },
    nextKeyDigest: crypto.sha256(keyOf(actor, number + 1).publicKey),
    ...changes,
  };
  return signFact(network, { kind: "ROTATE", shape: rotateBody, body }, [permitting, keyOf(actor, number)]);
}

export function revocation(
  network: Uint8Array,
  { did }: Pick<Actor, "did">,
  from: number,
  { office = OFFICE, ...changes }: Partial<RevokeBody> & { readonly office?: Signer } = {},
): RevokeFact {
  const body: RevokeBody = { network, device: did, reason: "stolen", from, ...changes };
  return signFact(network, { kind: "REVOKE", shape: revokeBody, body }, [office]);
}

/** An office's word for a member that it certifies again. */
export function renewal(
  network: Uint8Array,
  actor: Actor,
  changes: Partial<CertificateBody> = {},
  office: Signer = OFFICE,
): Extract<Fact, { kind: "JOIN" }> {
  const certificate = certificateOf(network, actor, changes, office);
  const fact = decodeFact({ crypto, network }, encodeFact("JOIN", encodeRenewal(certificate, network, office)));
  if (!fact.ok || fact.value.kind !== "JOIN") throw new Error("bug of the test: no JOIN");
  return fact.value;
}
