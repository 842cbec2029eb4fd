/**
 * An emulated gateway, from the power switch to what it says: a charger with the garage's Modbus line at its USB adapter
 * and its broker's port open to this machine, or a vehicle, which only calls.
 */
import { readStatus, type GatewayStatus } from "./gateway-status.ts";
import type { Garage } from "./garage.ts";
import type { GuestShell } from "./guest-shell.ts";
import type { CardLoss, LossyCard } from "./lossy-card.ts";
import { Machine } from "./machine.ts";
import type { GuestRole } from "./test-card.ts";
import { until } from "./until.ts";

export interface GuestPlace {
  readonly role: GuestRole;
  readonly lossyCard: LossyCard;
  readonly folder: string;
  /** Port of 127.0.0.1 for a charger's broker. */
  readonly brokerPort: number;
  readonly linePort: number;
  readonly garage: Garage;
}

interface Hardware {
  readonly machine: Machine;
  readonly lossyCard: LossyCard;
}

const CONTROL = "/var/lib/tallystick/control.sock";

/** Emulated on a machine that has other work, a start takes minutes. */
const START_MS = 1_500_000;

export class GatewayGuest {
  readonly machine: Machine;
  readonly shell: GuestShell;
  readonly #card: LossyCard;
  readonly #switchedOnMs: number;

  private constructor({ machine, lossyCard }: Hardware, shell: GuestShell, switchedOnMs: number) {
    this.machine = machine;
    this.#card = lossyCard;
    this.shell = shell;
    this.#switchedOnMs = switchedOnMs;
  }

  /** @returns when there is a shell; the gateway may not have started yet */
  static async switchOn({ role, lossyCard, folder, ...place }: GuestPlace): Promise<GatewayGuest> {
    await lossyCard.powerOn();
    const { image, log: writeLog } = lossyCard;
    const { brokerPort, linePort, garage } = place;
    const switchedOnMs = performance.now();
    const isCharger = role === "charger";
    const machine = await Machine.start({
      ...{ image, writeLog, folder, shell: true },
      ...(isCharger ? { forwards: [{ host: brokerPort, guest: 1883 }], linePort } : { forwards: [] }),
    });
    try {
      if (isCharger)
        await until("the far end of the USB adapter is there", 60_000, async () => connects(garage, linePort));
      return new GatewayGuest({ machine, lossyCard }, await machine.shell(START_MS), switchedOnMs);
    } catch (error) {
      await machine.cutPower();
      throw error;
    }
  }

  /** Waits until systemd has heard READY=1 of the gateway. @returns seconds since the power came */
  async untilReady(): Promise<number> {
    await until("the gateway says that it is ready", START_MS, async () => {
      const { output } = await this.shell.run(
        "systemctl show -P ActiveState tallystick.service tallystick-first-boot.service; sleep 2",
      );
      if (output.includes("failed")) throw new Error(await this.words());
      return output.startsWith("active");
    });
    return (performance.now() - this.#switchedOnMs) / 1000;
  }

  /** @returns undefined while the gateway does not answer */
  async status(): Promise<GatewayStatus | undefined> {
    // Asked at the control socket: to start a Node for each question would keep an emulated gateway from its work.
    const question = `{ echo '{"command":"status"}'; sleep 3; } | curl -s -m 8 --unix-socket ${CONTROL} telnet://gateway`;
    const { output } = await this.shell.run(question);
    return readStatus(output);
  }

  /** Bytes that the card's data partition was given since the start (field 7 of its stat: sectors written). */
  async writtenBytes(): Promise<number> {
    return 512 * Number(await this.shell.read("set -- $(cat /sys/class/block/vda4/stat); echo $7"));
  }

  /** What the gateway and its helpers have said. */
  async words(): Promise<string> {
    return this.shell.read("journalctl --no-pager -n 60 -u tallystick.service -u tallystick-first-boot.service");
  }

  /** At once, and with what a card loses then. */
  async cutPower(): Promise<CardLoss> {
    await this.#end();
    return this.#card.powerCut();
  }

  /** As an update or an administrator ends it. */
  async switchOff(): Promise<void> {
    await this.shell.run("sync; systemctl poweroff --no-block");
    await until("the machine is off", 180_000, () => Promise.resolve(this.machine.hasEnded));
    await this.#end();
  }

  async #end(): Promise<void> {
    this.shell.close();
    await this.machine.cutPower();
  }
}

async function connects(garage: Garage, port: number): Promise<boolean> {
  try {
    await garage.connectLine(port);
    return true;
  } catch {
    return false;
  }
}
