/**
 * One gateway from its ports: the services and what connects them. The same wiring runs on a board, on the bench and in
 * the simulation; only what is plugged into the ports differs.
 */
import { assert } from "#base/assert.ts";
import { toHex } from "#base/bytes.ts";
import { openSafetyRegister, openSegmentLog, type Finding } from "#adapters/flash-store/index.ts";
import { agreeTerms } from "#core/contract/agree-terms.ts";
import type { HandshakeContext } from "#core/handshake/handshake-context.ts";
import { encodeJoin } from "#core/identity/join.ts";
import type { Cryptography, Signer } from "#core/identity/cryptography.ts";
import { encodeFact } from "#core/ledger/fact.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { genesisRecord, readJournal, type ReadJournal } from "#core/ledger/journal.ts";
import type { RecordLog, SafetyRegister } from "#core/ledger/record-log.ts";
import { slotOf } from "#core/ledger/schedule.ts";
import type { ConnectBus } from "#core/mesh/message-bus.ts";
import type { MeshRoot } from "#core/mesh/topics.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Flash } from "#hal/ports/flash.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import { Boot } from "#services/boot.ts";
import type { EmitEvent } from "#services/events.ts";
import { DisputeDesk } from "#services/dispute-desk.ts";
import { LedgerService } from "#services/ledger-service.ts";
import { MeshService } from "#services/mesh-service.ts";
import { PublicationService } from "#services/publication-service.ts";
import { NOT_A_SYNC_REPLY, SyncService } from "#services/sync-service.ts";
import { GatewayError } from "./gateway-error.ts";

export interface GatewayPorts {
  readonly name: string;
  readonly organisation: string;
  readonly crypto: Cryptography;
  readonly signer: Signer;
  readonly inception: Uint8Array;
  readonly did: Uint8Array;
  readonly genesis: Genesis;
  readonly root: MeshRoot;
  /** The world's time: everything but the devices' own deadlines. */
  readonly clock: Clock;
  /** What a device driver's monotonic stamp is in `clock`'s time. */
  readonly toMonotonicMs: (stampMs: number) => number;
  readonly randomness: Randomness;
  readonly connect: ConnectBus;
  /** A folder on flash by its name; this gateway owns it until `Flash.close`. */
  readonly openFolder: (name: string) => Promise<Flash>;
  /** Of the ledger's files, where it is not the usual one. */
  readonly segmentBytes?: number;
  readonly emit: EmitEvent;
}

/** What the role's own part is made from. */
export interface RoleParts extends GatewayPorts {
  readonly boot: Boot;
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly sync: SyncService;
  readonly handshake: HandshakeContext;
  /** A register of this gateway beside the ledger's own. */
  readonly openRegister: (name: string) => Promise<SafetyRegister>;
}

/** The part that differs between a charger and a vehicle. */
export interface RoleService {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly isCharging: boolean;
  readonly endCharge: () => void;
  /** The driver's choice of an outlet; only a vehicle takes one. */
  readonly chargeAt: (station: Uint8Array, evse: number) => boolean;
  /** A message on the private reply topic that is no answer of the synchronisation. */
  readonly takeReply: (object: Uint8Array) => Promise<string | undefined>;
}

export interface Gateway {
  readonly did: Uint8Array;
  readonly ledger: LedgerService;
  readonly mesh: MeshService;
  readonly sync: SyncService;
  readonly role: RoleService;
  readonly disputes: DisputeDesk;
  stop(): Promise<void>;
}

