/** What a running gateway answers to `status`, `charge`, `end` and the commands of disputes. */
import { fromHex, toHex } from "#base/bytes.ts";
import { CONTROL_EVSE_MAX, refusal, type ControlAnswer } from "#adapters/control/control-message.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { schedule } from "#core/ledger/schedule.ts";
import { highestLevel } from "#records/sealed-finality.ts";
import type { GatewayConfig } from "#config/gateway-config.ts";
import { DEVICE_ID_BYTES, shortDeviceId, topicDeviceId } from "#core/identity/device-id.ts";
import type { Gateway } from "../gateway.ts";
import { answerHealth, meterShown, type AskedGateway } from "./answer-health.ts";
import { evidenceLines, evidenceView } from "./evidence-view.ts";
import type { MembershipState } from "#services/membership-service.ts";
import { answerMembership, answerSubmit } from "./key/answer-membership.ts";
import { rulesData } from "./governor/show-rules.ts";
import { DISPUTE_COMMANDS, type DisputeRequest } from "./dispute/answer-dispute.ts";

export type ControlledGateway = AskedGateway & Pick<Gateway, "disputes" | "membership">;

type Answer = ControlAnswer | Promise<ControlAnswer>;

/** Answers a request of anybody's making; never throws. */
export function answerControl(gateway: ControlledGateway, config: GatewayConfig, request: unknown): Answer {
  if (!isObject(request)) return refusal("CONTROL_NOT_A_REQUEST", 'expected {"command": …}');
  const { command, ...rest } = request;
  const known = typeof command === "string" && Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (known === undefined) {
    const names = Object.keys(COMMANDS).join(", ");
    return refusal("CONTROL_UNKNOWN_COMMAND", `found ${shown(command)}, expected one of ${names}`);
  }
  const stranger = Object.keys(rest).find((key) => !known.keys.includes(key));
  if (stranger !== undefined) {
    const keys = known.keys.length === 0 ? "no other keys" : `only ${known.keys.join(", ")}`;
    return refusal("CONTROL_UNKNOWN_KEY", `found ${shown(stranger)}, expected ${keys}`);
  }
  return known.answer(gateway, config, rest);
}

interface ControlCommand {
  readonly keys: readonly string[];
  readonly answer: (
    gateway: ControlledGateway,
    config: GatewayConfig,
    request: Readonly<Record<string, unknown>>,
  ) => Answer;
}

const COMMANDS: Readonly<Record<string, ControlCommand>> = {
  status: { keys: [], answer: status },
  health: { keys: [], answer: answerHealth },
  evidence: { keys: [], answer: answerEvidence },
  membership: { keys: [], answer: answerMembership },
  submit: { keys: ["fact"], answer: (gateway, _, request) => answerSubmit(gateway, request) },
  charge: { keys: ["station", "evse"], answer: charge },
  end: { keys: [], answer: end },
  ...Object.fromEntries(
    Object.entries(DISPUTE_COMMANDS).map(([name, { keys, answer }]) => [
      name,
      {
        keys,
        answer: ({ disputes }: ControlledGateway, _: GatewayConfig, request: DisputeRequest) =>
          answer(disputes, request),
      },
    ]),
  ),
};

/** Also what waits for a block. So many fit into one answer. */
function answerEvidence({ ledger }: ControlledGateway): ControlAnswer {
  const all = evidenceView(ledger.chain.pending);
  const evidence = all.slice(0, EVIDENCE_LISTED_MAX);
  return { ok: true, evidence, more: all.length - evidence.length, lines: evidenceLines(evidence) };
}

const EVIDENCE_LISTED_MAX = 64;

async function status(
  { did, ledger, mesh, sync, role, disputes, membership, pseudonym }: ControlledGateway,
  config: GatewayConfig,
): Promise<ControlAnswer> {
  const { chain } = ledger;
  const { serial, id } = chain.head.state;
  return {
    ok: true,
    name: config.name,
    role: config.role,
    did: toHex(did),
    device: shortDeviceId(did),
    network: toHex(chain.genesis.network),
    serial,
    head: toHex(id),
    nextMiner: nextMinerOf(chain),
    finality: finalityShown(chain),
    rules: rulesData(chain),
    sealedKeyNumber: membership.state.sealedKeyNumber,
    certificate: membershipShown(membership.state),
    ...(pseudonym === undefined ? {} : { pseudonym: await pseudonym.state() }),
    waitingFacts: chain.mempool.size,
    isCharging: role.isCharging,
    isMeshConnected: mesh.isConnected,
    brokers: mesh.brokers,
    relay: mesh.relayCounts ?? null,
    said: Object.fromEntries(mesh.said),
    clock: clockOf(ledger.time),
    offerFault: role.offerFault ?? null,
    openDisputes: disputes.list("open").length,
    ...(role.meter === undefined ? {} : { meter: meterShown(role.meter()) }),
    peers: [...sync.peers].map(([peer, tip]) => ({ did: peer, serial: tip.serial, head: toHex(tip.head) })),
    refused: Object.fromEntries(mesh.refusals),
  };
}

