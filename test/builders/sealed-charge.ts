/**
 * A small real chain: two gateways with keys, their region, one whole charge sealed in three blocks, and a fact that
 * waits.
 */
import { defaultTerms, type StationFacts } from "#core/contract/default-terms.ts";
import { energyV1CodeHash } from "#core/contract/energy-v1.ts";
import { transactionAddress } from "#core/handshake/transaction-address.ts";
import { Chain } from "#core/ledger/chain.ts";
import { decodeFact, encodeFact, type Fact, type FactKind } from "#core/ledger/fact.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import { blockRecordOf, factRecord, genesisRecord } from "#core/ledger/journal.ts";
import { HARDENED_RULES } from "#core/ledger/rules.ts";
import { schedule } from "#core/ledger/schedule.ts";
import { sealBlock } from "#core/ledger/seal-block.ts";
import { completeBody, openBody, reportBody, type OpenBody, type Role } from "#core/session/facts.ts";
import { PURPOSE } from "#core/wire/purpose.ts";
import { encodeShape } from "#core/wire/schema.ts";
import { encodeSigned, idOf, toBeSigned } from "#core/wire/signed.ts";
import type { Signer } from "#core/identity/cryptography.ts";
import { encodeInception, inceptionOf } from "#core/identity/device-id.ts";
import { NobleSigner } from "#adapters/crypto/noble-signer.ts";
import { makeRegionGenesis } from "#firmware/commands/region-genesis.ts";
import { crypto, named, party, type Party } from "./handshake-parties.ts";
import { perKwh } from "./tariffs.ts";

export interface ChargeAmounts {
  readonly stationMilliWh: number;
  readonly vehicleMilliWh: number;
  /** How far the story is told; all of it when absent. */
  readonly until?: "opened" | "completed";
}

export interface SealedCharge {
  readonly genesis: Genesis;
  readonly chain: Chain;
  /** As a gateway would have stored them. */
  readonly records: readonly Uint8Array[];
  readonly address: Uint8Array;
  readonly station: Party;
  readonly vehicle: Party;
}

export const CHARGE_STARTED_AT = 1_790_000_000;
const START_MILLI_WH = { station: 5_000_000, vehicle: 0 } as const;
/** 11 kW at the mains, the battery gets 91.5 %: the middle of the band that the terms allow. */
export const HONEST: ChargeAmounts = { stationMilliWh: 12_000_000, vehicleMilliWh: 10_980_000 };

export function sealCharge(amounts: ChargeAmounts = HONEST): SealedCharge {
  const inception = inceptionFor("station");
  const authorities = [{ inception, organisation: "station" }];
  const startedAt = CHARGE_STARTED_AT - 600;
  const genesis = makeRegionGenesis(crypto, { name: "test", rules: HARDENED_RULES, startedAt, authorities });
  const network = genesis.network.slice();
  const station = party("station", "station", network);
  const vehicle = party("vehicle", "vehicle", network);
  const story = new Story(genesis, station);
  story.take("JOIN", vehicle.join);
  story.seal(CHARGE_STARTED_AT - 60);
  const open = openOf(genesis, station, vehicle);
  const openPayload = encodeShape(openBody, open);
  const address = transactionAddress(crypto, {
    network: genesis.network,
    codeHash: open.terms.codeHash,
    openPayload,
  });
  story.sign("OPEN", openPayload, [vehicle.signer, station.signer]);
  const openId = idOf(crypto, genesis.network, PURPOSE.OPEN, openPayload);
  const logs: Record<Role, Uint8Array> = { station: openId, vehicle: openId };
  const signers = { station: station.signer, vehicle: vehicle.signer };
  if (amounts.until !== "opened") {
    for (const role of ROLES) logs[role] = report(story, signers[role], { address, role, previous: logs[role] }, 0);
    story.seal(CHARGE_STARTED_AT + 60);
    for (const role of ROLES) {
      const energy = amounts[`${role}MilliWh`];
      logs[role] = report(story, signers[role], { address, role, previous: logs[role] }, energy);
      const complete = {
        address,
        role,
        finalMilliWh: START_MILLI_WH[role] + energy,
        reports: 2,
        head: logs[role],
        reason: "finished" as const,
        atMs: 3_930_000,
      };
      story.sign("COMPLETE", encodeShape(completeBody, complete), [signers[role]]);
    }
    if (amounts.until !== "completed") story.seal(CHARGE_STARTED_AT + 3960);
  }
  if (amounts.until === undefined) story.take("JOIN", party("newcomer", "vehicle", network).join);
  return { genesis, chain: story.chain, records: story.records, address, station, vehicle };
}

