/** What only the parts of the firmware know of a configuration: models, profiles, tariffs, contracts, boards. */
import type { GatewayConfig } from "#config/gateway-config.ts";
import { linePlace } from "#config/line-config.ts";
import type { ConfigFault } from "#config/shape.ts";
import { messageOf } from "#base/message-of.ts";
import { brokerTls } from "../../broker-tls.ts";
import { configuredCode } from "../../contract-source.ts";
import { GatewayError } from "../../gateway-error.ts";
import { chargingMeterModel } from "../../load-meter-model.ts";
import { configuredProfile } from "../../load-vehicle-profile.ts";
import { checkPlugIsSeen, configuredTariff } from "../../tariff-source.ts";
import { checkDevices } from "../check-devices.ts";

/**
 * @param home where the files are that the configuration names
 * @param nowSeconds unix time, as far as it is known
 */
export async function checkGateway(
  config: GatewayConfig,
  home: string,
  nowSeconds: number,
): Promise<readonly ConfigFault[]> {
  const faults = [checkDevices(config), sharedUnit(config)].filter((fault) => fault !== undefined);
  for (const check of checksOf(config, home, nowSeconds)) {
    const fault = await faultOf(check);
    // A device that is not known was told by its name already.
    if (fault !== undefined && !faults.some(({ path }) => path === fault.path)) faults.push(fault);
  }
  return faults;
}

/** Two devices of one bus that answer to the same number answer at once. */
function sharedUnit(config: GatewayConfig): ConfigFault | undefined {
  if (config.role !== "charger" || config.chargePoint.kind !== "bus") return undefined;
  const { meter, chargePoint } = config;
  const isShared = linePlace(meter.line) === linePlace(chargePoint.line) && meter.unit === chargePoint.unit;
  if (!isShared) return undefined;
  const expected = "another number than that of the meter, which is on the same line";
  return { code: "CONFIG_INVALID", path: "charge_point.unit", found: `${chargePoint.unit}`, expected };
}

type Check = () => Promise<unknown>;

function checksOf(config: GatewayConfig, home: string, nowSeconds: number): readonly Check[] {
  const { second } = config.broker;
  const broker = async (): Promise<void> => {
    await brokerTls(config.broker, home, "broker");
    if (second !== undefined) await brokerTls(second, home, "broker.second");
  };
  if (config.role === "arbiter") return [broker];
  if (config.role === "vehicle") {
    const { vehicle } = config;
    return [
      broker,
      () => configuredProfile(vehicle, home),
      ...vehicle.contracts.map((name) => () => configuredCode(name, home, "vehicle.contracts")),
    ];
  }
  const { meter, tariff, chargePoint, charger } = config;
  const place = { home, nowSeconds, durationMaxSeconds: charger.session_max_hours * 3600 };
  return [
    broker,
    () => chargingMeterModel(meter, home),
    async () => {
      checkPlugIsSeen(chargePoint, (await configuredTariff(tariff, place))(nowSeconds));
    },
    async () => {
      if (tariff.contractFile !== undefined) await configuredCode(tariff.contractFile, home, "tariff.contract_file");
    },
  ];
}

async function faultOf(check: Check): Promise<ConfigFault | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const message = messageOf(error).replace(/^CONFIG_INVALID: /, "");
    const { path = "", problem = message } =
      /^(?<path>[a-z_]+(?:\.[a-z_]+)*): (?<problem>.*)$/s.exec(message)?.groups ?? {};
    const { found, expected } = PARTS.exec(problem)?.groups ?? {};
    return { code: "CONFIG_INVALID", path, found: found ?? problem, expected: expected ?? "a file without mistakes" };
  }
}

const PARTS = /^(?:\S+: )?found (?<found>.*?), (?:expected|allowed:?) (?<expected>.*)$/s;
