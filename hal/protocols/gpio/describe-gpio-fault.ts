/** What happened to a GPIO chip or line, and what a person can do about it, in one sentence. */
import type { GpioFault } from "#hal/ports/gpio-chip.ts";

export function describeGpioFault(fault: GpioFault): string {
  const [happened, whatToDo] = sentencesOf(fault);
  return whatToDo === "" ? happened : `${happened}: ${whatToDo}`;
}

function sentencesOf(fault: GpioFault): readonly [happened: string, whatToDo: string] {
  switch (fault.code) {
    case "GPIO_CHIP_MISSING":
      return [`there is no GPIO chip ${fault.label}`, listOf(fault.found)];
    case "GPIO_DENIED":
      return [
        `this user may not open ${fault.path}`,
        "add it to the group that owns the file (gpio on Raspberry Pi OS) and start again",
      ];
    case "GPIO_BINDING_MISSING":
      return [
        `the package koffi, which calls the kernel, cannot be loaded (${fault.reason})`,
        "run npm ci without --omit=optional",
      ];
    case "GPIO_LINE_MISSING":
      return [
        `chip ${fault.label} has no line ${fault.line}`,
        "the command gpioinfo of the package gpiod lists its lines",
      ];
    case "GPIO_LINE_BUSY":
      return [
        `line ${fault.line} is held by ${fault.holder ?? "somebody else"}`,
        "stop that program, or free the line in the board's device tree",
      ];
    case "GPIO_CLOSED":
      return ["the line has been released or its chip closed", ""];
    case "GPIO_FAILED":
      return ["the kernel refused", fault.reason];
  }
}

function listOf(labels: readonly string[]): string {
  return labels.length === 0 ? "this machine has none that this user can open" : `there is ${labels.join(", ")}`;
}
