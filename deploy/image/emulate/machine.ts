/**
 * One emulated board: QEMU's `virt` machine with U-Boot, started from an image as a card would be. Whatever is written
 * goes to the image file itself, so that a machine that is killed has lost what a board without power has lost.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { GuestShell, SHELL_STARTED } from "./guest-shell.ts";
import { TOOLBOX } from "./toolbox.ts";
import { until } from "./until.ts";

export interface MachineOptions {
  /** A raw disk image; written to. */
  readonly image: string;
  /** A file that every write is logged to (`LossyCard`). */
  readonly writeLog?: string;
  /** For logs and sockets; a short path, because of the sockets. */
  readonly folder: string;
  /** Ports of 127.0.0.1 that lead into the guest. */
  readonly forwards: readonly { readonly host: number; readonly guest: number }[];
  /** Port of 127.0.0.1 that is the far end of the guest's USB serial adapter; without it, it has none. */
  readonly linePort?: number;
  /** Gives the guest a root shell, by way of the emulator; the image has none. */
  readonly shell: boolean;
  /** A hardware watchdog. It counts real time: where the host is busy, it ends guests that only are slow. */
  readonly watchdog?: boolean;
  readonly memoryMebibytes?: number;
  /**
   * The guest's clock goes by the instructions that it has executed, not by the host's clock: a guest that gets little of
   * a busy host sees a slow world instead of running out of its deadlines. Not for charges, whose other half is outside.
   */
  readonly guestTime?: boolean;
}

/** The guest reaches the host at this address (QEMU's user network). */
export const HOST_ADDRESS = "10.0.2.2";

export class Machine {
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(process: ChildProcess, folder: string) {
    this.#process = process;
    this.#folder = folder;
  }

  static async start(options: MachineOptions): Promise<Machine> {
    const folder = resolve(options.folder);
    await mkdir(folder, { recursive: true });
    // What a machine of before has said in this folder must not be taken for this one's words.
    for (const log of ["console.log", "boot.log"]) await rm(join(folder, log), { force: true });
    if (options.shell) await writeCredentials(folder);
    // Whoever starts an emulator and is killed leaves none behind.
    const words = ["--pdeathsig", "KILL", "--", TOOLBOX, "run", ...emulatorCommand({ ...options, folder })];
    const process = spawn("setpriv", words, { stdio: ["ignore", "inherit", "inherit"] });
    await once(process, "spawn");
    return new Machine(process, folder);
  }

