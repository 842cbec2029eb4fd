/**
 * A member of the mesh without firmware: it has keys, a line to the broker and the parts of the protocol, and uses them
 * as it likes. What an attacker at the neighbouring outlet is.
 */
import { toHex } from "#base/bytes.ts";
import { agreeTerms } from "#core/contract/agree-terms.ts";
import { defaultLoss } from "#core/contract/default-loss.ts";
import type { Want } from "#core/contract/want.ts";
import type { HandshakeContext } from "#core/handshake/handshake-context.ts";
import { encodeJoin, openRegion } from "#core/identity/join.ts";
import type { Fact } from "#core/ledger/fact.ts";
import { meshRoot, type MeshTopic } from "#core/mesh/topics.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import { MeshService } from "#services/mesh-service.ts";
import { CLASS_OF } from "#services/publication-service.ts";
import { VehicleHandshakeService } from "#services/vehicle-handshake-service.ts";
import {
  crypto,
  Forge,
  ledgerBench,
  makeIdentity,
  MemoryRegister,
  type Identity,
} from "#test/builders/hostile-ledger.ts";
import type { ChargeSimulation } from "./charge-world.ts";

export interface Stranger {
  readonly identity: Identity;
  readonly forge: Forge;
  readonly heard: { readonly topic: MeshTopic["kind"]; readonly object: Uint8Array }[];
  publish(topic: MeshTopic, object: Uint8Array): void;
  tell(fact: Fact): void;
  /** Answers the only offer; `lies` replace what its own context would say. Undefined while there is no offer. */
  agree(lies: Partial<HandshakeContext>): Promise<void> | undefined;
  readonly contracts: string[];
}

const WANT: Want = {
  energyMaxMilliWh: 100_000_000,
  durationMaxSeconds: 86_400,
  vehicleMpePpm: 30_000,
  vehicleMeasuringPoint: "battery",
  vehicleResolutionMilliWh: 1000,
  lossPpm: defaultLoss(["mains", "battery"], 11_000),
  lossModel: null,
};

export async function joinStranger({ bus, clock, genesis }: ChargeSimulation, name: string): Promise<Stranger> {
  const identity = makeIdentity(name, "vehicle");
  const forge = new Forge(genesis);
  const token = toHex(crypto.sha256(new TextEncoder().encode(name)).slice(0, 16));
  const heard: Stranger["heard"] = [];
  const contracts: string[] = [];
  const { ledger } = await ledgerBench(genesis, identity);
  const emit = (event: string, content: object): void => {
    if (event === "contractSigned" && "address" in content) contracts.push(String(content.address));
  };
  const root = meshRoot(genesis.network, "sim");
  const mesh = new MeshService({ connect: bus.connect, root, did: toHex(identity.did), token, clock, crypto, emit });
  const { inception, signer, did } = identity;
  const join = encodeJoin({ version: 1, network: genesis.network, inception, organisation: name }, signer);
  const context: HandshakeContext = {
    ...{ crypto, network: genesis.network, signer, deviceId: did, join, agree: agreeTerms },
    ...{ tip: [0, genesis.id], genesis: [0, genesis.id], holds: () => true, objectionTo: () => undefined },
    region: openRegion(genesis.network),
  };
  const lying = { ...context };
  const randomness = new SeededRandomness(name);
  const parts = { ledger, mesh, clock, randomness, promise: new MemoryRegister(), emit };
  const handshakes = new VehicleHandshakeService({ ...parts, context: lying });
  mesh.handle("reply", (object) => {
    heard.push({ topic: "reply", object });
    return handshakes.takeMessage(object);
  });
  for (const topic of ["query", "tip"] as const) {
    mesh.handle(topic, (object) => {
      heard.push({ topic, object });
      return Promise.resolve(undefined);
    });
  }
  await mesh.start();
  return {
    ...{ identity, forge, heard, contracts },
    publish: (topic, object) => {
      mesh.publish(topic, object);
    },
    tell: (fact) => {
      mesh.publish({ kind: "fact", class: CLASS_OF[fact.kind] }, fact.bytes);
    },
    agree: (lies) => {
      const [offer] = handshakes.offers;
      Object.assign(lying, lies);
      return offer === undefined ? undefined : handshakes.start(offer, WANT, 0);
    },
  };
}
