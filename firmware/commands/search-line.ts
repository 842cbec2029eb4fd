/** What would be right when the configured way gets no answer. Short questions only: a meter is not pestered. */
import type { Clock } from "#hal/ports/clock.ts";
import type { BusFault, RegisterBus } from "#hal/ports/register-bus.ts";
import type { BusEndpoint } from "#hal/linux/modbus/open-register-bus.ts";
import { registerCount, type FactorySettings, type RegisterMap } from "#hal/protocols/modbus/register-map.ts";

export interface SearchTools {
  readonly clock: Clock;
  readonly openBus: (endpoint: BusEndpoint) => RegisterBus;
}

export interface Search<Endpoint extends BusEndpoint> {
  readonly endpoint: Endpoint;
  readonly unit: number;
  readonly map: RegisterMap;
}

type SerialEndpoint = Extract<BusEndpoint, { readonly kind: "serial" }>;

/** What the makers of energy meters set or offer, the usual first; before them, what the model has when new. */
const SPEEDS = [9600, 19_200, 2400, 115_200, 38_400, 57_600, 4800] as const;
const PARITIES = ["none", "even", "odd"] as const;
const UNITS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const;
/** A meter takes 20 to 100 ms. */
const ANSWER_MS = 300;
const DEADLINE_MS = 2_000;
/** A meter that has heard our question at the wrong speed needs a moment to see that it was none. */
const REST_MS = 50;

/** The settings of the line at which the unit answers, or undefined. The configured ones are not tried again. */
export async function findLineSettings(
  search: Search<SerialEndpoint>,
  tools: SearchTools,
): Promise<SerialEndpoint | undefined> {
  const { endpoint: configured, map } = search;
  const tried = new Set([settingsKey(configured)]);
  for (const settings of [map.factory ?? {}, ...usualSettings(configured.baudRate)]) {
    const endpoint = withSettings(configured, settings);
    if (tried.has(settingsKey(endpoint))) continue;
    tried.add(settingsKey(endpoint));
    if (await answers({ ...search, endpoint }, tools)) return endpoint;
  }
  return undefined;
}

function usualSettings(configuredBaud: number): readonly FactorySettings[] {
  const speeds = [configuredBaud, ...SPEEDS.filter((speed) => speed !== configuredBaud)];
  return speeds.flatMap((baudRate) => PARITIES.map((parity) => ({ baudRate, parity })));
}

function withSettings(endpoint: SerialEndpoint, settings: FactorySettings): SerialEndpoint {
  const { baudRate = endpoint.baudRate, parity = endpoint.parity, stopBits = endpoint.stopBits } = settings;
  return { ...endpoint, baudRate, parity, stopBits };
}

function settingsKey({ baudRate, parity, stopBits }: SerialEndpoint): string {
  return `${baudRate} ${parity} ${stopBits}`;
}

/** Which other units answer at the configured settings. */
export async function findAnsweringUnits(search: Search<BusEndpoint>, tools: SearchTools): Promise<readonly number[]> {
  const found: number[] = [];
  for (const unit of UNITS) {
    if (unit !== search.unit && (await answers({ ...search, unit }, tools))) found.push(unit);
  }
  return found;
}

/** Whether an intact answer comes; an exception is one too. */
async function answers(search: Search<BusEndpoint>, tools: SearchTools): Promise<boolean> {
  const { endpoint, unit, map } = search;
  const bus = tools.openBus(endpoint);
  const register = map.quantities.voltage[0] ?? map.quantities.power;
  const answer = await bus.read({
    unit,
    functionCode: register.functionCode ?? map.functionCode,
    address: register.address,
    count: registerCount(register),
    answerMs: ANSWER_MS,
    deadlineMs: DEADLINE_MS,
    priority: "normal",
    pauseMs: 0,
  });
  await bus.close();
  await new Promise<void>((resolve) => {
    tools.clock.wakeAt(tools.clock.monotonicMs() + REST_MS, resolve);
  });
  return answer.ok || isFromTheUnit(answer.fault);
}

/** A gateway's word that nobody is there is not the unit's own. */
function isFromTheUnit(fault: BusFault): boolean {
  return fault.code === "BUS_EXCEPTION" && fault.exception < 0x0a;
}
