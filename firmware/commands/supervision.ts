/**
 * What the supervisor of a running gateway is told. Signs of life come from the event loop, so one that hangs gives
 * none; and they stop for good once the gateway knows that it cannot do its work: a new start may be able to. A meter
 * that is silent is no reason, a new start would not make it speak.
 */
import { openServiceNotify } from "#hal/linux/service-notify.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import type { Cancel, Clock } from "#hal/ports/clock.ts";
import type { Supervisor, SupervisorFault, SupervisorNews } from "#hal/ports/supervisor.ts";
import type { EmitEvent } from "#services/events.ts";
import type { CommandIo } from "./command-io.ts";
import { ServiceStatus } from "./service-status.ts";

export interface SupervisionParts {
  /** Undefined: nobody asked. */
  readonly supervisor: Supervisor | undefined;
  readonly clock: Clock;
  /** The supervisor could not be told; called once until it can be told again. */
  readonly onFault: (fault: SupervisorFault) => void;
}

/** As the environment of this process asks for it. A supervisor that cannot be told is said, and is no failure. */
export async function openSupervision(io: Pick<CommandIo, "env" | "err">): Promise<Supervision> {
  const onFault = (fault: SupervisorFault): void => {
    io.err(`the service's supervisor cannot be told how it goes: ${describeSupervisorFault(fault)}`);
  };
  const opened = await openServiceNotify({ env: io.env, pid: process.pid });
  if (!opened.ok) onFault(opened.fault);
  return new Supervision({ supervisor: opened.ok ? opened.value : undefined, clock: new SystemClock(), onFault });
}

export class Supervision {
  readonly #parts: SupervisionParts;
  readonly #status = new ServiceStatus();
  #phase: "starting" | "running" | "ending" = "starting";
  #toldStatus = "";
  #isUnreachable = false;
  #cancelBeat: Cancel = () => undefined;
  #findTrouble: () => string | undefined = () => undefined;

  constructor(parts: SupervisionParts) {
    this.#parts = parts;
  }

  /** Listens to the gateway: a change of its state is told. */
  readonly take: EmitEvent = (name, event) => {
    this.#status.take(name, event);
    if (this.#phase === "running" && this.#status.text !== this.#toldStatus) this.#tell({});
  };

  /** The gateway has started. `findTrouble` says why it cannot do its work, although its loop turns. */
  ready(findTrouble: () => string | undefined): void {
    if (this.#phase !== "starting") return;
    this.#phase = "running";
    this.#findTrouble = findTrouble;
    this.#tell({ ready: true });
    this.#beat();
  }

  /** It was asked to end. The time that this may take is the supervisor's to limit. */
  stop(): void {
    this.#end({ stopping: true, status: "stopping" });
  }

  /** It cannot go on. Its last steps have the time of one more sign of life. */
  fail(reason: string): void {
    this.#end({ alive: true, status: `failed: ${reason}` });
  }

  #end(news: SupervisorNews): void {
    if (this.#phase === "ending") return;
    this.#phase = "ending";
    this.#cancelBeat();
    this.#tell(news);
  }

  #beat(): void {
    const { supervisor, clock } = this.#parts;
    if (supervisor?.watchdogMs === undefined || this.#phase !== "running") return;
    const trouble = this.#findTrouble();
    if (trouble === undefined) this.#tell({ alive: true });
    else this.#tell({ status: trouble });
    this.#cancelBeat = clock.wakeAt(clock.monotonicMs() + supervisor.watchdogMs / 2, () => {
      this.#beat();
    });
  }

  #tell(news: SupervisorNews): void {
    const { supervisor, onFault } = this.#parts;
    if (supervisor === undefined) return;
    this.#toldStatus = this.#status.text;
    const told = supervisor.tell({ status: this.#toldStatus, ...news });
    if (!told.ok && !this.#isUnreachable) onFault(told.fault);
    this.#isUnreachable = !told.ok;
  }
}

export function describeSupervisorFault(fault: SupervisorFault): string {
  switch (fault.code) {
    case "SUPERVISOR_BINDING_MISSING":
      return `${fault.code} (${fault.reason})`;
    case "SUPERVISOR_ADDRESS":
      return `${fault.code} (NOTIFY_SOCKET is ${fault.address})`;
    case "SUPERVISOR_UNREACHABLE":
      return `${fault.code} (error ${fault.errno})`;
  }
}
