/** Gateways with keys drawn from their names, and facts that they sign. Nothing is random. */
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { codeBody } from "#core/contract/code-fact.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { deviceIdOf, encodeInception, inceptionOf, type DeviceRole } from "#core/identity/device-id.ts";
import { encodeJoin } from "#core/identity/join.ts";
import { decodeFact, encodeFact, type Fact, type FactKind } from "#core/ledger/fact.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape, type Shape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";

export const crypto = new NodeCryptography();

export const sha256 = (message: Uint8Array): Uint8Array => crypto.sha256(message);

/** 32 bytes that belong to a name. */
export function named(name: string): Uint8Array {
  return crypto.sha256(new TextEncoder().encode(name));
}

export interface Actor {
  readonly name: string;
  readonly role: DeviceRole;
  readonly signer: Signer;
  readonly inception: Uint8Array;
  readonly did: Uint8Array;
  readonly organisation: string;
}

export function makeActor(name: string, role: DeviceRole, organisation = name): Actor {
  const signer = new NobleSigner(named(`${name} key 0`));
  const next = new NobleSigner(named(`${name} key 1`));
  const inception = encodeInception(inceptionOf(crypto, role, signer.publicKey, next.publicKey));
  return { name, role, signer, inception, did: deviceIdOf(crypto, inception), organisation };
}

/** What is said: a kind of fact, its shape and its body. */
export interface Statement<Kind extends FactKind, Body> {
  readonly kind: Kind;
  readonly shape: Shape<Body>;
  readonly body: Body;
}

/** The fact of a statement, signed by each in turn. */
export function signFact<Kind extends FactKind, Body>(
  network: Uint8Array,
  { kind, shape, body }: Statement<Kind, Body>,
  signers: readonly Signer[],
): Extract<Fact, { kind: Kind }> {
  const payload = encodeShape(shape, body);
  const message = toBeSigned(network, PURPOSE[kind], payload);
  const signatures = signers.map((signer) => signer.sign(message));
  return factOf(network, kind, encodeSigned(payload, signatures));
}

export function joinFact(network: Uint8Array, actor: Actor): Extract<Fact, { kind: "JOIN" }> {
  const { inception, organisation, signer } = actor;
  return factOf(network, "JOIN", encodeJoin({ version: 1, network, inception, organisation }, signer));
}

/** A program that a member puts up in one of its slots. */
export function codeFact(
  network: Uint8Array,
  { did: member, signer }: Actor,
  program: Uint8Array,
  number = 0,
): Extract<Fact, { kind: "CODE" }> {
  return signFact(network, { kind: "CODE", shape: codeBody, body: { network, member, number, program } }, [signer]);
}

/** The same fact as another node would decode it: nothing is known of its signatures. */
export function fresh<F extends Fact>(network: Uint8Array, fact: F): F {
  const decoded = decodeFact({ crypto, network }, fact.bytes);
  if (!decoded.ok) throw new Error(`bug of the test: ${decoded.fault.code}`);
  return decoded.value as F;
}

/** The fact with a signature of somebody else. */
export function withSignatures<F extends Fact>(network: Uint8Array, fact: F, signers: readonly Signer[]): F {
  const message = toBeSigned(network, PURPOSE[fact.kind], fact.payload);
  const signatures = signers.map((signer) => signer.sign(message));
  return factOf(network, fact.kind, encodeSigned(fact.payload, signatures)) as F;
}

function factOf<Kind extends FactKind>(
  network: Uint8Array,
  kind: Kind,
  envelope: Uint8Array,
): Extract<Fact, { kind: Kind }> {
  const fact = decodeFact({ crypto, network }, encodeFact(kind, envelope));
  if (!fact.ok) throw new Error(`bug of the test: ${kind}: ${JSON.stringify(fact.fault)}`);
  return fact.value as Extract<Fact, { kind: Kind }>;
}
