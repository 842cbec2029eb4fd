/**
 * One gateway from its ports: the services and what connects them. The same wiring runs on a board, on the bench and in
 * the simulation; only what is plugged into the ports differs.
 */
import { toHex } from "#base/bytes.ts";
import { openSafetyRegister } from "#adapters/flash-store/index.ts";
import { agreeTerms } from "#core/contract/agree-terms.ts";
import type { HandshakeContext } from "#core/handshake/handshake-context.ts";
import type { Cryptography, Signer } from "#core/identity/cryptography.ts";
import type { SignatureVerifier } from "#core/identity/signature-verifier.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { chainTime } from "#core/ledger/chain-time.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import type { SafetyRegister } from "#core/ledger/record-log.ts";
import { slotOf } from "#core/ledger/schedule.ts";
import type { BrokerLine, ConnectBus } from "#core/mesh/message-bus.ts";
import type { MeshRoot } from "#core/mesh/topics.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { ClockStateSource } from "#hal/ports/clock-state.ts";
import type { Flash } from "#hal/ports/flash.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import { Boot } from "#services/boot.ts";
import type { EmitEvent } from "#services/events.ts";
import { DisputeDesk } from "#services/dispute-desk.ts";
import { EvidenceService } from "#services/evidence-service.ts";
import { FinalityService } from "#services/finality-service.ts";
import { KeyRing } from "#services/key-ring.ts";
import { LedgerService } from "#services/ledger-service.ts";
import { MembershipService, type MembershipFiles } from "#services/membership-service.ts";
import { MeshService } from "#services/mesh-service.ts";
import { PublicationService } from "#services/publication-service.ts";
import { followWithLeft } from "#services/left-records.ts";
import { StoreScrub } from "#services/store-scrub.ts";
import { NOT_A_SYNC_REPLY, SyncService } from "#services/sync-service.ts";
import type { OfferFault } from "#services/station-service.ts";
import { WorldTime } from "#services/world-time.ts";
import { assembleSnapshots } from "./assemble-snapshots.ts";
import { GatewayError } from "./gateway-error.ts";
import type { LedgerStore } from "./ledger-store.ts";
import { openLedgerStore } from "./open-ledger-store.ts";

