/**
 * `npm run image:test -- --image FILE [--keep DIR]`: what an image of a charger must show, in the emulator and in real
 * time. FILE is copied, not changed. It takes a quarter of an hour, and longer on a machine with other work.
 */
import { copyFile, mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Card } from "./card.ts";
import { chargeAcrossPowerCut } from "./charge-across-power-cut.ts";
import { Claims } from "./claims.ts";
import { firstBoot } from "./first-boot.ts";
import { freePort } from "./free-port.ts";
import { Garage } from "./garage.ts";
import { holdEmulator } from "./hold-emulator.ts";
import { LossyCard } from "./lossy-card.ts";
import type { TestBench } from "./test-bench.ts";
import { wrongCardBoot } from "./wrong-card-boot.ts";

/** A card is larger than its image: the data partition has to grow. */
const CARD_BYTES = 3 * 1024 ** 3;

const { values } = parseArgs({ options: { image: { type: "string" }, keep: { type: "string" } } });
if (values.image === undefined) {
  process.stderr.write("usage: npm run image:test -- --image FILE [--keep DIR]\n");
  process.exit(64);
}
const folder = values.keep === undefined ? await mkdtemp(join(tmpdir(), "tallystick-image-")) : resolve(values.keep);
const release = await holdEmulator();
const garage = new Garage();
const claims = new Claims();
try {
  const image = join(folder, "card.img");
  await copyFile(values.image, image);
  await truncate(image, CARD_BYTES);
  const bench: TestBench = {
    ...{ folder, garage, claims, card: new Card(image), lossyCard: new LossyCard(image) },
    ...{ brokerPort: await freePort(), linePort: await freePort() },
  };
  const guest = await firstBoot(bench);
  const end = await chargeAcrossPowerCut(bench, guest);
  await wrongCardBoot(bench, end);
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
