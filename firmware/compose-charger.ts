/** Opens what only a charger gateway has on a board: the meter and the charge point on their lines. */
import { assembleCharger } from "./assemble-charger.ts";
import type { RoleParts, RoleService } from "./assemble-gateway.ts";
import { GatewayError } from "./gateway-error.ts";
import type { ChargerConfig, Line } from "#config/gateway-config.ts";
import { chargePointModel, chargePointModelNames } from "#hal/charge-points/registry.ts";
import { openRegisterBus, type BusEndpoint } from "#hal/linux/modbus/open-register-bus.ts";
import { ModbusMeter } from "#hal/meters/modbus-meter.ts";
import { meterModel, meterModelNames } from "#hal/meters/models/registry.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";

/** Maximum permissible errors of MID 2014/32/EU, annex V, table 2, from 5 to 30 °C and Imin up. */
const MPE_PPM = { A: 35_000, B: 20_000, C: 10_000 } as const;

export function composeCharger(config: ChargerConfig, deviceClock: Clock, parts: RoleParts): RoleService {
  const map = meterModel(config.meter.model);
  if (map === undefined) throw unknownModel("meter.model", config.meter.model, meterModelNames());
  const makePoint = chargePointModel(config.chargePoint.driver);
  if (makePoint === undefined) {
    throw unknownModel("charge_point.driver", config.chargePoint.driver, chargePointModelNames());
  }
  const buses = new SharedBuses(deviceClock);
  const { meter: meterConfig, chargePoint: pointConfig } = config;
  const pausing = meterConfig.pauseMs === undefined ? map : { ...map, pauseMs: meterConfig.pauseMs };
  const meter = new ModbusMeter(
    { bus: buses.on(meterConfig.line), clock: deviceClock },
    { map: pausing, unit: meterConfig.unit },
  );
  const chargePoint = makePoint(
    { bus: buses.on(pointConfig.line), clock: deviceClock },
    { unit: pointConfig.unit, ...(pointConfig.pauseMs === undefined ? {} : { pauseMs: pointConfig.pauseMs }) },
  );
  const { charger, tariff } = config;
  const role = assembleCharger(
    { meter, chargePoint },
    {
      evse: charger.evse,
      currentMaxA: charger.current_max_a,
      graceSeconds: tariff.graceSeconds,
      facts: {
        powerMaxW: charger.power_max_w,
        energyMaxMilliWh: Math.round(charger.session_max_kwh * 1_000_000),
        durationMaxSeconds: charger.session_max_hours * 3600,
        currency: tariff.currency,
        currencyDigits: tariff.currencyDigits,
        tariff: tariff.bands,
        stationMpePpm: MPE_PPM[config.meter.class],
        stationMeasuringPoint: "mains",
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
