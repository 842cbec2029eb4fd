/**
 * `npm run image:test -- --image FILE [--keep DIR]`: what an image must show, in the emulator and in real time: a
 * charger's with a car outside, or a vehicle's with a charger outside. FILE is copied, not changed. It takes a quarter
 * of an hour, and longer on a machine with other work.
 */
import { copyFile, mkdtemp, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Card } from "./card.ts";
import { chargeAcrossPowerCut } from "./charge-across-power-cut.ts";
import { Claims } from "./claims.ts";
import { firstChargerBoot, firstVehicleBoot } from "./first-boot.ts";
import { freePort } from "./free-port.ts";
import { Garage } from "./garage.ts";
import { holdEmulator } from "./hold-emulator.ts";
import { hostCharger, hostVehicle } from "./host-gateway.ts";
import { LossyCard } from "./lossy-card.ts";
import type { TestBench } from "./test-bench.ts";
import { roleOfCard } from "./test-card.ts";
import { folderForMachine } from "./toolbox.ts";
import { wrongCardBoot } from "./wrong-card-boot.ts";

/** A card is larger than its image: the data partition has to grow. */
const CARD_BYTES = 3 * 1024 ** 3;

const { values } = parseArgs({ options: { image: { type: "string" }, keep: { type: "string" } } });
if (values.image === undefined) {
  process.stderr.write("usage: npm run image:test -- --image FILE [--keep DIR]\n");
  process.exit(64);
}
const folder = values.keep === undefined ? await mkdtemp("/tmp/tallystick-image-") : folderForMachine(values.keep);
const release = await holdEmulator();
const garage = new Garage();
const claims = new Claims();
try {
  const image = join(folder, "card.img");
  await copyFile(values.image, image);
  await truncate(image, CARD_BYTES);
  const card = new Card(image);
  const role = roleOfCard((await card.readText("tallystick.toml")) ?? "");
  if (role === undefined) throw new Error(`the card of ${values.image} says no role`);
  const bench: TestBench = {
    ...{ role, folder, garage, claims, card, lossyCard: new LossyCard(image) },
    ...{ brokerPort: await freePort(), linePort: await freePort() },
  };
  await (role === "charger" ? chargerRun(bench) : vehicleRun(bench));
} catch (error) {
  await claims.claim("the run comes to its end", () =>
    Promise.reject(error instanceof Error ? error : new Error(String(error))),
  );
} finally {
  await garage.close();
  release();
  if (values.keep === undefined) await rm(folder, { recursive: true, force: true });
}
process.exit(claims.close() ? 0 : 1);

async function chargerRun(bench: TestBench): Promise<void> {
  const guest = await firstChargerBoot(bench);
  const genesis = Buffer.from(await guest.shell.read("base64 -w0 /boot/firmware/genesis.tally"), "base64");
  const ports = { brokerPort: bench.brokerPort, adapterPort: await garage.startCar() };
  const car = await hostVehicle(join(folder, "car"), genesis, ports);
  car.start();
  const end = await chargeAcrossPowerCut(bench, guest, car).finally(() => car.stop());
  await wrongCardBoot(bench, end);
}

async function vehicleRun(bench: TestBench): Promise<void> {
  const ports = { brokerPort: bench.brokerPort, modbusPort: await garage.startModbusTcp() };
  const charger = await hostCharger(join(folder, "charger"), ports);
  charger.start();
  try {
    const guest = await firstVehicleBoot(bench, charger, await garage.startCar());
    const end = await chargeAcrossPowerCut(bench, guest, charger);
    await end.switchOff();
  } finally {
    await charger.stop();
  }
}
