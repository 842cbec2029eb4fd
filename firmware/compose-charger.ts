/** Opens what only a charger gateway has on a board: the meter and the charge point on their lines. */
import { assembleCharger } from "./assemble-charger.ts";
import type { RoleParts, RoleService } from "./assemble-gateway.ts";
import { GatewayError } from "./gateway-error.ts";
import { openMeter } from "./open-meter.ts";
import type { ChargerConfig, Line } from "#config/gateway-config.ts";
import { chargePointModel, chargePointModelNames } from "#hal/charge-points/registry.ts";
import { permissibleErrorPpm } from "#core/metering/permissible-error.ts";
import { openRegisterBus, type BusEndpoint } from "#hal/linux/modbus/open-register-bus.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";

export async function composeCharger(
  config: ChargerConfig,
  home: string,
  deviceClock: Clock,
  parts: RoleParts,
): Promise<RoleService> {
  const makePoint = chargePointModel(config.chargePoint.driver);
  if (makePoint === undefined) {
    throw unknownModel("charge_point.driver", config.chargePoint.driver, chargePointModelNames());
  }
  const buses = new SharedBuses(deviceClock);
  const { meter: meterConfig, chargePoint: pointConfig } = config;
  const meter = await openMeter(config, home, { clock: deviceClock, busOn: (line) => buses.on(line) });
  const chargePoint = makePoint(
    { bus: buses.on(pointConfig.line), clock: deviceClock },
    { unit: pointConfig.unit, ...(pointConfig.pauseMs === undefined ? {} : { pauseMs: pointConfig.pauseMs }) },
  );
  const { charger, tariff } = config;
  const role = await assembleCharger(
    { meter, chargePoint },
    {
      evse: charger.evse,
      currentMaxA: charger.current_max_a,
      ...(meterConfig.serialNumber === undefined ? {} : { meterSerialNumber: meterConfig.serialNumber }),
      graceSeconds: tariff.graceSeconds,
      facts: {
        powerMaxW: charger.power_max_w,
        energyMaxMilliWh: Math.round(charger.session_max_kwh * 1_000_000),
        durationMaxSeconds: charger.session_max_hours * 3600,
        currency: tariff.currency,
        currencyDigits: tariff.currencyDigits,
        tariff: tariff.bands,
        stationMpePpm: stationErrorPpm(config.meter),
        stationMeasuringPoint: config.meter.measuringPoint,
      },
    },
    parts,
  );
  return {
    ...{ endCharge: role.endCharge, chargeAt: role.chargeAt, takeReply: role.takeReply },
    get isCharging() {
      return role.isCharging;
    },
    start: async () => {
      chargePoint.start();
      await role.start();
    },
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

function unknownModel(key: string, found: string, known: readonly string[]): GatewayError {
  return new GatewayError("CONFIG_INVALID", `${key}: found "${found}", allowed: ${known.join(", ")}`);
}

/** Devices on one line share its bus: a line has room for one request at a time. */
class SharedBuses {
  readonly #clock: Clock;
  readonly #buses = new Map<string, RegisterBus>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  on(line: Line): RegisterBus {
    const key = line.kind === "serial" ? line.path : `${line.host}:${line.port}`;
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

function endpointOf(line: Line): BusEndpoint {
  return line.kind === "tcp" ? line : { ...line, dataBits: 8, echoes: line.echo };
}
