/**
 * One charge as its two sides sign it: the builder keeps their logs, so that each next fact fits behind the ones
 * before.
 */
import { transactionAddress } from "#core/handshake/transaction-address.ts";
import type { Genesis } from "#core/ledger/genesis.ts";
import type {
  AdjudicateFact,
  CancelFact,
  CompleteFact,
  Fact,
  OpenFact,
  ReportFact,
  ResolveFact,
} from "#core/ledger/fact.ts";
import {
  adjudicateBody,
  cancelBody,
  completeBody,
  openBody,
  reportBody,
  resolveBody,
  type AdjudicateBody,
  type CompleteBody,
  type OpenBody,
  type ReportBody,
  type ResolveBody,
  type Role,
} from "#core/session/facts.ts";
import { crypto, named, signFact, type Actor } from "./ledger-actors.ts";
import { inletTerms } from "./charge-facts.ts";

export type Parties = Readonly<Record<Role, Actor>>;

interface Log {
  sequence: number;
  nextReading: number;
  head: Uint8Array;
  registerMilliWh: number;
}

export const GRACE_SECONDS = 600;
const STEP_MS = 60_000;

export class ChargeBuilder {
  readonly open: OpenFact;
  readonly address: Uint8Array;
  readonly parties: Parties;
  readonly #genesis: Genesis;
  readonly #logs: Readonly<Record<Role, Log>>;

  constructor(genesis: Genesis, parties: Parties, changes: Partial<OpenBody> = {}) {
    this.#genesis = genesis;
    this.parties = parties;
    const { station, vehicle } = parties;
    const terms = changes.terms ?? inletTerms({ graceSeconds: GRACE_SECONDS, durationMaxSeconds: 7200 });
    const startedAt = changes.startedAt ?? genesis.body.startedAt + 60;
    const body: OpenBody = {
      ...{ version: 1, network: genesis.network, vehicle: vehicle.did, station: station.did, evse: 1, terms },
      ...{ transcript: named("transcript"), reference: [0, genesis.id], startMilliWh: [5_000_000, 1_000] },
      ...{ startedAt, notAfter: startedAt + terms.durationMaxSeconds, salt: new Uint8Array(16) },
      ...changes,
    };
    this.open = signFact(genesis.network, { kind: "OPEN", shape: openBody, body }, [vehicle.signer, station.signer]);
    const { network } = genesis;
    const { codeHash } = terms;
    this.address = transactionAddress(crypto, { network, codeHash, openPayload: this.open.payload });
    const log = (registerMilliWh: number): Log => ({
      sequence: 0,
      nextReading: 0,
      head: this.open.id,
      registerMilliWh,
    });
    this.#logs = { station: log(body.startMilliWh[0]), vehicle: log(body.startMilliWh[1]) };
  }

  /** The next report of a role: what each reading adds to its register. `changes` replaces any field. */
  report(role: Role, steps: readonly number[], changes: Partial<ReportBody> = {}): ReportFact {
    const log = this.#logs[role];
    const [first = 0, ...further] = steps;
    const body: ReportBody = {
      address: this.address,
      role,
      sequence: log.sequence,
      firstReading: log.nextReading,
      registerMilliWh: [log.registerMilliWh + first, ...further],
      previous: log.head,
      atMs: (log.nextReading + steps.length - 1) * STEP_MS,
      flags: 0,
      ...changes,
    };
    const fact = signFact(this.#genesis.network, { kind: "REPORT", shape: reportBody, body }, [this.#signer(role)]);
    log.sequence = body.sequence + 1;
    log.nextReading = body.firstReading + body.registerMilliWh.length;
    log.head = fact.id;
    log.registerMilliWh = body.registerMilliWh.reduce((sum, step) => sum + step, 0);
    return fact;
  }

  complete(role: Role, changes: Partial<CompleteBody> = {}): CompleteFact {
    const log = this.#logs[role];
    const body: CompleteBody = {
      address: this.address,
      role,
      finalMilliWh: log.registerMilliWh,
      reports: log.sequence,
      head: log.head,
      reason: "finished",
      atMs: log.nextReading * STEP_MS,
      ...changes,
    };
    return signFact(this.#genesis.network, { kind: "COMPLETE", shape: completeBody, body }, [this.#signer(role)]);
  }

  cancel(role: Role): CancelFact {
    const body = { address: this.address, role };
    return signFact(this.#genesis.network, { kind: "CANCEL", shape: cancelBody, body }, [this.#signer(role)]);
  }

  /** A proposal to end the dispute with so much energy for so many minor units. */
  propose(role: Role, energyMilliWh: number, amount: number, changes: Partial<ResolveBody> = {}): ResolveFact {
    const body: ResolveBody = { address: this.address, role, number: 0, energyMilliWh, amount, ...changes };
    return signFact(this.#genesis.network, { kind: "RESOLVE", shape: resolveBody, body }, [this.#signer(role)]);
  }

  judge(arbiter: Actor, energyMilliWh: number, changes: Partial<AdjudicateBody> = {}): AdjudicateFact {
    const reason = "the meter of the station was measured and found right";
    const body: AdjudicateBody = { address: this.address, energyMilliWh, fault: "none", reason, ...changes };
    return signFact(this.#genesis.network, { kind: "ADJUDICATE", shape: adjudicateBody, body }, [arbiter.signer]);
  }

  /** OPEN, the first and `count` further reports of both, both completions; the vehicle measures its share. */
  whole(amounts: { readonly milliWh: number; readonly vehicleShare?: number; readonly count?: number }): Fact[] {
    const { milliWh, vehicleShare = 0.985, count = 1 } = amounts;
    const step = Math.floor(milliWh / count);
    const vehicleStep = Math.floor(step * vehicleShare);
    const facts: Fact[] = [this.open, this.report("station", [0]), this.report("vehicle", [0])];
    for (let index = 0; index < count; index += 1) {
      facts.push(this.report("station", [step]), this.report("vehicle", [vehicleStep]));
    }
    return [...facts, this.complete("station"), this.complete("vehicle")];
  }

  #signer(role: Role): Actor["signer"] {
    return this.parties[role].signer;
  }
}
