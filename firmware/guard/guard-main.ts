/**
 * The guard: a small process that the gateway starts, and that opens the contactor when the gateway cannot. It lives as
 * long as its end of the pipe (descriptor 3) is open, and after that until its duty is done.
 */
import { setPriority } from "node:os";
import { Socket } from "node:net";
import { GpioContactor } from "#hal/charge-points/gpio-contactor.ts";
import { openGpioChip } from "#hal/linux/gpio/open-gpio-chip.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { GpioChip, GpioFault } from "#hal/ports/gpio-chip.ts";
import { describeGpioFault } from "#hal/protocols/gpio/describe-gpio-fault.ts";
import { LineCutter } from "#hal/protocols/line-cutter.ts";
import type { Result } from "#base/result.ts";
import { ContactorDuty } from "./contactor-duty.ts";
import { BUSY_LINES_MS, MESSAGE_BYTES_MAX } from "./guard-limits.ts";
import { decodeBeat, decodeDuty, encodeMessage, type Beat, type Duty, type FromGuard } from "./guard-message.ts";

interface RunningDuty {
  beat(beat: Beat): void;
  end(): Promise<void>;
}

const GATEWAY = process.ppid;
const clock = new SystemClock();
const pipe = new Socket({ fd: 3, readable: true, writable: true });
const cutter = new LineCutter(MESSAGE_BYTES_MAX);
let begun: Promise<RunningDuty | undefined> | undefined;
let running: RunningDuty | undefined;
let isEnding = false;

pipe.setEncoding("utf8");
pipe.on("data", (chunk: string) => {
  const lines = cutter.cut(chunk);
  for (const line of lines ?? []) take(line);
  if (lines === undefined) void end();
});
pipe.on("end", () => void end());
pipe.on("close", () => void end());
pipe.on("error", () => void end());

// A terminal and a supervisor signal every process of a gateway: it is the gateway that decides when this one ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

try {
  // Only root may; a guard that waits for a processor is late.
  setPriority(-10);
} catch {
  // The limits hold without it.
}

function take(line: string): void {
  if (begun === undefined) {
    begun = begin(decodeDuty(line));
    return;
  }
  const beat = decodeBeat(line);
  // Signs of life that come before it is ready are of no use: the gateway waits until it is.
  if (beat !== undefined) running?.beat(beat);
}

async function begin(duty: Duty | undefined): Promise<RunningDuty | undefined> {
  if (duty === undefined) {
    refuse("the gateway named no duty that this guard knows");
    return undefined;
  }
  running = duty.kind === "contactor" ? await beginContactor(duty) : await beginLastWill(duty);
  return running;
}

async function beginContactor({
  chip,
  settings,
}: Extract<Duty, { readonly kind: "contactor" }>): Promise<RunningDuty | undefined> {
  const opened = await openChip(chip);
  if (!opened.ok) {
    refuse(describeGpioFault(opened.fault));
    return undefined;
  }
  const ways: { duty?: ContactorDuty } = {};
  const parts = { chip: opened.value, clock, onChange: () => ways.duty?.tell() };
  const busyUntilMs = clock.monotonicMs() + BUSY_LINES_MS;
  let held = GpioContactor.hold(parts, settings);
  while (!held.ok && held.fault.code === "GPIO_LINE_BUSY" && clock.monotonicMs() < busyUntilMs) {
    await pass(50);
    held = GpioContactor.hold(parts, settings);
  }
  if (!held.ok) {
    refuse(describeGpioFault(held.fault));
    return undefined;
  }
  const duty = new ContactorDuty({
    ...{ contactor: held.value, clock, report: tell, afterReading },
    onHelpless: () => {
      process.exit(1);
    },
  });
  ways.duty = duty;
  tell({ kind: "ready", inheritsArmed: false });
  return duty;
}

async function beginLastWill(duty: Extract<Duty, { readonly kind: "last-will" }>): Promise<RunningDuty | undefined> {
  // Loaded now and not in need: the flash that they lie on may be what the gateway died of.
  const { beginLastWill: begin } = await import("./begin-last-will.ts");
  const begunWill = await begin(duty, { clock, report: tell, afterReading, endGateway, isOrphan: () => isEnding });
  if (!begunWill.ok) {
    refuse(begunWill.fault.reason);
    return undefined;
  }
  tell({ kind: "ready", inheritsArmed: begunWill.value.isArmed });
  return begunWill.value;
}

function openChip(chip: string): Promise<Result<GpioChip, GpioFault>> {
  return chip.includes("/")
    ? import("#hal/mock/gpio/open-socket-gpio.ts").then(({ openSocketGpio }) => openSocketGpio(chip, { clock }))
    : openGpioChip(chip, { clock });
}

function tell(message: FromGuard): void {
  if (!pipe.destroyed && !isEnding) pipe.write(encodeMessage(message));
}

function refuse(reason: string): void {
  tell({ kind: "failed", reason });
  pipe.end();
}

/** Immediates come after what is waiting in the pipe has been read. */
function afterReading(action: () => void): void {
  setImmediate(() => setImmediate(action));
}

/** Only as long as it is still our parent: the number of a process that has died may be another's. */
function endGateway(): void {
  if (process.ppid === GATEWAY) process.kill(GATEWAY, "SIGKILL");
}

async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  const duty = running ?? (await begun);
  await duty?.end();
  process.exit(0);
}

function pass(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.wakeAt(clock.monotonicMs() + durationMs, resolve);
  });
}
