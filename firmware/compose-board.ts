/**
 * Opens what a box has for people: its lamps, and its stop button. None of it is needed to trade: what cannot be opened
 * is told once, and the gateway goes on without it.
 *
 * The lines of a contactor and of an emergency stop are not touched here; they are the charge point's.
 */
import { fail } from "#base/result.ts";
import type { BoardLine } from "#boards/board.ts";
import { openBoardChip } from "#boards/open-board-chip.ts";
import type { ServedBoard } from "#boards/serve-lines.ts";
import type { Role } from "#core/session/facts.ts";
import { openGpioBoard, type GpioBoard } from "#hal/linux/johnny-five/open-gpio-board.ts";
import type { Clock } from "#hal/ports/clock.ts";
import type { GpioChip, GpioFault } from "#hal/ports/gpio-chip.ts";
import type { Lamp } from "#hal/ports/indicator.ts";
import { describeGpioFault } from "#hal/protocols/gpio/describe-gpio-fault.ts";
import { LampIndicator } from "#hal/protocols/indicator/lamp-indicator.ts";
import type { LampColour } from "#hal/protocols/indicator/lamp-patterns.ts";
import type { EmitEvent } from "#services/events.ts";
import { LampService } from "#services/lamp-service.ts";

export interface BoardParts {
  readonly role: Role;
  /** The machine's. */
  readonly clock: Clock;
  readonly emit: EmitEvent;
  /** The chip of a test; else it is the board's own. */
  readonly chip?: GpioChip;
}

/** What a running gateway is to its box. */
export interface ServedGateway {
  readonly endCharge: () => void;
  /** False while the date of the machine cannot be right. */
  readonly isClockKnown: () => boolean;
}

export interface BoxPanel {
  /** Gets what the gateway tells. */
  readonly take: EmitEvent;
  /** The gateway has started: its stop button is read from now on. */
  serve(gateway: ServedGateway): Promise<void>;
  /** Shows from now on that the gateway is out of order. */
  fail(): void;
  /** Resolves when the lamps are dark; after `fail` a person has had the time to see it. */
  close(): Promise<void>;
}

/** A failure is shown so long before the process ends and nobody holds the lamps any more. */
export const FAILURE_SHOWN_MS = 5_000;
/** Shorter is no press of a hand. */
const BUTTON_DEBOUNCE_MS = 30;

/** Never rejects. Undefined where the configuration names no board: then there is nothing to serve. */
export async function composeBoard(served: ServedBoard | undefined, parts: BoardParts): Promise<BoxPanel> {
  if (served === undefined) return NO_PANEL;
  const chip = parts.chip === undefined ? await openChip(served, parts) : parts.chip;
  if (chip === undefined) return NO_PANEL;
  const box = new Box(chip, parts);
  const { status, attention } = await openLamps(served, box);
  const green = status ?? attention;
  const red = attention ?? status;
  if (green === undefined || red === undefined) return panelOf(served, box, undefined);
  const { clock, role, emit } = parts;
  const lamps: Readonly<Record<LampColour, Lamp>> = { green, blue: green, amber: red, red };
  const indicator = new LampIndicator({
    ...{ clock, lamps },
    onFault: (fault) => {
      tell(emit, "lamps", fault);
    },
  });
  const service = new LampService({ indicator, clock, role });
  service.start();
  return panelOf(served, box, service);
}

function panelOf(served: ServedBoard, box: Box, lamps: LampService | undefined): BoxPanel {
  const { clock } = box.parts;
  let failedAtMs: number | undefined;
  return {
    take: lamps?.take ?? (() => undefined),
    serve: async ({ endCharge, isClockKnown }) => {
      lamps?.watchClock(isClockKnown);
      const line = served.lines.find(({ purpose }) => purpose === "stop-button");
      if (line === undefined) return;
      const board = await box.open(line, "stop button");
      board?.button(line.offset, { onPress: endCharge });
    },
    fail: () => {
      failedAtMs ??= clock.monotonicMs();
      lamps?.fail();
    },
    close: async () => {
      if (failedAtMs !== undefined && lamps !== undefined) await until(failedAtMs + FAILURE_SHOWN_MS, clock);
      lamps?.stop();
      box.close();
    },
  };
}

const NO_PANEL: BoxPanel = {
  take: () => undefined,
  serve: () => Promise.resolve(),
  fail: () => undefined,
  close: () => Promise.resolve(),
};

async function openChip({ board }: ServedBoard, { clock, emit }: BoardParts): Promise<GpioChip | undefined> {
  const opened = await openBoardChip(board, clock);
  if (opened.ok) return opened.value;
  tell(emit, "lamps and stop button", opened.fault);
  return undefined;
}

async function openLamps(
  { lines }: ServedBoard,
  box: Box,
): Promise<{ readonly status: Lamp | undefined; readonly attention: Lamp | undefined }> {
  const lampOn = async (purpose: BoardLine["purpose"], name: string): Promise<Lamp | undefined> => {
    const line = lines.find((each) => each.purpose === purpose);
    return line === undefined ? undefined : (await box.open(line, name))?.lamp(line.offset);
  };
  return {
    status: await lampOn("status-lamp", "status lamp"),
    attention: await lampOn("attention-lamp", "attention lamp"),
  };
}

/** The lines of one box, each on its own: one that somebody else holds takes no other with it. */
class Box {
  readonly parts: BoardParts;
  readonly #chip: GpioChip;
  readonly #boards: GpioBoard[] = [];
  #isClosed = false;

  constructor(chip: GpioChip, parts: BoardParts) {
    this.#chip = chip;
    this.parts = parts;
  }

  async open({ offset, activeLow, direction, bias, purpose }: BoardLine, name: string): Promise<GpioBoard | undefined> {
    const request = { line: offset, ...(activeLow ? { activeLow } : {}) };
    const use =
      direction === "output"
        ? ({ kind: "output", ...request } as const)
        : ({ kind: "input", ...request, bias, debounceMs: BUTTON_DEBOUNCE_MS } as const);
    const opened = await openGpioBoard(this.#chip, [use]).catch((cause: unknown) =>
      fail({ code: "GPIO_FAILED", reason: cause instanceof Error ? cause.message : String(cause) } as const),
    );
    if (opened.ok && this.#isClosed) opened.value.close();
    else if (opened.ok) this.#boards.push(opened.value);
    else if (!isServedByUs(purpose, opened.fault)) tell(this.parts.emit, name, opened.fault);
    return opened.ok && !this.#isClosed ? opened.value : undefined;
  }

  close(): void {
    this.#isClosed = true;
    for (const board of this.#boards) board.close();
    this.#chip.close();
  }
}

/** A charge point on the same lines reads the button itself, and opens its contactor at once. */
function isServedByUs(purpose: BoardLine["purpose"], fault: GpioFault): boolean {
  return purpose === "stop-button" && fault.code === "GPIO_LINE_BUSY" && fault.holder === "tallystick";
}

function tell(emit: EmitEvent, part: string, fault: GpioFault): void {
  emit("boardFailed", { part, code: fault.code, detail: describeGpioFault(fault) });
}

function until(monotonicMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.wakeAt(monotonicMs, resolve);
  });
}