/** Device id of whoever may seal first on the head; null where the rules let nobody. */
function nextMinerOf({ head, context }: Chain): string | null {
  const [first] = schedule((message) => context.crypto.sha256(message), head.state);
  return first?.did ?? null;
}

/** Null in a region where nothing becomes final. */
function finalityShown(chain: Chain): Readonly<Record<string, unknown>> | null {
  if (highestLevel(chain) === "C1") return null;
  const { committees, epoch } = chain.head.state.finality;
  const { final, justified } = chain;
  return {
    final: { serial: final.serial, id: toHex(final.id) },
    justified: { serial: justified.serial, id: toHex(justified.id) },
    epoch,
    voters: committees.at(-1) ?? [],
  };
}

function membershipShown({ isCertified, notAfter, rights, isRevoked }: MembershipState): unknown {
  return isCertified ? { notAfter: notAfter ?? null, rights, isRevoked } : null;
}

function clockOf(time: Gateway["ledger"]["time"]): Readonly<Record<string, number | string | null>> {
  const { state } = time;
  return {
    state: state.kind,
    errorMs: state.kind === "synced" ? Math.ceil(state.errorMs) : null,
    forSeconds: Math.floor((time.monotonicMs() - state.sinceMs) / 1000),
    source: time.dateSource,
    wallMs: time.wallMs(),
  };
}

function charge(
  gateway: ControlledGateway,
  config: GatewayConfig,
  request: Readonly<Record<string, unknown>>,
): ControlAnswer {
  const { station, evse = 1 } = request;
  if (typeof evse !== "number" || !Number.isInteger(evse) || evse < 1 || evse > CONTROL_EVSE_MAX) {
    return refusal("CONTROL_BAD_EVSE", `found ${shown(evse)}, expected a whole number from 1 to ${CONTROL_EVSE_MAX}`);
  }
  if (typeof station !== "string" || station.length > 2 * DEVICE_ID_BYTES) {
    return refusal("CONTROL_BAD_STATION", `found ${shown(station)}, expected a device id`);
  }
  if (config.role !== "vehicle") {
    return refusal(
      "CONTROL_WRONG_ROLE",
      `only a vehicle gateway chooses an outlet; this is one of role ${config.role}`,
    );
  }
  const found = findStation(gateway, station);
  if (!found.ok) return found.answer;
  gateway.role.chargeAt(found.did, evse);
  return { ok: true, station: toHex(found.did), evse };
}

function end({ role }: ControlledGateway): ControlAnswer {
  if (!role.isCharging) return refusal("CONTROL_NOT_CHARGING", "no charge is running");
  role.endCharge();
  return { ok: true };
}

type FoundStation =
  { readonly ok: true; readonly did: Uint8Array } | { readonly ok: false; readonly answer: ControlAnswer };

/** A full id is believed as it is: its owner may not be known here yet. Shorter ones are sought among the members. */
function findStation({ ledger }: ControlledGateway, text: string): FoundStation {
  const full = fromHex(text);
  if (full?.length === DEVICE_ID_BYTES) return { ok: true, did: full };
  const stations = [...ledger.chain.pending.members.entries().values()].filter(({ role }) => role === "station");
  const wanted = [topicForm(text), displayForm(text)];
  const matching = stations.filter(
    ({ did }) => wanted.includes(topicDeviceId(did)) || wanted.includes(shortDeviceId(did)),
  );
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return { ok: true, did: only.did };
  if (matching.length > 1) {
    const message = "more than one station has this short id; give all 64 digits";
    return { ok: false, answer: refusal("CONTROL_AMBIGUOUS_STATION", message) };
  }
  const known = stations.map(({ did }) => shortDeviceId(did)).join(", ");
  const message = `found ${shown(text)}, known stations: ${known === "" ? "none yet" : known}`;
  return { ok: false, answer: refusal("CONTROL_UNKNOWN_STATION", message) };
}

function topicForm(text: string): string {
  return text.toLowerCase();
}

/** As a person copies it from a post: in any case, with dashes, and with letters that base 32 has not got. */
function displayForm(text: string): string {
  return text.toUpperCase().replaceAll(/[-\s]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80);
}
