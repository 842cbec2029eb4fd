/**
 * A car charges; in the middle of it the power of the emulated gateway goes, the charger's or the car's, and later in
 * the same charge it is started anew in order, as an update does.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GatewayGuest } from "./gateway-guest.ts";
import type { GatewayStatus } from "./gateway-status.ts";
import type { HostGateway } from "./host-gateway.ts";
import type { TestBench } from "./test-bench.ts";
import { until } from "./until.ts";

/** Both sides agree within minutes of a quiet machine. */
const STEP_MS = 900_000;
/** Enough that both sides' counters have moved, and that the battery's shows it, too. */
const BEFORE_CUT_WH = 250;
const AFTER_CUT_WH = 250;
const STEADY_MS = 180_000;
/** Long enough for what a gateway writes once a minute or every few, and for its own share of ext4's journal. */
const REST_MS = 300_000;
const STATE = "/var/lib/tallystick";

/**
 * `other` is a gateway of this machine that has been started: the car of a charger, the charger of a car.
 *
 * @returns the guest, started again and with the charge in its chain
 */
export async function chargeAcrossPowerCut(
  bench: TestBench,
  first: GatewayGuest,
  other: HostGateway,
): Promise<GatewayGuest> {
  const { claims, garage } = bench;
  let guest = first;
  await claims.claim("the gateway in the guest and the one outside meet at the charger's broker", async () => {
    await until("both are on the mesh", STEP_MS, async () => {
      const both = [await other.status(), await guest.status()];
      return both.every((status) => status?.isMeshConnected === true);
    });
    return undefined;
  });
  garage.plugIn();
  const startWh = garage.importedWh;
  await writing(bench, guest, `from the plug to ${BEFORE_CUT_WH} Wh`, () =>
    claims.claim("the two agree, and power flows", () => untilFlowed(bench, guest, startWh + BEFORE_CUT_WH)),
  );
  // A charger seals blocks, so what the car has it has given away; a car's own word is what it has on its card.
  const seen = await (bench.role === "charger" ? other : guest).status();
  const { kept, lost } = await guest.cutPower();
  claims.say(`the power is gone, and with it ${lost} of ${kept + lost} writes; there was block ${seen?.serial ?? "?"}`);
  guest = await GatewayGuest.switchOn(bench);
  claims.number("start after the power cut, power to READY", `${(await guest.untilReady()).toFixed(0)} s`);
  await claims.claim("nothing that was told before the cut is lost", async () => {
    const chain = await guest.shell.read("tallystick show chain --json --from /var/lib/tallystick");
    return seen !== undefined && chain.includes(seen.head)
      ? `block ${seen.serial} is there`
      : Promise.reject(new Error(chain.slice(0, 400)));
  });
  await claims.claim("the charge goes on after the cut", () =>
    untilFlowed(bench, guest, garage.importedWh + AFTER_CUT_WH),
  );
  await guest.switchOff();
  guest = await GatewayGuest.switchOn(bench);
  claims.number("start in order, power to READY", `${(await guest.untilReady()).toFixed(0)} s`);
  await claims.claim("and after a restart in order, too", () =>
    untilFlowed(bench, guest, garage.importedWh + AFTER_CUT_WH),
  );
  await writing(bench, guest, "in steady charging", () => sleep(STEADY_MS));
  await writing(bench, guest, "from the end of power to one head", () => endCharge(bench, guest, other));
  await writing(bench, guest, "at rest", () => sleep(REST_MS));
  return guest;
}

/** What a part of a charge costs the card: for `../../endurance.md`. */
async function writing(bench: TestBench, guest: GatewayGuest, part: string, work: () => Promise<void>): Promise<void> {
  const before = await guest.writtenBytes();
  const startedMs = performance.now();
  await work();
  const kilobytes = ((await guest.writtenBytes()) - before) / 1000;
  const seconds = (performance.now() - startedMs) / 1000;
  bench.claims.number(`written to /data ${part}`, `${kilobytes.toFixed(0)} kB in ${seconds.toFixed(0)} s`);
}

async function untilFlowed({ garage }: TestBench, guest: GatewayGuest, targetWh: number): Promise<string> {
  await until("the gateway charges, and the meter has moved", STEP_MS, async () => {
    return garage.importedWh >= targetWh && (await guest.status())?.isCharging === true;
  });
  return `the meter shows ${(garage.importedWh / 1000).toFixed(3)} kWh`;
}

async function endCharge(
  { claims, garage, folder }: TestBench,
  guest: GatewayGuest,
  other: HostGateway,
): Promise<void> {
  garage.endCharge();
  await claims.claim("the charge ends when the car has enough, and the plug can be pulled", async () => {
    await until("both have ended the charge", STEP_MS, async () => {
      const both = [await guest.status(), await other.status()];
      return both.every((status) => status?.isCharging === false);
    });
    garage.unplug();
    return undefined;
  });
  await claims.claim("both come to the same head, with nothing waiting", async () => {
    let pair: readonly (GatewayStatus | undefined)[] = [];
    await until("one chain", STEP_MS, async () => {
      pair = [await guest.status(), await other.status()];
      const [inside, outside] = pair;
      return (
        inside !== undefined &&
        inside.head === outside?.head &&
        inside.waitingFacts === 0 &&
        outside.waitingFacts === 0 &&
        inside.serial > 0
      );
    });
    return `block ${pair[0]?.serial ?? 0}, head ${pair[0]?.head.slice(0, 12) ?? ""}`;
  });
  await claims.claim("the receipt that the guest writes is verified outside", async () => {
    const path = join(folder, "receipt.json");
    await guest.shell.read(
      `cd /tmp && rm -rf receipts && mkdir receipts && tallystick export receipt --out receipts --from ${STATE}`,
    );
    const bytes = Buffer.from(await guest.shell.read("cat /tmp/receipts/* | base64 -w0"), "base64");
    await writeFile(path, bytes);
    return (await other.command("verify", [path])).split("\n").slice(0, 3).join("; ");
  });
}
