/** Both sides of one charge as pure machines, second by second, in a world of a few numbers. */
import { ENERGY_V1_BYTES } from "#core/contract/energy-v1.ts";
import type { Terms } from "#core/contract/terms.ts";
import type { RoleLog, Transaction } from "#core/ledger/state.ts";
import { PARTY_START, stepParty, type PartyState } from "#core/session/charge-party.ts";
import {
  otherRole,
  readingsOf,
  type CompleteBody,
  type CompletionReason,
  type ReportBody,
  type Role,
} from "#core/session/facts.ts";
import type { PowerAdvice } from "#core/session/stop-rules.ts";

const NOTHING = new Uint8Array(32);
const START_MILLI_WH = { station: 5_000_000, vehicle: 1_000_000 } as const;

export class PartyDuo {
  /** What the car would take, and what of it reaches its battery. */
  carW = 11_000;
  batteryShare = 0.92;
  plugged = true;
  /** What each side's own devices can tell. */
  vehicleAwake = true;
  stationMeterThere = true;
  vehicleTellsPlug = true;
  /** The vehicle has found the station's pattern. */
  vehicleBound = false;
  /** Facts reach the other side. */
  linked = true;
  /** Roles that neither look nor sign. */
  readonly away = new Set<Role>();
  readonly wish: Partial<Record<Role, CompletionReason>> = {};
  readonly power: Record<Role, PowerAdvice> = { station: { kind: "pause", reason: "start-registers" }, vehicle: GO };
  readonly said: Readonly<Record<Role, (ReportBody | CompleteBody)[]>> = { station: [], vehicle: [] };
  elapsedS = 0;
  readonly #terms: Terms;
  readonly #parties: Record<Role, PartyState> = { station: PARTY_START, vehicle: PARTY_START };
  readonly #milliWh = { ...START_MILLI_WH };
  /** What each side holds: its own facts, and what has reached it. */
  readonly #held: Readonly<Record<Role, Record<Role, number>>> = {
    station: { station: 0, vehicle: 0 },
    vehicle: { station: 0, vehicle: 0 },
  };
  #asleepSinceS: number | undefined;
  #seenPluggedS: number | undefined;

  constructor(terms: Terms) {
    this.#terms = terms;
  }

  /** mWh since the start. */
  energyOf(role: Role): number {
    return Math.floor(this.#milliWh[role]) - START_MILLI_WH[role];
  }

  reportsOf(role: Role): readonly ReportBody[] {
    return this.said[role].filter((fact) => "sequence" in fact);
  }

  completeOf(role: Role): CompleteBody | undefined {
    return this.said[role].find((fact) => "reason" in fact);
  }

  get #pluggedAgeMs(): number | undefined {
    return this.#seenPluggedS === undefined ? undefined : 1000 * (this.elapsedS - this.#seenPluggedS);
  }

  restart(role: Role): void {
    if (role === "station") this.#seenPluggedS = undefined;
    this.away.delete(role);
    this.#parties[role] = PARTY_START;
  }

  run(seconds: number): this {
    for (const endS = this.elapsedS + seconds; this.elapsedS < endS;) {
      // Hours in which nothing happens are looked through from minute to minute.
      this.#look(endS - this.elapsedS > LONG_S ? 60 - (this.elapsedS % 60) : 1);
    }
    return this;
  }

  #look(passedS: number): void {
    this.elapsedS += passedS;
    const mayFlow = this.power.station.kind === "go" && !this.away.has("station");
    const flowsW = mayFlow && this.plugged ? this.carW : 0;
    this.#milliWh.station += (flowsW * 1000 * passedS) / 3600;
    this.#milliWh.vehicle += (flowsW * this.batteryShare * 1000 * passedS) / 3600;
    if (this.plugged && !this.away.has("station")) this.#seenPluggedS = this.elapsedS;
    this.#asleepSinceS = this.vehicleAwake ? undefined : (this.#asleepSinceS ?? this.elapsedS);
    if (this.linked) for (const role of ROLES) this.#held[role][otherRole(role)] = this.said[otherRole(role)].length;
    for (const role of ROLES) if (!this.away.has(role)) this.#lookBy(role, flowsW);
  }

  #lookBy(role: Role, flowsW: number): void {
    const transaction = this.#transactionOf(role);
    const isVehicle = role === "vehicle";
    const isMeasured = isVehicle ? this.vehicleAwake : this.stationMeterThere;
    const sleptMs = isVehicle && this.#asleepSinceS !== undefined ? 1000 * (this.elapsedS - this.#asleepSinceS) : 0;
    const seesPlug = !isVehicle || this.vehicleTellsPlug;
    const wish = this.wish[role] ?? (seesPlug && !this.plugged ? "unplugged" : undefined);
    const step = stepParty(this.#parties[role], {
      ...{ role, transaction, elapsedMs: 1000 * this.elapsedS, wish, clockUnsure: false },
      registerMilliWh: Math.floor(this.#milliWh[role]),
      registerAgeMs: isMeasured ? 0 : Math.max(sleptMs, isVehicle ? 0 : 60_000),
      isStill: flowsW === 0,
      takes: isMeasured && flowsW * (isVehicle ? this.batteryShare : 1) >= 50,
      isPlugged: seesPlug ? this.plugged : undefined,
      pluggedAgeMs: this.#pluggedAgeMs,
      isBound: isVehicle && this.vehicleBound,
    });
    this.power[role] = step.power;
    this.#parties[role] = step.state;
    if (step.report !== undefined) this.said[role].push(step.report);
    if (step.complete !== undefined) this.said[role].push(step.complete);
    this.#held[role][role] = this.said[role].length;
  }

  #transactionOf(role: Role): Transaction {
    const facts = (of: Role): (ReportBody | CompleteBody)[] => this.said[of].slice(0, this.#held[role][of]);
    const logs = { station: logOf("station", facts("station")), vehicle: logOf("vehicle", facts("vehicle")) };
    const completes = Object.fromEntries(
      ROLES.flatMap((of) => facts(of).flatMap((fact) => ("reason" in fact ? [[of, fact] as const] : []))),
    );
    const begun = logs.station.nextSequence > 0 && logs.vehicle.nextSequence > 0;
    const state = Object.keys(completes).length > 0 ? "COMPLETING" : begun ? "ACTIVE" : "OPEN";
    return {
      ...{ address: NOTHING, openId: NOTHING, state, logs, completes, cancelled: {}, result: undefined },
      ...{ completingSince: undefined, openedInSerial: 1, openedAt: 1_780_000_000, hasNews: false },
      ...{ code: ENERGY_V1_BYTES, proposals: { station: [], vehicle: [] }, ruling: undefined, contradicted: {} },
      open: {
        ...{ version: 1, network: NOTHING.slice(0, 8), vehicle: NOTHING, station: NOTHING, evse: 1 },
        ...{ terms: this.#terms, transcript: NOTHING, reference: [0, NOTHING], startedAt: 1_780_000_000 },
        ...{ startMilliWh: [START_MILLI_WH.station, START_MILLI_WH.vehicle], notAfter: 1_780_086_400 },
        salt: NOTHING.slice(0, 16),
      },
    };
  }
}

const LONG_S = 600;
const ROLES: readonly Role[] = ["station", "vehicle"];
const GO: PowerAdvice = { kind: "go" };

function logOf(role: Role, facts: readonly (ReportBody | CompleteBody)[]): RoleLog {
  const reports = facts.filter((fact) => "sequence" in fact);
  const last = reports.at(-1);
  const readings = last === undefined ? [] : readingsOf(last);
  return {
    reports,
    nextSequence: reports.length,
    head: NOTHING,
    lastRegisterMilliWh: readings.at(-1)?.registerMilliWh ?? START_MILLI_WH[role],
    nextReading: last === undefined ? 0 : last.firstReading + readings.length,
  };
}
