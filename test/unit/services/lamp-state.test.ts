/** What the lamps show for what a gateway tells, and which of two things wins. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { IndicatorState } from "#hal/ports/indicator.ts";
import { GATEWAY_EVENT_NAMES, type GatewayEvents } from "#services/events.ts";
import {
  indicatorStateOf,
  lampsAtStart,
  lookAtTime,
  REFUSAL_SHOWN_MS,
  stepLamps,
  type LampState,
} from "#services/lamp-state.ts";
import { LampService } from "#services/lamp-service.ts";

type News = {
  readonly [Name in keyof GatewayEvents]: readonly [name: Name, event: Parameters<GatewayEvents[Name]>[0]];
}[keyof GatewayEvents];

const OWN = "aa".repeat(32);
const OTHER = "bb".repeat(32);

const started: News = ["started", { name: "g", did: "00", serial: 0 }];
const meshUp: News = ["meshConnected", { up: true }];
const meshDown: News = ["meshConnected", { up: false }];
const plugged: News = ["plugged", { evse: 1, plugged: true }];
const unplugged: News = ["plugged", { evse: 1, plugged: false }];
const meterLost: News = ["meterLost", { code: "METER_SILENT", detail: "{}" }];
const meterBack: News = ["meterBack", { awayMs: 1 }];
const tariffLost: News = ["tariffLost", { code: "TARIFF_NOT_VALID", detail: "" }];
const refusal: News = ["refused", { what: "charge point", code: "CHARGE_POINT_REFUSED", count: 1 }];

function signed(address = OWN): News {
  return ["contractSigned", { address, station: "", vehicle: "", evse: 1 }];
}

function power(flowing: boolean, reason: string): News {
  return ["powerChanged", { address: OWN, flowing, reason }];
}

function report(role: "station" | "vehicle", sequence: number, energyMilliWh: number): News {
  return ["reportSigned", { address: OWN, role, sequence, energyMilliWh }];
}

function completed(reason: string): News {
  return ["completed", { address: OWN, role: "station", reason }];
}

function standing(idle: boolean): News {
  return ["idleChanged", { address: OWN, role: "station", idle }];
}

type ResultEvent = Parameters<GatewayEvents["resultRecorded"]>[0];

function result(state: ResultEvent["state"], verdict: ResultEvent["verdict"], address = OWN): News {
  return ["resultRecorded", { address, serial: 1, state, verdict, billedMilliWh: 0, amount: 0 }];
}

const RUNNING = [meshUp, started];
const CHARGING = [...RUNNING, plugged, signed(), power(true, "agreed")];
const DISPUTED = [...CHARGING, completed("finished"), power(false, "finished"), result("DISPUTED", "DISAGREE")];

function stateAfter(news: readonly News[], role: LampState["role"] = "station"): LampState {
  return news.reduce((state, [name, event]) => stepLamps(state, name, event, 0), lampsAtStart(role));
}

const test = suite("lamps of a gateway");

const SHOWN: readonly (readonly [claim: string, news: readonly News[], shown: IndicatorState])[] = [
  ["nothing told yet is starting", [], "starting"],
  ["the mesh alone is still starting", [meshUp], "starting"],
  ["started and connected is ready", RUNNING, "ready"],
  ["started without a mesh", [started], "noNetwork"],
  ["a mesh that goes", [...RUNNING, meshDown], "noNetwork"],
  ["a mesh that comes back", [...RUNNING, meshDown, meshUp], "ready"],
  ["a plug", [...RUNNING, plugged], "plugged"],
  ["a plug that is pulled", [...RUNNING, plugged, unplugged], "ready"],
  [
    "a failed handshake leaves it plugged",
    [...RUNNING, plugged, ["handshakeEnded", { committed: false, code: "X" }]],
    "plugged",
  ],
  ["a contract, before power", [...RUNNING, plugged, signed()], "agreeing"],
  ["its start registers are waited for", [...RUNNING, plugged, signed(), power(false, "start-registers")], "agreeing"],
  ["power", CHARGING, "charging"],
  ["a station's own report is no news", [...CHARGING, report("station", 1, 5)], "charging"],
  ["credit that is used up holds the charge back", [...CHARGING, power(false, "credit-exhausted")], "attention"],
  ["a report that does not come holds it back", [...CHARGING, power(false, "report-overdue")], "attention"],
  ["a ledger that is behind holds it back", [...CHARGING, power(false, "ledger-behind")], "attention"],
  ["a pause that passes", [...CHARGING, power(false, "report-overdue"), power(true, "agreed")], "charging"],
  ["an end", [...CHARGING, power(false, "finished")], "plugged"],
  [
    "an end for want of a meter is an end",
    [...CHARGING, completed("meter-absent"), power(false, "meter-absent")],
    "plugged",
  ],
  [
    "reports after the end do not begin it again",
    [...CHARGING, completed("finished"), report("station", 9, 9)],
    "plugged",
  ],
  ["a charge whose plug is pulled", [...CHARGING, unplugged], "ready"],
  ["an end in disagreement", [...CHARGING, completed("disagreement")], "attention"],
  ["a disputed result", DISPUTED, "attention"],
  ["a disputed result stays when the car has gone", [...DISPUTED, unplugged], "attention"],
  ["a revision that settles it", [...DISPUTED, unplugged, result("SETTLED", "AGREE")], "ready"],
  ["the next car is not told of it", [...DISPUTED, unplugged, plugged, signed(OTHER)], "agreeing"],
  ["a dispute of others", [...RUNNING, result("DISPUTED", "DISAGREE", OTHER)], "ready"],
  ["an inconclusive verdict", [...CHARGING, completed("finished"), result("SETTLED", "INCONCLUSIVE")], "plugged"],
  ["a station without its meter", [...RUNNING, meterLost], "attention"],
  ["a meter that is back", [...RUNNING, meterLost, meterBack], "ready"],
  ["an order that the charge point refuses", [...RUNNING, refusal], "attention"],
  ["an order that it takes again", [...CHARGING, refusal, power(false, "finished")], "plugged"],
  ["a car that stands on", [...CHARGING, standing(true)], "plugged"],
  ["a car that stands on and takes energy again", [...CHARGING, standing(true), standing(false)], "charging"],
  ["no tariff that holds now", [...RUNNING, tariffLost], "attention"],
  ["a tariff that holds again", [...RUNNING, tariffLost, ["tariffBack", {}]], "ready"],
  ["other refusals are for the log", [...RUNNING, ["refused", { what: "fact", code: "X", count: 1 }]], "ready"],
  [
    "a lamp that cannot be used shows nothing",
    [...RUNNING, ["boardFailed", { part: "l", code: "X", detail: "" }]],
    "ready",
  ],
  ["what is to be looked at wins over the mesh", [...RUNNING, meterLost, meshDown], "attention"],
  ["the mesh wins over the charge", [...CHARGING, meshDown], "noNetwork"],
];

for (const [claim, news, shown] of SHOWN) {
  test(`${claim}: ${shown}`, () => {
    assert.is(indicatorStateOf(stateAfter(news)), shown);
  });
}

const IN_CAR: readonly (readonly [claim: string, news: readonly News[], shown: IndicatorState])[] = [
  ["a sleeping car", [...RUNNING, meterLost], "ready"],
  ["a car that falls silent in its charge", [...RUNNING, signed(), meterLost], "attention"],
  ["a start register of nothing", [...RUNNING, signed(), report("vehicle", 0, 0)], "agreeing"],
  ["a register that grows", [...RUNNING, signed(), report("vehicle", 0, 0), report("vehicle", 1, 3)], "charging"],
  ["a charge found open after a restart", [...RUNNING, report("vehicle", 7, 50)], "charging"],
  ["its end", [...RUNNING, signed(), report("vehicle", 1, 3), completed("finished")], "ready"],
];

for (const [claim, news, shown] of IN_CAR) {
  test(`in a vehicle, ${claim}: ${shown}`, () => {
    assert.is(indicatorStateOf(stateAfter(news, "vehicle")), shown);
  });
}

test("an error wins over everything, and a wrong date over the mesh", () => {
  const all = { ...stateAfter([...DISPUTED, meshDown]), isClockKnown: false };
  assert.is(indicatorStateOf({ ...all, hasFailed: true }), "fault");
  assert.is(indicatorStateOf(all), "attention");
  assert.is(indicatorStateOf({ ...all, isLastDisputed: false }), "noClock");
  assert.is(indicatorStateOf({ ...all, isLastDisputed: false, isClockKnown: true }), "noNetwork");
});

test("what the charge point refused is shown for a while after the last time", () => {
  const refused = stepLamps(stateAfter(RUNNING), ...refusal, 1_000);
  const at = (monotonicMs: number): IndicatorState =>
    indicatorStateOf(lookAtTime(refused, { monotonicMs, isClockKnown: true }));
  assert.is(at(1_000 + REFUSAL_SHOWN_MS - 1), "attention");
  assert.is(at(1_000 + REFUSAL_SHOWN_MS), "ready");
});

test("however many charges there are, few are remembered, the newest first", () => {
  const many = Array.from({ length: 40 }, (_, index) => signed(String(index)));
  const state = stateAfter([...RUNNING, ...many]);
  assert.ok(state.own.length <= 16);
  assert.ok(state.own.includes("39"));
  assert.is(indicatorStateOf(stateAfter([...RUNNING, ...many, result("DISPUTED", "NONE", "39")])), "attention");
});

test("every event is known", () => {
  assert.ok(GATEWAY_EVENT_NAMES.includes("boardFailed"));
});

test("the service shows what it takes, looks at the date by itself, and is dark after its end", async () => {
  const clock = new SimulatedClock();
  const shown: string[] = [];
  const indicator = { show: (state: string) => shown.push(state), close: () => shown.push("dark") };
  const service = new LampService({
    clock,
    role: "station",
    indicator: { ...indicator, show: (s) => void shown.push(s) },
  });
  let isClockKnown = true;
  service.start();
  service.watchClock(() => isClockKnown);
  service.take(...meshUp);
  service.take(...started);
  isClockKnown = false;
  await clock.runUntil(6_000);
  service.fail();
  service.take(...meterLost);
  service.stop();
  assert.equal(
    shown.filter((state, index) => state !== shown[index - 1]),
    ["starting", "ready", "noClock", "fault", "dark"],
  );
  assert.is(clock.pendingWakes, 0);
});

test.run();
