/** The board that a configuration names, with its lines as they are wired there. */
import { fail, ok, type Result } from "#base/result.ts";
import { BOARDS, boardNamed } from "#boards/index.ts";
import { serveLines, type ServedBoard } from "#boards/serve-lines.ts";
import { BOARD_KEYS } from "#config/board-config.ts";
import type { ChargerConfig, GatewayConfig, Line } from "#config/gateway-config.ts";
import type { VehicleLine } from "#config/vehicle-line-config.ts";
import type { ConfigFault } from "#config/shape.ts";

/** Undefined where the configuration names none. A board or line that does not exist is refused with those that do. */
export function configuredBoard(config: GatewayConfig): Result<ServedBoard | undefined, ConfigFault> {
  if (config.board === undefined) return ok(undefined);
  const { name, overrides } = config.board;
  const board = boardNamed(name);
  if (board === undefined) {
    return invalid("board.name", name, `one of ${BOARDS.map((each) => each.name).join(", ")}`);
  }
  const served = serveLines(board, overrides, serialPathsOf(config));
  if (served.ok) return served;
  const { purpose, found, expected } = served.fault;
  const [key] = BOARD_KEYS.find(([, known]) => known === purpose) ?? [purpose];
  return invalid(`board.${key}`, found, expected);
}

function invalid(path: string, found: string, expected: string): Result<never, ConfigFault> {
  return fail({ code: "CONFIG_INVALID", path, found: JSON.stringify(found), expected });
}

/** The devices of the machine that this gateway opens. */
export function serialPathsOf(config: GatewayConfig): readonly string[] {
  return [...new Set(linesOf(config).flatMap((line) => (line.kind === "serial" ? [line.path] : [])))];
}

function linesOf(config: GatewayConfig): readonly (Line | VehicleLine)[] {
  if (config.role === "arbiter") return [];
  return config.role === "charger" ? chargerLinesOf(config) : [config.vehicle.line];
}

function chargerLinesOf({ meter, chargePoint }: ChargerConfig): readonly Line[] {
  return chargePoint.kind === "bus" ? [meter.line, chargePoint.line] : [meter.line];
}