/** Rejects with a GatewayError when what is on flash does not let it run. */
export async function assembleGateway(
  ports: GatewayPorts,
  makeRole: (parts: RoleParts) => Promise<RoleService>,
): Promise<Gateway> {
  const { crypto, signer, inception, did, genesis, clock, emit, root } = ports;
  const folders: Flash[] = [];
  const openFolder = async (name: string): Promise<Flash> => {
    const folder = await ports.openFolder(name);
    folders.push(folder);
    return folder;
  };
  const store = await openStore(ports, await openFolder("ledger"));
  const { chain, facts } = store.journal;
  const boot = await beginBoot(ports, store);
  const ledger = new LedgerService({ chain, journal: store.log, boot, clock, signer, did, emit }, facts.keys());
  const token = toHex(ports.randomness.bytes(16));
  const mesh = new MeshService({ connect: ports.connect, root, did: toHex(did), token, emit });
  const publication = new PublicationService({ ledger, mesh, clock, did });
  const sync = new SyncService({ ledger, mesh, boot, clock, signer, did, emit });
  const { organisation } = ports;
  const join = encodeJoin({ version: 1, network: genesis.network, inception, organisation }, signer);
  const role = await makeRole({
    ...{ ...ports, openFolder, boot, ledger, mesh, sync },
    handshake: handshakeContext({ crypto, signer, did, genesis, join }),
    openRegister: async (name) => (await openSafetyRegister(await openFolder(name))).register,
  });
  mesh.handle("reply", async (object) => {
    const code = await sync.takeReply(object);
    return code === NOT_A_SYNC_REPLY ? role.takeReply(object) : code;
  });

  await mesh.start();
  publication.start();
  sync.start();
  ledger.start();
  // Device id and public key are made known before anything else (the paper, III.A).
  if (chain.pending.members.get(toHex(did)) === undefined) await ledger.submit(encodeFact("JOIN", join));
  await role.start();
  emit("started", { name: ports.name, did: toHex(did), serial: chain.head.state.serial });
  return {
    ...{ did, ledger, mesh, sync, role },
    disputes: new DisputeDesk({ ledger, signer, did }),
    stop: async () => {
      ledger.stop();
      sync.stop();
      publication.stop();
      // Each part is stopped although another could not be; what went wrong first is told when all is done.
      const closing = [
        () => role.stop(),
        () => mesh.stop(),
        () => store.log.close(),
        () => store.register.close(),
        ...folders.map((folder) => () => folder.close()),
      ];
      const failures: unknown[] = [];
      for (const close of closing) await close().catch((failure: unknown) => void failures.push(failure));
      if (failures.length > 0) throw asError(failures[0]);
      emit("stopped", { reason: "asked to" });
    },
  };
}

interface Store {
  readonly log: RecordLog & { close(): Promise<void> };
  readonly register: SafetyRegister & { close(): Promise<void> };
  /** Undefined when the register surely holds the last value that was acknowledged. */
  readonly doubt: string | undefined;
  readonly journal: ReadJournal;
}

/** Reads the store back. What was checked before it was stored is not verified again; the records' own sums are. */
async function openStore({ crypto, genesis, randomness, segmentBytes }: GatewayPorts, flash: Flash): Promise<Store> {
  const options = segmentBytes === undefined ? { randomness } : { randomness, segmentBytes };
  const { log, records, damages } = await openSegmentLog(flash, options);
  const { register, state } = await openSafetyRegister(flash);
  // A register that was never written beside a log with blocks has been lost: that is amnesia as well.
  const isLost = state === "amnesia" || (state === "new" && records.length > 1);
  const doubt = isLost ? "REGISTER_LOST" : state === "doubtful" ? "REGISTER_DOUBTFUL" : undefined;
  if (damages.length > 0) throw new GatewayError("STORE_DAMAGED", describe(damages));
  if (records.length === 0) await log.append(genesisRecord(genesis));
  const contents = records.length === 0 ? [genesisRecord(genesis)] : records.map((record) => record.bytes);
  const journal = readJournal(crypto, contents, "stored by ourselves");
  if (!journal.ok) throw new GatewayError("STORE_DAMAGED", JSON.stringify(journal.fault));
  if (toHex(journal.value.chain.genesis.id) !== toHex(genesis.id)) {
    throw new GatewayError("GENESIS_OF_ANOTHER_REGION", "the flash folder holds the chain of another region");
  }
  return { log, register, doubt, journal: journal.value };
}

async function beginBoot({ clock, emit }: GatewayPorts, { register, doubt, journal }: Store): Promise<Boot> {
  if (doubt !== undefined) emit("refused", { what: "safety register", code: doubt, count: 1 });
  const nowSeconds = Math.floor(clock.wallMs() / 1000);
  const slotNow = slotOf(journal.chain.head.state, nowSeconds);
  const boot = await Boot.begin(register, { isSure: doubt === undefined, nowSeconds, slotNow });
  if (boot.ok) return boot.value;
  throw new GatewayError("STORE_UNREADABLE", "the safety register cannot be read; keep the card for help");
}

interface ContextParts extends Pick<GatewayPorts, "crypto" | "signer" | "did" | "genesis"> {
  readonly join: Uint8Array;
}

/** Without finality the only block that both sides surely hold is the genesis: contracts refer to it. */
function handshakeContext({ crypto, signer, did, genesis, join }: ContextParts): HandshakeContext {
  return {
    ...{ crypto, network: genesis.network, signer, deviceId: did, join, agree: agreeTerms },
    tip: [0, genesis.id],
    genesis: [0, genesis.id],
    // An OPEN that named any other block would be signed by both and then have no place in the ledger.
    holds: ([serial, id]) => serial === 0 && toHex(id) === toHex(genesis.id),
    objectionTo: () => undefined,
  };
}

function describe(damages: readonly Finding[]): string {
  const [first] = damages;
  assert(first !== undefined, "damages are there");
  const at = JSON.stringify(first);
  return `${damages.length} damaged places on flash, the first: ${at}. Run \`tallystick verify\`, then restore a copy.`;
}

function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error(String(failure));
}
