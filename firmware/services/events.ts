/** What services tell: things that happened, in the past tense, one object each. Nobody may depend on their order. */
import type { BindingVerdict } from "#core/binding/judge-watermark.ts";
import type { Verdict } from "#core/session/judge-agreement.ts";
import type { ResultBody } from "#core/ledger/block.ts";
import type { Role } from "#core/session/facts.ts";
import type { DateSource } from "./world-time.ts";

export interface GatewayEvents {
  /** A certificate was found beside the key and published. `notAfter` in unix seconds. */
  readonly certificateTaken: (event: { readonly notAfter: number; readonly rights: readonly string[] }) => void;
  readonly certificateRefused: (event: { readonly code: string }) => void;
  /** Said once a day from a week before the end, and while there is none although the region wants one. */
  readonly certificateEnding: (event: { readonly daysLeft: number; readonly isThere: boolean }) => void;
  /** This gateway's next key has taken over; so often it has rotated. */
  readonly keyRotated: (event: { readonly number: number }) => void;
  /** The days of this identity are over, and no other can be used; said once a day. It was in use for so many. */
  readonly pseudonymMissing: (event: { readonly number: number; readonly days: number }) => void;
  /** The gateway stops and starts again, as its next identity. */
  readonly pseudonymLeft: (event: { readonly number: number }) => void;
  readonly started: (event: { readonly name: string; readonly did: string; readonly serial: number }) => void;
  /** With one broker at least, or with none any more. */
  readonly meshConnected: (event: { readonly up: boolean }) => void;
  /** Said for each by a gateway with several brokers. */
  readonly brokerConnected: (event: { readonly broker: string; readonly up: boolean }) => void;
  readonly peerSeen: (event: { readonly did: string; readonly serial: number }) => void;
  readonly refused: (event: { readonly what: string; readonly code: string; readonly count: number }) => void;
  readonly plugged: (event: { readonly evse: number; readonly plugged: boolean }) => void;
  /** Before a trade the newest chain was requested, from so many others; `serial` is that of the own one. */
  readonly chainRequested: (event: { readonly asked: number; readonly serial: number }) => void;
  readonly handshakeEnded: (event: { readonly committed: boolean; readonly code: string }) => void;
  readonly contractSigned: (event: ContractEvent) => void;
  readonly reportSigned: (event: ReportEvent) => void;
  readonly powerChanged: (event: {
    readonly address: string;
    readonly flowing: boolean;
    readonly reason: string;
  }) => void;
  readonly meterLost: (event: { readonly code: string; readonly detail: string }) => void;
  readonly meterBack: (event: { readonly awayMs: number }) => void;
  /** Nothing can be charged until `chargePointBack`; `detail` is the fault of the port. */
  readonly chargePointFailed: (event: { readonly code: string; readonly detail: string }) => void;
  readonly chargePointBack: (event: Readonly<Record<string, never>>) => void;
  /** Nothing is offered until `tariffBack`: the tariff does not hold at this time, or cannot be kept. */
  readonly tariffLost: (event: { readonly code: string; readonly detail: string }) => void;
  readonly tariffBack: (event: Readonly<Record<string, never>>) => void;
  /** The car has enough and stands on, or takes energy again, under a tariff with a price for standing. */
  readonly idleChanged: (event: { readonly address: string; readonly role: Role; readonly idle: boolean }) => void;
  /** The station has varied its limit by the pattern of the physical binding; its meter saw the car follow, or not. */
  readonly patternPlayed: (event: { readonly address: string; readonly followed: boolean }) => void;
  /** The vehicle's verdict on whether it hangs on the station that it has agreed with. */
  readonly bindingChecked: (event: { readonly address: string } & BindingVerdict) => void;
  readonly completed: (event: { readonly address: string; readonly role: Role; readonly reason: string }) => void;
  readonly blockAppended: (event: BlockEvent) => void;
  /** All blocks up to this one are final: nothing in them will be replaced. */
  readonly finalMoved: (event: { readonly serial: number; readonly id: string }) => void;
  /** Governors have decided for a newer version of the code: this gateway charges on, and neither seals nor votes. */
  readonly codeOutdated: (event: { readonly version: number; readonly known: number }) => void;
  /** This gateway has voted for a checkpoint; serials. */
  readonly voteCast: (event: { readonly source: number; readonly target: number }) => void;
  /** There may be votes of this gateway that it does not know: it casts none before its chain has that block. */
  readonly votesDoubted: (event: { readonly untilSerial: number }) => void;
  /** A member has signed two votes that no honest one signs both of; serials of their targets. */
  readonly contradictionFound: (event: { readonly member: string; readonly targets: readonly number[] }) => void;
  /** Evidence stands: 1 to 7, as E1 to E7, against that device, shown by that member. */
  readonly misconductShown: (event: { readonly kind: number; readonly did: string; readonly by: string }) => void;
  /** The state at that block was fetched from others, proven and stored: the blocks before it were left out. */
  readonly snapshotTaken: (event: { readonly serial: number; readonly id: string }) => void;
  /** Blocks before this one were dropped, but for own charges; `until` is its time in unix seconds. */
  readonly blocksDropped: (event: { readonly before: number; readonly until: number }) => void;
  readonly branchAbandoned: (event: { readonly blocks: number; readonly serial: number }) => void;
  readonly resultRecorded: (event: ResultEvent) => void;
  /** A member errs in its own favour over many charges; said once, when the sum passes the alarm. */
  readonly biasFound: (event: { readonly did: string; readonly role: Role; readonly sumMilli: number }) => void;
  /** The car's own loss is known better than the default: in so many bands of power, from so many charges. */
  readonly lossLearned: (event: LossEvent) => void;
  /** A lamp or button of the box cannot be used; the gateway trades all the same. */
  readonly boardFailed: (event: { readonly part: string; readonly code: string; readonly detail: string }) => void;
  /** Where the date comes from now; `errorMs` is the bound that the machine's clock has, null while it has none. */
  readonly clockChanged: (event: ClockEvent) => void;
  readonly stopped: (event: { readonly reason: string }) => void;
}

