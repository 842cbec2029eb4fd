/** The lines of a contactor on a GPIO chip: which they are, and holding all of them or none. */
import { ok, type Result } from "#base/result.ts";
import type { GpioChip, GpioFault, InputLine, InputRequest, LineRequest, OutputLine } from "#hal/ports/gpio-chip.ts";

export type ContactorInput = Omit<InputRequest, "debounceMs">;

export interface ContactorWiring {
  /** Active closes the contactor. Inactive is what its resistor has to hold while nobody holds the line. */
  readonly contactor: LineRequest;
  /** Auxiliary contact; active while the contactor is closed. */
  readonly feedback?: ContactorInput;
  /** Active while it is pressed. */
  readonly stopButton?: ContactorInput;
  /** Active demands a stop. Wired so that a broken wire does: a closed contact at rest, against the pull. */
  readonly emergencyStop?: ContactorInput;
  /** Active while a car is plugged in; `always` where nothing tells. */
  readonly plug: ContactorInput | "always";
}

export type ContactorInputName = "feedback" | "stopButton" | "emergencyStop" | "plug";

export interface HeldContactor {
  readonly coil: OutputLine;
  readonly inputs: Readonly<Partial<Record<ContactorInputName, InputLine>>>;
  release(): void;
}

/**
 * @returns the fault of the first line that the chip refuses; then none is held. The coil is open from the beginning.
 */
export function holdContactor(
  chip: GpioChip,
  wiring: ContactorWiring,
  onChange: (name: ContactorInputName, isActive: boolean) => void,
): Result<HeldContactor, GpioFault> {
  const coil = chip.holdOutput({ ...wiring.contactor, isActive: false });
  if (!coil.ok) return coil;
  const inputs: Partial<Record<ContactorInputName, InputLine>> = {};
  const release = (): void => {
    coil.value.release();
    for (const input of Object.values(inputs)) input.release();
  };
  for (const [name, request] of inputsOf(wiring)) {
    const held = chip.holdInput({ ...request, debounceMs: DEBOUNCE_MS[name] }, (isActive) => {
      onChange(name, isActive);
    });
    if (!held.ok) {
      release();
      return held;
    }
    inputs[name] = held.value;
  }
  return ok({ coil: coil.value, inputs, release });
}

function inputsOf(wiring: ContactorWiring): readonly (readonly [ContactorInputName, ContactorInput])[] {
  const { feedback, stopButton, emergencyStop, plug } = wiring;
  return [
    ...(feedback === undefined ? [] : [["feedback", feedback] as const]),
    ...(stopButton === undefined ? [] : [["stopButton", stopButton] as const]),
    ...(emergencyStop === undefined ? [] : [["emergencyStop", emergencyStop] as const]),
    ...(plug === "always" ? [] : [["plug", plug] as const]),
  ];
}

/** A stop counts at once, but for what a spark of the contactor itself puts on a wire; a plug is pushed in slowly. */
const DEBOUNCE_MS: Readonly<Record<ContactorInputName, number>> = {
  emergencyStop: 5,
  stopButton: 20,
  feedback: 20,
  plug: 50,
};
