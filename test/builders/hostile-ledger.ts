/**
 * Signed facts and blocks of anybody's making, and a ledger service over memory: what attacks on a gateway are made of.
 */
import { toHex } from "#base/bytes.ts";
import { energyV1CodeHash } from "#core/contract/energy-v1.ts";
import { encodeJoin } from "#core/identity/join.ts";
import { decodeBlock, encodeBlock, type Block } from "#core/ledger/block.ts";
import { Chain } from "#core/ledger/chain.ts";
import { decodeFact, encodeFact, type Fact, type FactKind } from "#core/ledger/fact.ts";
import { makeGenesis, type Genesis } from "#core/ledger/genesis.ts";
import { genesisRecord } from "#core/ledger/journal.ts";
import type { RecordLog, SafetyRegister } from "#core/ledger/record-log.ts";
import { HARDENED_RULES, type LedgerRules } from "#core/ledger/rules.ts";
import { dueAt, schedule } from "#core/ledger/schedule.ts";
import { sealBlock } from "#core/ledger/seal-block.ts";
import {
  cancelBody,
  completeBody,
  openBody,
  reportBody,
  type CompleteBody,
  type OpenBody,
  type ReportBody,
  type Role,
} from "#core/session/facts.ts";
import { transactionAddress } from "#core/handshake/transaction-address.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape, type Shape } from "#core/wire/schema.ts";
import { encodeSigned, toBeSigned } from "#core/wire/signed.ts";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import { Boot } from "#services/boot.ts";
import type { EmitEvent } from "#services/events.ts";
import { LedgerService } from "#services/ledger-service.ts";
import { inletTerms } from "#test/builders/charge-facts.ts";
import { crypto, makeIdentity, type Identity } from "#test/simulation/simulated-gateway.ts";
import { syncedTime } from "./synced-time.ts";

export { crypto, makeIdentity, type Identity };

export const STARTED_AT = 1_780_000_000;
export const STATION: Identity = makeIdentity("charger-1", "station");
export const VEHICLE: Identity = makeIdentity("vehicle-1", "vehicle");

/** A region whose only authority is the station, so that it seals from the start. */
export function regionOf(authorities: readonly Identity[] = [STATION], rules: Partial<LedgerRules> = {}): Genesis {
  return makeGenesis(crypto, {
    version: 1,
    name: "hostile",
    startedAt: STARTED_AT,
    rules: { ...HARDENED_RULES, ...rules },
    authorities: authorities.map(({ inception, name }) => [inception, name] as const),
  });
}

export class Forge {
  readonly genesis: Genesis;

  constructor(genesis: Genesis) {
    this.genesis = genesis;
  }

  join(who: Identity, organisation = who.name): Fact {
    const { network } = this.genesis;
    const join = encodeJoin({ version: 1, network, inception: who.inception, organisation }, who.signer);
    return this.#decoded(encodeFact("JOIN", join));
  }

  open(changes: Partial<OpenBody> = {}, [vehicle, station] = [VEHICLE, STATION]): { fact: Fact; address: Uint8Array } {
    const terms = changes.terms ?? inletTerms({ graceSeconds: 600, codeHash: energyV1CodeHash(crypto) });
    const startedAt = changes.startedAt ?? STARTED_AT + 60;
    const body: OpenBody = {
      ...{ version: 1, network: this.genesis.network, vehicle: vehicle.did, station: station.did, evse: 1, terms },
      ...{ transcript: new Uint8Array(32).fill(3), reference: [0, this.genesis.id], startMilliWh: [5000, 7000] },
      ...{ startedAt, notAfter: startedAt + terms.durationMaxSeconds, salt: new Uint8Array(16) },
      ...changes,
    };
    const fact = this.#signed("OPEN", openBody, body, [vehicle, station]);
    const { network } = this.genesis;
    const { codeHash } = body.terms;
    return { fact, address: transactionAddress(crypto, { network, codeHash, openPayload: fact.payload }) };
  }

  report(by: Identity, body: Partial<ReportBody> & Pick<ReportBody, "address" | "role" | "previous">): Fact {
    const start = body.role === "station" ? 5000 : 7000;
    const whole = { sequence: 0, firstReading: 0, registerMilliWh: [start], atMs: 0, flags: 0, ...body };
    return this.#signed("REPORT", reportBody, whole, [by]);
  }