export interface GatewayPorts {
  readonly name: string;
  readonly organisation: string;
  readonly crypto: Cryptography;
  readonly signer: Signer;
  /** What lies beside the key and may change while the gateway runs; absent where nothing does. */
  readonly membershipFiles?: MembershipFiles;
  /** Told once, before anything is connected: whoever must know which keys are in force. */
  readonly onChain?: (chain: Chain) => void;
  readonly inception: Uint8Array;
  readonly did: Uint8Array;
  readonly genesis: Genesis;
  readonly root: MeshRoot;
  /** The world's time: everything but the devices' own deadlines. */
  readonly clock: Clock;
  /** Whether that clock's date is right. */
  readonly clockState: ClockStateSource;
  /** What a device driver's monotonic stamp is in `clock`'s time. */
  readonly toMonotonicMs: (stampMs: number) => number;
  readonly randomness: Randomness;
  /** One bus, or each broker's with its name. */
  readonly connect: ConnectBus | readonly BrokerLine[];
  /** A folder on flash by its name; this gateway owns it until `Flash.close`. */
  readonly openFolder: (name: string) => Promise<Flash>;
  /** Of the ledger's files, where it is not the usual one. */
  readonly segmentBytes?: number;
  /** Blocks from one snapshot to the next, and how far behind a state is fetched instead, where not as usual. */
  readonly snapshotBlocks?: number;
  readonly blocksBehindMax?: number;
  /** How long others' charges are kept, in days of block time; without it, for ever. */
  readonly keepDays?: number | undefined;
  /** Threads that verify while this gateway fetches what it has missed; without it one core does. */
  readonly openVerifier?: () => SignatureVerifier;
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

/** How the gateway's own meter is, for whoever asks about its health. */
export interface MeterState {
  /** Since the last reading that may be signed; endless without one. */
  readonly ageMs: number;
  readonly quality: string | undefined;
  /** Code of what is wrong with it. */
  readonly trouble: string | undefined;
}

/** The part that differs between a charger and a vehicle. */
export interface RoleService {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly isCharging: boolean;
  /** Why a station offers nothing, whoever is plugged in. */
  readonly offerFault?: OfferFault | undefined;
  /** Only a charger has a meter that is read all the time. */
  readonly meter?: () => MeterState;
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
  readonly membership: MembershipService;
  /** Writes something durable beside the ledger; rejects when the flash does not take it. */
  readonly tryStore: () => Promise<void>;
  stop(): Promise<void>;
}

/** Rejects with a GatewayError when what is on flash does not let it run. */
export async function assembleGateway(
  ports: GatewayPorts,
  makeRole: (parts: RoleParts) => Promise<RoleService>,
): Promise<Gateway> {
  const { crypto, inception, did, genesis, emit, root, organisation } = ports;
  const signer = new KeyRing([ports.signer]);
  const clock = new WorldTime({ clock: ports.clock, source: ports.clockState, emit });
  const folders: Flash[] = [];
  const openFolder = async (name: string): Promise<Flash> => {
    const folder = await ports.openFolder(name);
    folders.push(folder);
    return folder;
  };
  const flash = await openFolder("ledger");
  const store = await openLedgerStore(ports, flash);
  const { chain } = store;
  ports.onChain?.(chain);
  clock.hearPast(chainTime(chain.head));
  const boot = await beginBoot({ clock, emit }, store);
  const signerOf = (publicKey: Uint8Array): Signer | undefined => signer.under(publicKey);
  const ledger = new LedgerService(
    {
      ...{ chain, journal: store.journal, boot, clock, signer, signerOf, did, emit },
      // What has rotted may be the end of the chain: others are heard before anything is sealed on what is left of it.
      maySeal: (): boolean => store.damages.length === 0 || sync.settling.isOver,
    },
    store.journal,
  );
  const { snapshots, log } = store;
  const token = toHex(ports.randomness.bytes(16));
  const mesh = new MeshService({ connect: ports.connect, root, did: toHex(did), token, clock, crypto, emit });
  const states = assembleSnapshots({
    ...{ store, ledger, mesh, clock, randomness: ports.randomness, emit },
    peers: () => sync.peers,
    blocksBehindMax: ports.blocksBehindMax,
    ...{ flash, did, keepDays: ports.keepDays },
  });
  const publication = new PublicationService({ ledger, mesh, clock, did });
  const evidence = new EvidenceService({ ledger, clock, signer, did, emit });
  const onContradiction = evidence.showVotes.bind(evidence);
  const finality = new FinalityService({
    ...{ ledger, mesh, boot, clock, signer, signerOf, did, onContradiction, emit },
    isSettled: (): boolean => sync.settling.isOverForVotes,
  });
  const sync = new SyncService({
    ledger,
    mesh,
    boot,
    clock,
    signer,
    did,
    finality,
    emit,
    snapshots: states.sync,
    openVerifier: ports.openVerifier,
  });
  const scrub = new StoreScrub({ chain, archive: store.archive, mesh, clock, peers: () => sync.peers, emit });
  followWithLeft({ ledger, archive: store.archive, left: store.left });
  const membership = new MembershipService({
    ...{ ledger, ring: signer, clock, did, inception, organisation, emit },
    files: ports.membershipFiles ?? NO_FILES,
  });
  await membership.readKeys();
  const role = await makeRole({
    ...{ ...ports, signer, clock, openFolder, boot, ledger, mesh, sync },
    handshake: handshakeContext({ crypto, signer, did, genesis, membership }),
    openRegister: async (name) => (await openSafetyRegister(await openFolder(name))).register,
  });
  mesh.handle("reply", async (object) => {
    const code = states.sync.takeReply(object, NOT_A_SYNC_REPLY);
    const other = code === NOT_A_SYNC_REPLY ? await sync.takeReply(object) : code;
    return other === NOT_A_SYNC_REPLY ? role.takeReply(object) : other;
  });

  await mesh.start();
  publication.start();
  evidence.start();
  sync.start();
  await finality.start();
  states.keeper.start();
  states.sync.start();
  scrub.start();
  ledger.start();
  // Device id and public key are made known before anything else (the paper, III.A).
  await membership.start();
  await role.start();
  emit("started", { name: ports.name, did: toHex(did), serial: chain.head.state.serial });
  return {
    ...{ did, ledger, mesh, sync, role, membership },
    disputes: new DisputeDesk({ ledger, signer, did }),
    tryStore: () => boot.rewrite(),
    stop: async () => {
      membership.stop();
      scrub.stop();
      finality.stop();
      await evidence.stop();
      ledger.stop();
      sync.stop();
      states.sync.stop();
      publication.stop();
      // Each part is stopped although another could not be; what went wrong first is told when all is done.
      const closing = [
        () => role.stop(),
        () => mesh.stop(),
        () => states.keeper.stop(),
        () => snapshots.close(),
        () => log.close(),
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

async function beginBoot(
  { clock, emit }: Pick<GatewayPorts, "clock" | "emit">,
  { register, doubt, chain, damages, disorder }: LedgerStore,
): Promise<Boot> {
  if (doubt !== undefined) emit("refused", { what: "safety register", code: doubt, count: 1 });
  const trouble = damages[0]?.code ?? disorder;
  if (trouble !== undefined)
    emit("refused", { what: "ledger store", code: trouble, count: Math.max(1, damages.length) });
  const nowSeconds = Math.floor(clock.wallMs() / 1000);
  const slotNow = slotOf(chain.head.state, nowSeconds);
  const boot = await Boot.begin(register, { isSure: doubt === undefined, nowSeconds, slotNow });
  if (boot.ok) return boot.value;
  throw new GatewayError("STORE_UNREADABLE", "the safety register cannot be read; keep the card for help");
}

interface ContextParts extends Pick<GatewayPorts, "crypto" | "signer" | "did" | "genesis"> {
  readonly membership: MembershipService;
}

/** A gateway that never rotates and has no certificate. */
const NO_FILES: MembershipFiles = {
  certificate: () => Promise.resolve(undefined),
  rotated: () => Promise.resolve(undefined),
  recovery: () => Promise.resolve(undefined),
};

/** Contracts refer to the genesis (decision 0012): both sides hold it, whatever each of them knows to be final. */
function handshakeContext({ crypto, signer, did, genesis, membership }: ContextParts): HandshakeContext {
  return {
    ...{ crypto, network: genesis.network, signer, deviceId: did, agree: agreeTerms, region: membership.region },
    get join(): Uint8Array {
      return membership.join;
    },
    tip: [0, genesis.id],
    genesis: [0, genesis.id],
    // An OPEN that named any other block would be signed by both and then have no place in the ledger.
    holds: ([serial, id]) => serial === 0 && toHex(id) === toHex(genesis.id),
    objectionTo: (member, terms) => membership.objectionTo(member, terms),
  };
}

function asError(failure: unknown): Error {
  return failure instanceof Error ? failure : new Error(String(failure));
}
