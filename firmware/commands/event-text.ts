/** Events of a running gateway as lines for people. For programs there is `--json`, which leaves them as they are. */
import { fromHex } from "#base/bytes.ts";
import { DEVICE_ID_BYTES, shortDeviceId } from "#core/identity/device-id.ts";
import { describeChargePointFault } from "#hal/charge-points/describe-charge-point-fault.ts";
import { rfc3339 } from "#records/civil-time.ts";
import { kwhText, utcText } from "#records/quantity-text.ts";
import type { GatewayEvents } from "#services/events.ts";
import type { DateSource } from "#services/world-time.ts";
import { evidenceText } from "#records/evidence-text.ts";

type EventName = keyof GatewayEvents;
type EventOf<Name extends EventName> = Parameters<GatewayEvents[Name]>[0];

/** What happened, without the time. */
export function eventText<Name extends EventName>(name: Name, event: EventOf<Name>): string {
  return TEXTS[name](event);
}

const TEXTS: { readonly [Name in EventName]: (event: EventOf<Name>) => string } = {
  started: ({ name, did, serial }) => `gateway ${name} started: device ${node(did)}, at block ${serial}`,
  stopped: ({ reason }) => `stopped: ${reason}`,
  certificateTaken: ({ notAfter, rights }) => `certificate: may ${rights.join(", ")} until ${utcText(notAfter)}`,
  certificateRefused: ({ code }) => `the certificate beside the key does not hold: ${code}`,
  certificateEnding: ({ daysLeft, isThere }) =>
    isThere
      ? `the certificate ends in ${daysLeft} days: the office renews it with tallystick ca renew`
      : "this region wants a certificate and there is none: tallystick ca request",
  keyRotated: ({ number }) => `key ${number} has taken over`,
  pseudonymMissing: ({ number, days }) =>
    `WARNING: identity ${number} has been in use for ${days} days, and no other can be: tallystick key pseudonyms`,
  pseudonymLeft: ({ number }) => `identity ${number} is left: starting again as the next one`,
  meshConnected: ({ up }) => (up ? "mesh connected" : "mesh lost, trying again"),
  brokerConnected: ({ broker, up }) => `broker ${broker} ${up ? "connected" : "lost, trying again"}`,
  peerSeen: ({ did, serial }) => `peer ${node(did)} is at block ${serial}`,
  refused: ({ what, code, count }) => `refused ${what}: ${code}${count > 1 ? ` (${count} times by now)` : ""}`,
  plugged: ({ evse, plugged }) => `outlet ${evse} ${plugged ? "plugged in" : "unplugged"}`,
  chainRequested: ({ asked, serial }) => `newest chain requested from ${asked} others, own one ends at block ${serial}`,
  handshakeEnded: ({ committed, code }) => `handshake ${committed ? "agreed" : "failed"}: ${code}`,
  contractSigned: ({ address, station, vehicle, evse }) =>
    `contract signed: charge ${charge(address)}, vehicle ${node(vehicle)} at station ${node(station)} outlet ${evse}`,
  reportSigned: ({ address, role, sequence, energyMilliWh }) =>
    `charge ${charge(address)}: ${role} report ${sequence} signed, ${kwhText(energyMilliWh)}`,
  powerChanged: ({ address, flowing, reason }) =>
    `charge ${charge(address)}: power ${flowing ? "on" : "off"}, ${reason}`,
  tariffLost: ({ code, detail }) => `nothing is offered: ${code}, the tariff ${detail}`,
  tariffBack: () => "the tariff can be offered again",
  idleChanged: ({ address, role, idle }) =>
    `charge ${charge(address)}: by the ${role}, the car ${idle ? "has enough and stands on" : "takes energy again"}`,
  meterLost: ({ code, detail }) => `meter does not answer: ${code}${detailsText(detail)}`,
  meterBack: ({ awayMs }) => `meter is back after ${Math.round(awayMs / 1000)} s`,
  chargePointFailed: ({ code, detail }) => `charge point: ${code}, ${describeChargePointFault(detail)}`,
  chargePointBack: () => "charge point is ready again",
  boardFailed: ({ part, detail }) => `${part} cannot be used: ${detail}`,
  clockChanged: ({ source, errorMs, wallMs }) => `${CLOCK_TEXTS[source]}, ${dateText(wallMs)}${errorText(errorMs)}`,
  patternPlayed: ({ address, followed }) =>
    `charge ${charge(address)}: limit varied by the pattern, the car ${followed ? "followed" : "did not follow"}`,
  bindingChecked: ({ address, outcome, code }) => `charge ${charge(address)}: ${BINDING_TEXTS[outcome]}, ${code}`,
  completed: ({ address, role, reason }) => `charge ${charge(address)}: ${role} completed, ${reason}`,
  blockAppended: ({ serial, id, miner, rank, facts, own }) =>
    `block ${serial} ${charge(id)}: ${facts} facts, ${own ? "sealed by this gateway" : `sealed by ${node(miner)}`}` +
    (rank === 0 ? "" : `, rank ${rank}`),
  finalMoved: ({ serial, id }) => `blocks up to ${serial} are final (${charge(id)})`,
  voteCast: ({ source, target }) => `voted for block ${target}, from block ${source}`,
  codeOutdated: ({ version, known }) =>
    `the governors have decided for version ${version} of the code and this release knows ${known}: ` +
    "it charges on, and neither seals nor votes until it is updated",
  votesDoubted: ({ untilSerial }) =>
    `this gateway may have voted and not know it: it votes again from block ${untilSerial} on`,
  contradictionFound: ({ member, targets }) =>
    `${node(member)} has signed two votes that contradict each other, for blocks ${targets.join(" and ")}`,
  snapshotTaken: ({ serial }) => `took the proven state at block ${serial} from others, without the blocks before it`,
  blocksDropped: ({ before, until }) =>
    `blocks before ${before}, of ${utcText(until)}, are dropped; own charges and who is a member are kept`,
  branchAbandoned: ({ blocks, serial }) => `another branch is better: ${blocks} blocks left, now at block ${serial}`,
  resultRecorded: ({ address, serial, state, verdict, billedMilliWh }) =>
    `charge ${charge(address)}: ${state} in block ${serial}, verdict ${verdict}, ${kwhText(billedMilliWh)} billed`,
  misconductShown: ({ kind, did, by }) =>
    `evidence E${kind} against ${node(did)}, shown by ${node(by)}: ${evidenceText(kind)}`,
  biasFound: ({ did, role, sumMilli }) =>
    `${role} ${node(did)} errs in its own favour over many charges: sum ${(sumMilli / 1000).toFixed(1)}, alarm above 5`,
  lossLearned: ({ charges, stations, bands }) =>
    `charging loss learned from ${charges} charges at ${stations} stations: ${bands} ${bands === 1 ? "band" : "bands"}`,
};