const ROLES: readonly Role[] = ["station", "vehicle"];

/** What a gateway does with facts and blocks, without its services. */
class Story {
  readonly chain: Chain;
  readonly records: Uint8Array[];
  readonly #miner: Party;

  constructor(genesis: Genesis, miner: Party) {
    this.chain = new Chain(crypto, genesis);
    this.records = [genesisRecord(genesis)];
    this.#miner = miner;
  }

  sign(kind: FactKind, payload: Uint8Array, signers: readonly Signer[]): Fact {
    const message = toBeSigned(this.chain.genesis.network, PURPOSE[kind], payload);
    return this.take(
      kind,
      encodeSigned(
        payload,
        signers.map((signer) => signer.sign(message)),
      ),
    );
  }

  take(kind: FactKind, envelope: Uint8Array): Fact {
    const fact = decodeFact(this.chain.context, encodeFact(kind, envelope));
    if (!fact.ok) throw new Error(`the builder's ${kind}: ${fact.fault.code}`);
    const added = this.chain.addFact(fact.value, this.chain.head.state.sealedAt);
    if (!added.ok) throw new Error(`the builder's ${kind}: ${JSON.stringify(added.fault)}`);
    this.records.push(factRecord(fact.value));
    return fact.value;
  }

  seal(sealedAt: number): void {
    const { state } = this.chain.head;
    const [place] = schedule((message) => crypto.sha256(message), state);
    if (place === undefined) throw new Error("nobody may seal");
    const seal = { rank: 0, tier: place.tier, miner: this.#miner.deviceId, signer: this.#miner.signer, sealedAt };
    const block = sealBlock(state, this.chain.mempool.facts(), seal, this.chain.context);
    const added = this.chain.addBlock(block, undefined);
    if (!added.ok) throw new Error(`the builder's block: ${JSON.stringify(added.fault)}`);
    this.records.push(blockRecordOf(block));
  }
}

function report(
  story: Story,
  signer: Signer,
  log: { readonly address: Uint8Array; readonly role: Role; readonly previous: Uint8Array },
  energyMilliWh: number,
): Uint8Array {
  const sequence = energyMilliWh === 0 ? 0 : 1;
  const body = {
    ...log,
    sequence,
    firstReading: sequence,
    registerMilliWh: [START_MILLI_WH[log.role] + energyMilliWh],
    atMs: 3_930_000 * sequence,
    flags: 0,
  };
  return story.sign("REPORT", encodeShape(reportBody, body), [signer]).id;
}

function openOf(genesis: Genesis, station: Party, vehicle: Party): OpenBody {
  const station11kw: StationFacts = {
    codeHash: energyV1CodeHash(crypto),
    currency: "EUR",
    currencyDigits: 2,
    tariff: perKwh(350_000),
    powerMaxW: 11_000,
    energyMaxMilliWh: 100_000_000,
    durationMaxSeconds: 86_400,
    stationMpePpm: 20_000,
    stationMeasuringPoint: "mains",
    stationResolutionMilliWh: 1000,
  };
  const terms = defaultTerms(station11kw, {
    ...{ lossPpm: [50_000, 120_000], resolutionMilliWh: [1000, 1] },
    mpePpm: [station11kw.stationMpePpm, 30_000],
  });
  return {
    version: 1,
    network: genesis.network,
    vehicle: vehicle.deviceId,
    station: station.deviceId,
    evse: 1,
    terms,
    transcript: named("transcript"),
    reference: [0, genesis.id],
    startMilliWh: [START_MILLI_WH.station, START_MILLI_WH.vehicle],
    startedAt: CHARGE_STARTED_AT,
    notAfter: CHARGE_STARTED_AT + terms.durationMaxSeconds,
    salt: named("salt").slice(0, 16),
  };
}

/** The same keys as `party` of that name: a genesis is made before a network can be joined. */
function inceptionFor(name: string): Uint8Array {
  const signer = new NobleSigner(named(`${name} key 0`));
  const next = new NobleSigner(named(`${name} key 1`));
  return encodeInception(inceptionOf(crypto, "station", signer.publicKey, next.publicKey));
}
