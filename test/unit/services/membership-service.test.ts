/** A gateway's own membership while it runs: its certificate, its keys, and with whom it begins a charge. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import { decodeJoin } from "#core/identity/join.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { Member } from "#core/handshake/member.ts";
import { joinRegionOf } from "#core/ledger/membership.ts";
import { makeGenesis, type Genesis } from "#core/ledger/genesis.ts";
import { HARDENED_RULES } from "#core/ledger/rules.ts";
import { encodeSigned } from "#core/wire/signed.ts";
import { KeyRing } from "#services/key-ring.ts";
import { MembershipService, type RotatedSigners } from "#services/membership-service.ts";
import { crypto, type Actor } from "#test/builders/ledger-actors.ts";
import { OPERATOR, STARTED_AT, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";
import { ledgerBench, type LedgerBench } from "#test/builders/hostile-ledger.ts";
import { inletTerms } from "#test/builders/charge-facts.ts";
import {
  CERTIFIED,
  certificateOf,
  certifiedJoin,
  keyOf,
  OTHER_OFFICE,
  renewal,
  revocation,
} from "#test/builders/membership-facts.ts";

const DAY = 86_400;
const TERMS: Terms = inletTerms();
const test = suite("membership service");

test("a certificate that is laid beside the key is published while the gateway runs, and a newer one after it", async () => {
  const gateway = await gatewayOf(STATION);
  await gateway.membership.start();
  assert.is(gateway.bench.chain.pending.members.get(toHex(STATION.did)), undefined);
  assert.ok(gateway.told.some((line) => line.startsWith('certificateEnding {"daysLeft":0,"isThere":false}')));
  gateway.files.certificate = certificateOf(gateway.network, STATION);
  await gateway.bench.clock.runFor(61_000);
  assert.is(gateway.certificates, 1);
  gateway.files.certificate = certificateOf(gateway.network, STATION, { notAfter: STARTED_AT + 20 * DAY });
  await gateway.bench.clock.runFor(61_000);
  assert.is(gateway.certificates, 2);
  gateway.files.certificate = certificateOf(gateway.network, STATION);
  await gateway.bench.clock.runFor(61_000);
  assert.is(gateway.membership.state.notAfter, STARTED_AT + 20 * DAY, "an older copy takes nothing back");
  gateway.membership.stop();
});

test("a certificate that an office has put into the ledger is shown from then on, as one beside the key would be", async () => {
  const gateway = await gatewayOf(STATION);
  gateway.files.certificate = certificateOf(gateway.network, STATION);
  await gateway.membership.start();
  const notAfter = STARTED_AT + 25 * DAY;
  const renewed = await gateway.bench.ledger.submit(renewal(gateway.network, STATION, { notAfter }).bytes);
  assert.ok(renewed.ok);
  await gateway.bench.clock.runFor(120_000);
  assert.is(gateway.membership.state.notAfter, notAfter);
  assert.is(gateway.told.filter((line) => line.startsWith("certificateTaken")).length, 2);
  const shown = decodeJoin(gateway.membership.join, crypto, gateway.membership.region);
  assert.is(shown.ok && shown.value.by, "owner", "it is shown with a word of the gateway's own");
  assert.is(shown.ok && shown.value.certificate?.notAfter, notAfter);
  gateway.membership.stop();
});

test("one that an office has put there for a time to come is shown from that time on", async () => {
  const gateway = await gatewayOf(STATION);
  gateway.files.certificate = certificateOf(gateway.network, STATION);
  await gateway.membership.start();
  const { notAfter } = gateway.membership.state;
  const next = { notBefore: STARTED_AT + 1_200, notAfter: STARTED_AT + 25 * DAY };
  assert.ok((await gateway.bench.ledger.submit(renewal(gateway.network, STATION, next).bytes)).ok);
  await gateway.bench.clock.runFor(120_000);
  assert.is(gateway.membership.state.notAfter, notAfter, "the present one is good");
  await gateway.bench.clock.runFor(600_000);
  assert.is(gateway.membership.state.notAfter, next.notAfter);
  gateway.membership.stop();
});

test("what does not hold is told once and not published", async () => {
  const gateway = await gatewayOf(STATION);
  gateway.files.certificate = certificateOf(gateway.network, STATION, {}, OTHER_OFFICE);
  await gateway.membership.look();
  await gateway.membership.look();
  gateway.files.certificate = certificateOf(gateway.network, VEHICLE);
  await gateway.membership.look();
  const refused = gateway.told.filter((line) => line.startsWith("certificateRefused"));
  assert.equal(refused, [
    'certificateRefused {"code":"CERT_BAD_SIGNATURE"}',
    'certificateRefused {"code":"CERT_OF_ANOTHER"}',
  ]);
  assert.is(gateway.certificates, 0);
});

test("a week before the end it is told, once a day", async () => {
  const gateway = await gatewayOf(STATION);
  gateway.files.certificate = certificateOf(gateway.network, STATION, { notAfter: STARTED_AT + 6 * DAY });
  await gateway.membership.look();
  await gateway.membership.look();
  const ending = gateway.told.filter((line) => line.startsWith("certificateEnding"));
  assert.equal(ending, ['certificateEnding {"daysLeft":5,"isThere":true}']);
});

test("after a rotation the newest JOIN names the new key and is signed with it", async () => {
  const gateway = await gatewayOf(STATION);
  gateway.files.certificate = certificateOf(gateway.network, STATION);
  await gateway.membership.look();
  gateway.files.rotated = rotatedOf(STATION);
  await gateway.membership.look();
  assert.ok(gateway.told.includes('keyRotated {"number":1}'));
  assert.equal(gateway.ring.publicKey, keyOf(STATION, 1).publicKey);
  assert.equal(gateway.ring.under(keyOf(STATION, 0).publicKey)?.publicKey, keyOf(STATION, 0).publicKey);
  const join = decodeJoin(gateway.membership.join, crypto, joinRegionOf(gateway.bench.chain.pending, gateway.network));
  assert.ok(join.ok && join.value.keyNumber === 1);
  assert.is(gateway.membership.state.sealedKeyNumber, 0, "it stands in no block yet");
});

test("no charge begins with who has no certificate, or an ended one, or is revoked", async () => {
  const { membership, bench, network } = await gatewayOf(STATION);
  const shown = (certificate?: Uint8Array): string => {
    const join = certificate && decodeJoin(certifiedJoinBytes(network, certificate), crypto, membership.region);
    const peer: Member = {
      ...{ deviceId: VEHICLE.did, publicKey: VEHICLE.signer.publicKey, keyNumber: 0, join: new Uint8Array() },
      certificate: join?.ok === true ? join.value.certificate : undefined,
    };
    return membership.objectionTo(peer, TERMS)?.code ?? "admitted";
  };
  assert.is(shown(), "NOT_ADMITTED");
  assert.is(shown(certificateOf(network, VEHICLE, { notAfter: STARTED_AT + 599 })), "NOT_ADMITTED");
  assert.is(shown(certificateOf(network, VEHICLE)), "admitted");
  await bench.ledger.submit(certifiedJoin(network, VEHICLE).bytes);
  assert.is(
    shown(certificateOf(network, VEHICLE, { notAfter: STARTED_AT + 599 })),
    "admitted",
    "the chain knows a newer one",
  );
  await bench.ledger.submit(revocation(network, VEHICLE, STARTED_AT + 601).bytes);
  assert.is(shown(), "admitted", "it is revoked from a later second on");
  await bench.ledger.submit(revocation(network, VEHICLE, STARTED_AT + 600).bytes);
  assert.is(shown(certificateOf(network, VEHICLE)), "NOT_ADMITTED");
});

test.run();

interface Files {
  certificate: Uint8Array | undefined;
  rotated: RotatedSigners | undefined;
}

interface RunningGateway {
  readonly membership: MembershipService;
  readonly ring: KeyRing;
  readonly bench: LedgerBench;
  readonly network: Uint8Array;
  readonly files: Files;
  readonly told: readonly string[];
  readonly certificates: number;
}

async function gatewayOf({ did, inception, organisation, name }: Actor): Promise<RunningGateway> {
  const genesis = certifiedRegion();
  const signer = keyOf({ name }, 0);
  const bench = await ledgerBench(genesis, { name, did, inception, signer });
  const ring = new KeyRing([signer]);
  const files: Files = { certificate: undefined, rotated: undefined };
  const { ledger, clock, told } = bench;
  const membership = new MembershipService({
    ...{ ledger, ring, clock, did, inception, organisation },
    emit: (event, content) => told.push(`${event} ${JSON.stringify(content)}`),
    files: {
      certificate: () => Promise.resolve(files.certificate),
      rotated: () => Promise.resolve(files.rotated),
      recovery: () => Promise.resolve(undefined),
    },
  });
  return {
    ...{ membership, ring, bench, network: genesis.network, files, told },
    get certificates() {
      return bench.chain.pending.members.get(toHex(did))?.certificates.length ?? 0;
    },
  };
}

function certifiedRegion(): Genesis {
  const { inception, organisation } = OPERATOR;
  const rules = HARDENED_RULES;
  const authorities = [[inception, organisation]] as const;
  return makeGenesis(crypto, {
    ...{ version: 2, name: "certified", startedAt: STARTED_AT, rules, authorities, membership: CERTIFIED },
  });
}

function rotatedOf(actor: Actor): RotatedSigners {
  const nextKeyDigest = crypto.sha256(keyOf(actor, 2).publicKey);
  return { number: 1, before: keyOf(actor, 0), current: keyOf(actor, 1), nextKeyDigest };
}

function certifiedJoinBytes(network: Uint8Array, certificate: Uint8Array): Uint8Array {
  const { payload, signatures } = certifiedJoin(network, VEHICLE, certificate);
  return encodeSigned(payload, signatures);
}
