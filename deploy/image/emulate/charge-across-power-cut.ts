/** A car charges at the emulated charger; in the middle of it the charger's power goes. */
import { join } from "node:path";
import { ChargerGuest } from "./charger-guest.ts";
import { readStatus, type GatewayStatus } from "./gateway-status.ts";
import { HostVehicle } from "./host-vehicle.ts";
import type { TestBench } from "./test-bench.ts";
import { until } from "./until.ts";

/** Both sides agree within minutes of a quiet machine. */
const STEP_MS = 900_000;
/** Enough that both sides' counters have moved, and that the battery's shows it, too. */
const BEFORE_CUT_WH = 250;
const AFTER_CUT_WH = 250;
const FLASH = "/var/lib/tallystick/flash";

/** @returns the guest, started again and with the charge in its chain */
export async function chargeAcrossPowerCut(bench: TestBench, first: ChargerGuest): Promise<ChargerGuest> {
  const { claims, garage, folder, brokerPort } = bench;
  let guest = first;
  const genesis = Buffer.from(await guest.shell.read("base64 -w0 /boot/firmware/genesis.tally"), "base64");
  const adapterPort = await garage.startCar();
  const car = await HostVehicle.make(join(folder, "car"), { genesis, brokerPort, adapterPort });
  car.start();
  try {
    await claims.claim("a car's gateway outside comes to the guest's broker", async () => {
      await until("the car is on the mesh", STEP_MS, async () => (await carStatus(car))?.isMeshConnected === true);
      return undefined;
    });
    garage.plugIn();
    const startWh = garage.importedWh;
    await claims.claim("the two agree, and power flows", () => untilFlowed(bench, guest, startWh + BEFORE_CUT_WH));
    const seen = await carStatus(car);
    const { kept, lost } = await guest.cutPower();
    claims.say(
      `the charger's power is gone, and with it ${lost} of ${kept + lost} writes; the car has block ${seen?.serial ?? "?"}`,
    );
    guest = await ChargerGuest.switchOn(bench);
    claims.number("start after the power cut, power to READY", `${(await guest.untilReady()).toFixed(0)} s`);
    await claims.claim("nothing that the car had heard of is lost", async () => {
      const chain = await guest.shell.read("tallystick show chain --json --from /var/lib/tallystick");
      return seen !== undefined && chain.includes(seen.head)
        ? `block ${seen.serial} is there`
        : Promise.reject(new Error(chain.slice(0, 400)));
    });
    await claims.claim("the charge goes on after the cut", () =>
      untilFlowed(bench, guest, garage.importedWh + AFTER_CUT_WH),
    );
    await endCharge(bench, guest, car);
    return guest;
  } finally {
    await car.stop();
  }
}

async function untilFlowed({ garage }: TestBench, guest: ChargerGuest, targetWh: number): Promise<string> {
  await until("the gateway charges, and the meter has moved", STEP_MS, async () => {
    return garage.importedWh >= targetWh && (await guest.status())?.isCharging === true;
  });
  return `the meter shows ${(garage.importedWh / 1000).toFixed(3)} kWh`;
}

async function endCharge({ claims, garage, folder }: TestBench, guest: ChargerGuest, car: HostVehicle): Promise<void> {
  garage.endCharge();
  await claims.claim("the charge ends when the car has enough, and the plug can be pulled", async () => {
    await until("both have ended the charge", STEP_MS, async () => {
      const both = [await guest.status(), await carStatus(car)];
      return both.every((status) => status?.isCharging === false);
    });
    garage.unplug();
    return undefined;
  });
  await claims.claim("both come to the same head, with nothing waiting", async () => {
    let pair: readonly (GatewayStatus | undefined)[] = [];
    await until("one chain", STEP_MS, async () => {
      pair = [await guest.status(), await carStatus(car)];
      const [one, other] = pair;
      return (
        one !== undefined &&
        one.head === other?.head &&
        one.waitingFacts === 0 &&
        other.waitingFacts === 0 &&
        one.serial > 0
      );
    });
    return `block ${pair[0]?.serial ?? 0}, head ${pair[0]?.head.slice(0, 12) ?? ""}`;
  });
  await claims.claim("the receipt that the guest writes is verified outside", async () => {
    const path = join(folder, "receipt.json");
    await guest.shell.read(
      `cd /tmp && rm -rf receipts && mkdir receipts && tallystick export receipt --out receipts --from ${FLASH.replace("/flash", "")}`,
    );
    const bytes = Buffer.from(await guest.shell.read("cat /tmp/receipts/* | base64 -w0"), "base64");
    await (await import("node:fs/promises")).writeFile(path, bytes);
    return (await car.command("verify", [path])).split("\n").slice(0, 3).join("; ");
  });
}

async function carStatus(car: HostVehicle): Promise<GatewayStatus | undefined> {
  return readStatus(await car.statusText().catch(() => ""));
}
