/**
 * systemd as the supervisor (sd_notify(3), sd_watchdog_enabled(3)): a datagram of `NAME=value` lines to the socket that
 * it names in the environment. The process itself sends, so `NotifyAccess=main` is enough.
 */
import { fail, ok, type Result } from "#base/result.ts";
import type { Supervisor, SupervisorFault, SupervisorNews } from "#hal/ports/supervisor.ts";
import { openUnixDatagram, unixAddress, type SendDatagram } from "./unix-datagram.ts";

export interface ServiceSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  /** Loads what sends; koffi costs 20 ms and 6 MB, which a gateway without a supervisor saves. */
  readonly open?: () => Promise<Result<SendDatagram, SupervisorFault>>;
}

/** @returns undefined when nobody asked for notice */
export async function openServiceNotify({
  env,
  pid,
  open = openUnixDatagram,
}: ServiceSurroundings): Promise<Result<Supervisor | undefined, SupervisorFault>> {
  const socket = env["NOTIFY_SOCKET"];
  if (socket === undefined || socket === "") return ok(undefined);
  const address = unixAddress(socket);
  if (address === undefined) return fail({ code: "SUPERVISOR_ADDRESS", address: socket });
  const opened = await open();
  if (!opened.ok) return opened;
  return ok({
    watchdogMs: watchdogMs(env, pid),
    tell: (news) => {
      const errno = opened.value(address, encodeNews(news));
      return errno === 0 ? ok(undefined) : fail({ code: "SUPERVISOR_UNREACHABLE", errno });
    },
  });
}

/** For this process alone: a child inherits the environment, and WATCHDOG_PID says that it is not meant. */
function watchdogMs(env: ServiceSurroundings["env"], pid: number): number | undefined {
  const meant = env["WATCHDOG_PID"];
  if (meant !== undefined && meant !== "" && meant !== String(pid)) return undefined;
  const microseconds = env["WATCHDOG_USEC"] ?? "";
  return /^[1-9]\d{0,14}$/.test(microseconds) ? Number(microseconds) / 1000 : undefined;
}

/** A line break in a status would be the start of another assignment. */
function encodeNews({ ready, stopping, alive, status }: SupervisorNews): Uint8Array {
  const lines = [
    ...(ready === true ? ["READY=1"] : []),
    ...(stopping === true ? ["STOPPING=1"] : []),
    ...(alive === true ? ["WATCHDOG=1"] : []),
    ...(status === undefined ? [] : [`STATUS=${status.replace(/\p{Cc}+/gu, " ").slice(0, STATUS_CHARACTERS_MAX)}`]),
  ];
  return new TextEncoder().encode(lines.join("\n"));
}

const STATUS_CHARACTERS_MAX = 200;
