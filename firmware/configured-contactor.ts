/** A contactor's lines as its guard gets them: what the configuration says, and for the rest what the board has. */
import type { GpioInput, GpioLine } from "#config/charge-point-config.ts";
import type { ChargerConfig } from "#config/gateway-config.ts";
import type { ContactorInput, ContactorWiring } from "#hal/charge-points/contactor-lines.ts";
import type { LineRequest } from "#hal/ports/gpio-chip.ts";
import type { BoardLine, LinePurpose } from "#boards/board.ts";
import { MEMORY_CHIP } from "#boards/open-board-chip.ts";
import { configuredBoard } from "./configured-board.ts";
import { GatewayError } from "./gateway-error.ts";
import type { Duty } from "./guard/guard-message.ts";

/** @throws GatewayError CONFIG_INVALID when neither says which line it is */
export function contactorDuty(config: ChargerConfig): Extract<Duty, { readonly kind: "contactor" }> {
  const own = config.chargePoint;
  if (own.kind !== "contactor") throw invalid("driver", `found ${own.driver}, expected gpio-contactor`);
  const board = configuredBoard(config);
  const served = board.ok ? board.value : undefined;
  const line = (purpose: LinePurpose): BoardLine | undefined =>
    served?.lines.find((candidate) => candidate.purpose === purpose);
  const chip = own.chip ?? served?.board.gpioChip;
  if (chip === undefined || chip === MEMORY_CHIP) {
    throw invalid(
      "chip",
      "give the label of the chip as `gpiodetect` shows it, or the path of a simulated one's socket",
    );
  }
  const contactor = own.contactor ?? fromBoard(line("contactor"));
  if (contactor === undefined) throw invalid("contactor", 'give the line of the contactor\'s relay, such as "GPIO17"');
  const plug = own.plug ?? fromBoard(line("plug-detection"));
  if (plug === undefined) {
    throw invalid("plug", 'give the line that tells that a car is plugged in, or "always" where nothing tells');
  }
  const feedback = own.feedback ?? fromBoard(line("contactor-feedback"));
  const stopButton = own.stopButton ?? fromBoard(line("stop-button"));
  const emergencyStop = own.emergencyStop ?? fromBoard(line("emergency-stop"));
  const wiring: ContactorWiring = {
    contactor: outputOf(contactor),
    ...(feedback === undefined ? {} : { feedback: inputOf(feedback) }),
    ...(stopButton === undefined ? {} : { stopButton: inputOf(stopButton) }),
    ...(emergencyStop === undefined ? {} : { emergencyStop: inputOf(emergencyStop) }),
    plug: plug === "always" ? plug : inputOf(plug),
  };
  const circuitA = own.circuitA ?? config.charger.current_max_a;
  if (circuitA > config.charger.current_max_a) {
    throw invalid("circuit_a", `${circuitA} A is more than charger.current_max_a, and a contactor cannot limit it`);
  }
  return { kind: "contactor", chip, settings: { ...wiring, circuitA } };
}

/** By its offset, for kernels name some lines otherwise than people do. */
function fromBoard(line: BoardLine | undefined): GpioInput | undefined {
  return line === undefined ? undefined : { line: line.offset, activeLow: line.activeLow, bias: line.bias };
}

function outputOf({ line, activeLow }: GpioLine): LineRequest {
  return { line, ...(activeLow ? { activeLow } : {}) };
}

function inputOf(input: GpioInput): ContactorInput {
  return { ...outputOf(input), bias: input.bias };
}

function invalid(key: string, advice: string): GatewayError {
  return new GatewayError("CONFIG_INVALID", `charge_point.${key}: ${advice}`);
}
