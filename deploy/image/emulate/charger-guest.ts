/** An emulated charger, from the power switch to what its gateway says; with the garage's Modbus line at its USB adapter. */
import { readStatus, type GatewayStatus } from "./gateway-status.ts";
import type { Garage } from "./garage.ts";
import type { GuestShell } from "./guest-shell.ts";
import type { CardLoss, LossyCard } from "./lossy-card.ts";
import { Machine } from "./machine.ts";
import { until } from "./until.ts";

export interface ChargerPlace {
  readonly lossyCard: LossyCard;
  readonly folder: string;
  /** Port of 127.0.0.1 for the guest's broker. */
  readonly brokerPort: number;
  readonly linePort: number;
  readonly garage: Garage;
}

const CONTROL = "/var/lib/tallystick/control.sock";
interface Hardware {
  readonly machine: Machine;
  readonly lossyCard: LossyCard;
}

/** Emulated on a machine that has other work, a start takes minutes. */
const START_MS = 900_000;

export class ChargerGuest {
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
  static async switchOn({ lossyCard, folder, brokerPort, linePort, garage }: ChargerPlace): Promise<ChargerGuest> {
    await lossyCard.powerOn();
    const { image, log: writeLog } = lossyCard;
    const switchedOnMs = performance.now();
    const forwards = [{ host: brokerPort, guest: 1883 }];
    const machine = await Machine.start({ image, writeLog, folder, forwards, linePort, shell: true });
    try {
      await until("the far end of the USB adapter is there", 60_000, async () => connects(garage, linePort));
      return new ChargerGuest({ machine, lossyCard }, await machine.shell(START_MS), switchedOnMs);
    } catch (error) {
      await machine.cutPower();
      throw error;
    }
  }

  /** Waits until systemd has heard READY=1 of the gateway. @returns seconds since the power came */
  async untilReady(): Promise<number> {
    await until("the gateway says that it is ready", START_MS, async () => {
      const { output } = await this.shell.run(
        "systemctl show -P ActiveState tallystick.service tallystick-first-boot.service",
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
