/**
 * Opens the way to a car that a configuration or a command names: adapter or CAN bus, with the speed found or given.
 */
import { AUTOMATIC_BAUD, type VehicleLine as VehicleLineConfig } from "#config/vehicle-line-config.ts";
import { openSocketCan } from "#hal/linux/can/socket-can.ts";
import { SerialLink } from "#hal/linux/serial-link.ts";
import { TcpLink } from "#hal/linux/tcp-link.ts";
import type { ByteLink } from "#hal/ports/byte-link.ts";
import type { CanBus } from "#hal/ports/can-bus.ts";
import type { Clock } from "#hal/ports/clock.ts";
import { AutoBaudLink } from "#hal/vehicles/auto-baud-link.ts";
import { CanVehicleLine } from "#hal/vehicles/can-vehicle-line.ts";
import { ObdAdapter } from "#hal/vehicles/obd-adapter.ts";
import type { VehicleLine } from "#hal/vehicles/vehicle-line.ts";

/** Makes a line to the car that may enter these diagnostic sessions. One of them is in use at a time. */
export type MakeVehicleLine = (sessions: readonly number[]) => VehicleLine;

export interface OpenedVehicleLine {
  readonly makeLine: MakeVehicleLine;
  /** The link to an adapter; undefined where there is none between. */
  readonly link: ByteLink | undefined;
  /** Where it is and how fast, for people: such as `/dev/ttyUSB0 at 38400 baud`. */
  readonly describe: () => string;
  readonly close: () => Promise<void>;
}

/** @throws CanDriverError where the CAN interface, or the package for it, is not there. */
export async function openVehicleLine(line: VehicleLineConfig, clock: Clock): Promise<OpenedVehicleLine> {
  if (line.kind === "can") {
    const bus = await openSocketCan(line.interfaceName);
    const makeLine = (sessions: readonly number[]): VehicleLine =>
      new CanVehicleLine({ bus: lent(bus), clock }, { sessions });
    return { makeLine, link: undefined, describe: () => line.interfaceName, close: () => bus.close() };
  }
  const link = byteLink(line, clock);
  return {
    makeLine: (sessions) => new ObdAdapter({ link, clock }, sessions),
    link,
    describe: () => `${link.endpoint}${baudText(line, link)}`,
    close: () => link.close(),
  };
}

function byteLink(line: Exclude<VehicleLineConfig, { kind: "can" }>, clock: Clock): ByteLink {
  if (line.kind === "tcp") return new TcpLink({ host: line.host, port: line.port });
  const { path, parity, stopBits, baudRate } = line;
  const linkAt = (speed: number): ByteLink => new SerialLink({ path, parity, stopBits, dataBits: 8, baudRate: speed });
  return baudRate === AUTOMATIC_BAUD ? new AutoBaudLink({ clock, linkAt }) : linkAt(baudRate);
}

function baudText(line: VehicleLineConfig, link: ByteLink): string {
  if (line.kind !== "serial") return "";
  const baudRate = link instanceof AutoBaudLink ? link.baudRate : line.baudRate;
  return baudRate === undefined ? "" : ` at ${baudRate} baud`;
}

/** The bus outlives the lines that are made on it: one that asks which car this is, and one that reads it. */
function lent(bus: CanBus): CanBus {
  return {
    endpoint: bus.endpoint,
    send: (frame) => bus.send(frame),
    onFrame: (listener) => bus.onFrame(listener),
    close: () => Promise.resolve(),
  };
}