export interface ContractEvent {
  readonly address: string;
  readonly station: string;
  readonly vehicle: string;
  readonly evse: number;
}

export interface ReportEvent {
  readonly address: string;
  readonly role: Role;
  readonly sequence: number;
  readonly energyMilliWh: number;
}

export interface BlockEvent {
  readonly serial: number;
  readonly id: string;
  readonly miner: string;
  readonly rank: number;
  readonly tier: number;
  readonly facts: number;
  readonly own: boolean;
}

export interface ResultEvent {
  readonly address: string;
  readonly serial: number;
  readonly state: ResultBody["state"];
  readonly verdict: Verdict | "NONE";
  readonly billedMilliWh: number;
  readonly amount: number;
}

export interface LossEvent {
  /** Hash of the model, as in the wants that are made with it. */
  readonly model: string;
  readonly charges: number;
  readonly stations: number;
  readonly bands: number;
}

export interface ClockEvent {
  readonly source: DateSource;
  readonly errorMs: number | null;
  readonly wallMs: number;
}

export type EmitEvent = <Name extends keyof GatewayEvents>(
  name: Name,
  event: Parameters<GatewayEvents[Name]>[0],
) => void;

/** Every event by its name: the compiler knows when one is missing. */
const NAMES: Readonly<Record<keyof GatewayEvents, true>> = {
  certificateTaken: true,
  certificateRefused: true,
  certificateEnding: true,
  keyRotated: true,
  pseudonymMissing: true,
  pseudonymLeft: true,
  started: true,
  meshConnected: true,
  brokerConnected: true,
  peerSeen: true,
  refused: true,
  plugged: true,
  chainRequested: true,
  handshakeEnded: true,
  contractSigned: true,
  reportSigned: true,
  powerChanged: true,
  meterLost: true,
  meterBack: true,
  chargePointFailed: true,
  chargePointBack: true,
  tariffLost: true,
  tariffBack: true,
  idleChanged: true,
  patternPlayed: true,
  bindingChecked: true,
  completed: true,
  blockAppended: true,
  finalMoved: true,
  codeOutdated: true,
  voteCast: true,
  votesDoubted: true,
  contradictionFound: true,
  misconductShown: true,
  snapshotTaken: true,
  blocksDropped: true,
  branchAbandoned: true,
  resultRecorded: true,
  biasFound: true,
  lossLearned: true,
  boardFailed: true,
  clockChanged: true,
  stopped: true,
};

export const GATEWAY_EVENT_NAMES = Object.keys(NAMES) as readonly (keyof GatewayEvents)[];
