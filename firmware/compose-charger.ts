/** Opens what only a charger gateway has on a board: the meter and the charge point on their lines. */
import { assembleCharger } from "./assemble-charger.ts";
import type { RoleParts, RoleService } from "./assemble-gateway.ts";
import { composeChargePoint, endpointOf } from "./compose-charge-point.ts";
import { configuredDeviceId } from "./configured-device-id.ts";
import { configuredCode } from "./contract-source.ts";
import { gatewayPlaces } from "./gateway-places.ts";
import { openMeter } from "./open-meter.ts";
import { checkPlugIsSeen, configuredTariff } from "./tariff-source.ts";
import type { ChargerConfig, Line } from "#config/gateway-config.ts";
import { linePlace } from "#config/line-config.ts";
import { EXPOSURE_UNLIMITED_MILLI_WH } from "#core/contract/terms.ts";
import { permissibleErrorPpm } from "#core/metering/permissible-error.ts";
import { openRegisterBus } from "#hal/linux/modbus/open-register-bus.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";

export async function composeCharger(
  config: ChargerConfig,
  home: string,
  deviceClock: Clock,
  parts: RoleParts,
): Promise<RoleService> {
  const buses = new SharedBuses(deviceClock);
  const { meter: meterConfig, charger } = config;
  const durationMaxSeconds = charger.session_max_hours * 3600;
  const nowSeconds = Math.floor(parts.clock.wallMs() / 1000);
  const tariff = await configuredTariff(config.tariff, { home, durationMaxSeconds, nowSeconds });
  checkPlugIsSeen(config.chargePoint, tariff(nowSeconds));
  const { contractFile } = config.tariff;
  const code =
    contractFile === undefined ? undefined : await configuredCode(contractFile, home, "tariff.contract_file");
  const meter = await openMeter(config, home, { clock: deviceClock, busOn: (line) => buses.on(line) });
  const point = composeChargePoint(config, {
    home: gatewayPlaces(config, home).state,
    clock: deviceClock,
    busOn: (line) => buses.on(line),
  });
  const role = await assembleCharger(
    { meter, chargePoint: point.chargePoint },
    {
      evse: charger.evse,
      currentMaxA: charger.current_max_a,
      ...(meterConfig.serialNumber === undefined ? {} : { meterSerialNumber: meterConfig.serialNumber }),
      graceSeconds: config.tariff.graceSeconds,
      ...(config.tariff.arbiter === undefined ? {} : { arbiter: configuredDeviceId(config.tariff.arbiter) }),
      tariff,
      ...(charger.bind === "none" ? {} : { bind: charger.bind }),
      reporting: {
        ...(charger.readings_per_report === undefined ? {} : { readingsPerReport: charger.readings_per_report }),
        ...(charger.exposure === "limited" ? {} : { exposureMilliWh: EXPOSURE_UNLIMITED_MILLI_WH }),
      },
      floorLimits: {
        energyMilliWh: Math.round(charger.offline_max_kwh * 1_000_000),
        charges: charger.offline_max_charges,
      },
      ...(code === undefined ? {} : { code }),
      facts: {
        powerMaxW: charger.power_max_w,
        energyMaxMilliWh: Math.round(charger.session_max_kwh * 1_000_000),
        durationMaxSeconds,
        stationMpePpm: stationErrorPpm(config.meter),
        stationMeasuringPoint: config.meter.measuringPoint,
      },
    },
    parts,
  );
  // Before the gateway is on the mesh: what an earlier life has left on is switched off as soon as may be.
  await point.start();
  return {
    ...{ endCharge: role.endCharge, chargeAt: role.chargeAt, takeReply: role.takeReply },
    ...(role.meter === undefined ? {} : { meter: role.meter }),
    get isCharging() {
      return role.isCharging;
    },
    get offerFault() {
      return role.offerFault;
    },
    start: () => role.start(),
    stop: async () => {
      await role.stop();
      await buses.close();
    },
  };
}

function stationErrorPpm(meter: ChargerConfig["meter"]): number {
  const { error_max_percent: stated, class: accuracy, temperature } = meter;
  return stated === undefined ? permissibleErrorPpm(accuracy, temperature) : Math.ceil(stated * 10_000);
}

/** Devices on one line share its bus: a line has room for one request at a time. */
class SharedBuses {
  readonly #clock: Clock;
  readonly #buses = new Map<string, RegisterBus>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  on(line: Line): RegisterBus {
    const key = linePlace(line);
    const known = this.#buses.get(key);
    if (known !== undefined) return known;
    const bus = openRegisterBus(endpointOf(line), this.#clock);
    this.#buses.set(key, bus);
    return bus;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#buses.values()].map((bus) => bus.close()));
  }
}