  /** Everything that kernel, systemd and services said on the console; U-Boot's words are in `boot`. */
  async console(): Promise<string> {
    return readFile(join(this.#folder, "console.log"), "utf8").catch(() => "");
  }

  async boot(): Promise<string> {
    return readFile(join(this.#folder, "boot.log"), "latin1").catch(() => "");
  }

  /** @returns the shell once it answers, at the latest after `timeoutMs` */
  async shell(timeoutMs: number): Promise<GuestShell> {
    const shell = new GuestShell(join(this.#folder, "shell"));
    await until("the guest's shell answers", timeoutMs, async () => (await shell.isThere()) || this.#stillRuns());
    return shell;
  }

  /** The power goes, at once. */
  async cutPower(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  get processId(): number {
    return this.#process.pid ?? 0;
  }

  #stillRuns(): false {
    if (this.hasEnded) throw new Error(`the emulator ended by itself, see ${this.#folder}`);
    return false;
  }
}

function emulatorCommand(options: MachineOptions): readonly string[] {
  const { image, folder, forwards, linePort, writeLog, shell, watchdog = false, memoryMebibytes = 1024 } = options;
  const { guestTime = false } = options;
  const forwarded = forwards.map(({ host, guest }) => `,hostfwd=tcp:127.0.0.1:${host}-:${guest}`).join("");
  return [
    "qemu-system-aarch64",
    // A Raspberry Pi 3 has four of these; the machine below has two for the emulator's sake.
    ...["-machine", "virt,gic-version=3,acpi=off", "-cpu", "cortex-a53", "-smp", "2", "-m", String(memoryMebibytes)],
    ...["-accel", `tcg,thread=${guestTime ? "single" : "multi"},tb-size=512`],
    // 8 ns for an instruction: about what the emulator does when it has a processor for itself, or a little slower.
    ...(guestTime ? ["-icount", "shift=3"] : []),
    ...["-bios", "/usr/lib/u-boot/qemu_arm64/u-boot.bin"],
    ...["-display", "none", "-monitor", "none", "-serial", `file:${join(folder, "boot.log")}`],
    ...blockDevices(resolve(image), writeLog),
    ...["-device", "virtio-blk-pci,drive=card"],
    ...["-netdev", `user,id=net${forwarded}`, "-device", "virtio-net-pci,netdev=net,romfile="],
    ...["-device", "virtio-rng-pci"],
    ...(watchdog ? ["-device", "i6300esb", "-action", "watchdog=reset"] : []),
    ...["-device", "virtio-serial-pci"],
    ...["-chardev", `file,id=console,path=${join(folder, "console.log")}`, "-device", "virtconsole,chardev=console"],
    ...["-chardev", `socket,id=shell,path=${join(folder, "shell")},server=on,wait=off`],
    ...["-device", "virtconsole,chardev=shell"],
    ...(linePort === undefined ? [] : usbSerial(linePort)),
    ...(shell
      ? CREDENTIALS.flatMap(({ name }) => ["-fw_cfg", `name=${CREDENTIAL_PLACE}${name},file=${join(folder, name)}`])
      : []),
  ];
}

function blockDevices(image: string, writeLog: string | undefined): readonly string[] {
  const file = (node: string, filename: string): readonly string[] => [
    "-blockdev",
    JSON.stringify({ driver: "file", "node-name": node, filename }),
  ];
  if (writeLog === undefined) {
    return [...file("file", image), "-blockdev", `{"driver":"raw","node-name":"card","file":"file"}`];
  }
  return [
    ...file("file", image),
    ...["-blockdev", `{"driver":"raw","node-name":"raw","file":"file"}`],
    ...file("log", writeLog),
    ...["-blockdev", `{"driver":"blklogwrites","node-name":"card","file":"raw","log":"log"}`],
  ];
}

/** An FTDI adapter that is plugged in from the start, whoever is at its other end. */
function usbSerial(port: number): readonly string[] {
  const chardev = `socket,id=line,host=127.0.0.1,port=${port},server=on,wait=off`;
  return ["-device", "qemu-xhci", "-chardev", chardev, "-device", "usb-serial,chardev=line,always-plugged=on"];
}

/**
 * systemd takes units from a hypervisor (systemd.system-credentials(7)): so a shell comes into the very image that is
 * shipped, and out of it with the emulator. QEMU allows 55 characters for a name with its place, which leaves no room
 * for a drop-in; `tmp.mount` is a unit that every start needs, and brings the shell with it.
 */
const CREDENTIAL_PLACE = "opt/io.systemd.credentials/";
const CREDENTIALS = [
  {
    name: "systemd.extra-unit.tmp.mount",
    content: `[Unit]
DefaultDependencies=no
Conflicts=umount.target
Before=local-fs.target umount.target
After=swap.target
Wants=x.service
[Mount]
What=tmpfs
Where=/tmp
Type=tmpfs
Options=mode=1777,strictatime,nosuid,nodev,size=50%%,nr_inodes=1m
`,
  },
  {
    name: "systemd.extra-unit.x.service",
    content: `[Unit]
Description=Shell for the emulator
DefaultDependencies=no
[Service]
ExecStart=/bin/sh -c 'stty -echo -onlcr; echo ${SHELL_STARTED}; exec /bin/sh'
StandardInput=tty-force
StandardOutput=tty
StandardError=tty
TTYPath=/dev/hvc1
Restart=always
RestartSec=1
Environment=HOME=/root TERM=dumb SYSTEMD_PAGER= SYSTEMD_COLORS=0 PS1= PS2=
`,
  },
] as const;

async function writeCredentials(folder: string): Promise<void> {
  for (const { name, content } of CREDENTIALS) await writeFile(join(folder, name), content);
}
