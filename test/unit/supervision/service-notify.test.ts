/** The words of systemd's protocol, with a sender that keeps what it is given. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fail, ok } from "#base/result.ts";
import { openServiceNotify } from "#hal/linux/service-notify.ts";
import { unixAddress } from "#hal/linux/unix-datagram.ts";
import type { Supervisor } from "#hal/ports/supervisor.ts";

const PID = 4711;
const test = suite("service notices");

async function open(
  env: Readonly<Record<string, string>>,
  errno = 0,
): Promise<{ supervisor: Supervisor; sent: string[] }> {
  const sent: string[] = [];
  const send = (address: Uint8Array, bytes: Uint8Array): number => {
    sent.push(`${Buffer.from(address).toString("latin1")} ${Buffer.from(bytes).toString()}`);
    return errno;
  };
  const opened = await openServiceNotify({ env, pid: PID, open: () => Promise.resolve(ok(send)) });
  if (!opened.ok || opened.value === undefined) throw new Error("there is a supervisor");
  return { supervisor: opened.value, sent };
}

test("without a socket in the environment there is no supervisor, and nothing is loaded", async () => {
  for (const env of [{}, { NOTIFY_SOCKET: "" }]) {
    const opened = await openServiceNotify({ env, pid: PID, open: () => Promise.reject(new Error("loaded")) });
    assert.equal(opened, ok(undefined));
  }
});

test("news are one datagram, an assignment a line", async () => {
  const { supervisor, sent } = await open({ NOTIFY_SOCKET: "/run/n" });
  supervisor.tell({ ready: true, status: "block 12, mesh connected" });
  supervisor.tell({ alive: true });
  supervisor.tell({ stopping: true });
  const to = "\u0001\0/run/n\0";
  assert.equal(sent, [`${to} READY=1\nSTATUS=block 12, mesh connected`, `${to} WATCHDOG=1`, `${to} STOPPING=1`]);
});

test("a status is one short line, whatever is in it", async () => {
  const { supervisor, sent } = await open({ NOTIFY_SOCKET: "/run/n" });
  supervisor.tell({ status: `lost\nMAINPID=1\r\n${"x".repeat(1000)}` });
  assert.match(sent[0] ?? "", /STATUS=lost MAINPID=1 x+$/);
  assert.ok((sent[0] ?? "").length < 230);
});

test("the watchdog is this process's only when it is meant, and only with a time", async () => {
  const NOTIFY_SOCKET = "@n";
  const WATCHDOG_USEC = "30000000";
  const watchdogOf = async (env: Readonly<Record<string, string>>): Promise<number | undefined> =>
    (await open({ NOTIFY_SOCKET, ...env })).supervisor.watchdogMs;
  assert.is(await watchdogOf({ WATCHDOG_USEC }), 30_000);
  assert.is(await watchdogOf({ WATCHDOG_USEC, WATCHDOG_PID: String(PID) }), 30_000);
  assert.is(await watchdogOf({ WATCHDOG_USEC, WATCHDOG_PID: "1" }), undefined);
  for (const wrong of ["0", "-1", "1e9", "", "much"]) assert.is(await watchdogOf({ WATCHDOG_USEC: wrong }), undefined);
});

test("an address is a path or a name of the abstract space, no longer than the kernel takes", () => {
  assert.equal(unixAddress("/a"), Uint8Array.of(1, 0, 0x2f, 0x61, 0));
  assert.equal(unixAddress("@a"), Uint8Array.of(1, 0, 0, 0x61));
  assert.is(unixAddress(`/${"a".repeat(106)}`)?.length, 110);
  for (const wrong of [`/${"a".repeat(107)}`, "vsock:2:1234", "run/n", "@", "/", "", "/a\0b"])
    assert.is(unixAddress(wrong), undefined, wrong);
});

test("an address of another kind, and a machine that cannot send, are faults", async () => {
  const pid = PID;
  assert.equal(await openServiceNotify({ env: { NOTIFY_SOCKET: "vsock:2:1" }, pid }), {
    ok: false,
    fault: { code: "SUPERVISOR_ADDRESS", address: "vsock:2:1" },
  });
  const fault = { code: "SUPERVISOR_BINDING_MISSING", reason: "no koffi" } as const;
  const open = (): Promise<ReturnType<typeof fail<typeof fault>>> => Promise.resolve(fail(fault));
  assert.equal(await openServiceNotify({ env: { NOTIFY_SOCKET: "/n" }, pid, open }), { ok: false, fault });
});

test("the kernel's refusal is a value", async () => {
  const { supervisor } = await open({ NOTIFY_SOCKET: "/n" }, 111);
  assert.equal(supervisor.tell({ alive: true }), {
    ok: false,
    fault: { code: "SUPERVISOR_UNREACHABLE", errno: 111 },
  });
});

test.run();
