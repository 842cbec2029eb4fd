/** A register bus on real hardware, from what a board or an installer says about the line. */
import { SerialLink } from "../serial-link.ts";
import { TcpLink } from "../tcp-link.ts";
import type { ByteLink, SerialSettings } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { Randomness } from "#hal/ports/randomness.ts";
import type { RegisterBus } from "#hal/ports/register-bus.ts";
import { RtuFraming } from "#hal/protocols/modbus/rtu-framing.ts";
import { TcpFraming } from "#hal/protocols/modbus/tcp-framing.ts";
import { SystemRandomness } from "../system-randomness.ts";
import { RTU_OVER_TCP_TIMING, serialTiming, TCP_TIMING } from "./line-timing.ts";
import { ModbusBus } from "./modbus-bus.ts";

export type BusEndpoint =
  | ({ readonly kind: "serial"; readonly echoes?: boolean } & SerialSettings)
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  /** A serial server that passes the bytes of its line on as they are. */
  | { readonly kind: "rtu-over-tcp"; readonly host: string; readonly port: number; readonly echoes?: boolean };

/**
 * Does not touch the line yet: the first request opens it. The clock is the machine's own, for devices live in its
 * time.
 */
export function openRegisterBus(endpoint: BusEndpoint, clock: Clock): RegisterBus {
  switch (endpoint.kind) {
    case "serial":
      return registerBusOver(new SerialLink(endpoint), endpoint, clock);
    case "tcp":
    case "rtu-over-tcp":
      return registerBusOver(new TcpLink(endpoint), endpoint, clock);
  }
}

/** The same over any link. Chance is for the times between attempts to open it. */
export function registerBusOver(
  link: ByteLink,
  endpoint: BusEndpoint,
  clock: Clock,
  randomness: Randomness = new SystemRandomness(),
): RegisterBus {
  const parts = { clock, link, randomness };
  if (endpoint.kind === "tcp") {
    return new ModbusBus({ ...parts, makeFraming: () => new TcpFraming(), timing: TCP_TIMING });
  }
  const timing = endpoint.kind === "serial" ? serialTiming(endpoint) : RTU_OVER_TCP_TIMING;
  const echoes = endpoint.echoes ?? false;
  return new ModbusBus({ ...parts, makeFraming: () => new RtuFraming({ echoes }), timing });
}