  complete(by: Identity, body: Partial<CompleteBody> & Pick<CompleteBody, "address" | "role" | "head">): Fact {
    const start = body.role === "station" ? 5000 : 7000;
    const whole = { finalMilliWh: start, reports: 0, reason: "finished" as const, atMs: 1000, ...body };
    return this.#signed("COMPLETE", completeBody, whole, [by]);
  }

  cancel(by: Identity, address: Uint8Array, role: Role): Fact {
    return this.#signed("CANCEL", cancelBody, { address, role }, [by]);
  }

  /** The block that this miner may seal on a link of the chain as early as its rank allows, or later. */
  block(
    chain: Chain,
    facts: readonly Fact[],
    miner: Identity,
    options: { on?: string; laterSeconds?: number } = {},
  ): Block {
    const parent = options.on === undefined ? chain.head.state : chain.link(options.on)?.state;
    if (parent === undefined) throw new Error("bug: no such block");
    const places = schedule((message) => crypto.sha256(message), parent);
    const rank = places.findIndex(({ did }) => did === toHex(miner.did));
    const place = places[rank];
    if (place === undefined) throw new Error(`bug: ${miner.name} may not seal here`);
    const sealedAt = dueAt(parent, rank) + (options.laterSeconds ?? 0);
    const seal = { miner: miner.did, signer: miner.signer, rank, tier: place.tier, sealedAt };
    const block = sealBlock(parent, facts, seal, chain.context);
    const travelled = decodeBlock(chain.context, encodeBlock(block));
    if (!travelled.ok) throw new Error(`bug: ${travelled.fault.code}`);
    return travelled.value;
  }

  #signed<Body>(kind: FactKind, shape: Shape<Body>, body: Body, by: readonly Identity[]): Fact {
    const payload = encodeShape(shape, body);
    const message = toBeSigned(this.genesis.network, PURPOSE[kind], payload);
    return this.#decoded(
      encodeFact(
        kind,
        encodeSigned(
          payload,
          by.map(({ signer }) => signer.sign(message)),
        ),
      ),
    );
  }

  #decoded(bytes: Uint8Array): Fact {
    const fact = decodeFact({ crypto, network: this.genesis.network }, bytes);
    if (!fact.ok) throw new Error(`bug: ${JSON.stringify(fact.fault)}`);
    return fact.value;
  }
}

export class MemoryRecords implements RecordLog {
  readonly records: Uint8Array[];

  constructor(genesis: Genesis) {
    this.records = [genesisRecord(genesis)];
  }

  append(record: Uint8Array): Promise<void> {
    this.records.push(record);
    return Promise.resolve();
  }
}

export class MemoryRegister implements SafetyRegister {
  value: Uint8Array | undefined;

  write(value: Uint8Array): Promise<void> {
    this.value = value;
    return Promise.resolve();
  }
}

export interface LedgerBench {
  readonly clock: SimulatedClock;
  readonly journal: MemoryRecords;
  readonly chain: Chain;
  readonly ledger: LedgerService;
  readonly boot: Boot;
  readonly told: string[];
}

/** One gateway's ledger over memory; its clock begins ten minutes after the genesis. */
export async function ledgerBench(genesis: Genesis, who: Identity = STATION): Promise<LedgerBench> {
  const clock = new SimulatedClock({ wallEpochMs: (STARTED_AT + 600) * 1000 });
  const journal = new MemoryRecords(genesis);
  const chain = new Chain(crypto, genesis);
  const told: string[] = [];
  const emit: EmitEvent = (name, event) => told.push(`${name} ${JSON.stringify(event)}`);
  const begun = await Boot.begin(new MemoryRegister(), { isSure: true, nowSeconds: 0, slotNow: 0 });
  if (!begun.ok) throw new Error("bug: a new register is readable");
  const boot = begun.value;
  const { signer, did } = who;
  const ledger = new LedgerService({ chain, journal, boot, clock: syncedTime(clock), signer, did, emit }, new Set());
  return { clock, journal, chain, ledger, boot, told };
}