const BINDING_TEXTS: Readonly<Record<EventOf<"bindingChecked">["outcome"], string>> = {
  confirmed: "this car hangs on this station",
  "not-seen": "cannot tell whether this car hangs on this station",
  contradicted: "the station charges another car than this one",
};

const CLOCK_TEXTS: Readonly<Record<DateSource, string>> = {
  clock: "the clock is synchronised",
  members: "the clock is not synchronised: the date is what other gateways say",
  station: "the clock is not synchronised: the date is what the station says",
  own: "the clock is not synchronised",
};

function dateText(wallMs: number): string {
  return `it is ${rfc3339(wallMs)}`;
}

function errorText(errorMs: number | null): string {
  return errorMs === null ? "" : `, at most ${errorMs} ms off`;
}

/** A fault as its parts: `, endpoint 192.168.1.20:502, reason connection refused`. */
function detailsText(detail: string): string {
  let fault: unknown;
  try {
    fault = JSON.parse(detail);
  } catch {
    return ` ${detail}`;
  }
  if (typeof fault !== "object" || fault === null) return ` ${detail}`;
  return Object.entries(fault)
    .filter(([key]) => key !== "code")
    .map(([key, value]) => `, ${key} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
}

function charge(address: string): string {
  return address.slice(0, 12);
}

function node(did: string): string {
  const bytes = fromHex(did);
  return bytes?.length === DEVICE_ID_BYTES ? shortDeviceId(bytes) : did;
}
