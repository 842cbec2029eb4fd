/** Starts after the first: a chain that stays, a card with a mistake, and a card that was put right. */
import { GatewayGuest } from "./gateway-guest.ts";
import type { TestBench } from "./test-bench.ts";
import { wrongCard } from "./test-card.ts";
import { until } from "./until.ts";

export async function wrongCardBoot(bench: TestBench, guest: GatewayGuest): Promise<void> {
  const { claims, card } = bench;
  const before = await guest.status();
  await guest.switchOff();
  claims.say("switched off in order");
  const right = (await card.readText("tallystick.toml")) ?? "";
  await card.write("tallystick.toml", wrongCard(right));
  await wrongStart(bench);
  await claims.claim("REPORT.txt on the card says in plain words what is wrong", async () => {
    const report = await card.readText("REPORT.txt");
    if (report?.includes("does not start") !== true || !report.includes("price_per_kwh"))
      return Promise.reject(new Error(report ?? "no report"));
    return report
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(0, 4)
      .join(" | ");
  });
  await card.write("tallystick.toml", right);
  const again = await GatewayGuest.switchOn(bench);
  const seconds = await again.untilReady();
  claims.number("later start, power to READY", `${seconds.toFixed(0)} s`);
  await claims.claim("with the card put right it starts, as the same gateway with the same chain", async () => {
    const after = await again.status();
    return before !== undefined && after?.did === before.did && after.serial >= before.serial
      ? `block ${after.serial}`
      : false;
  });
  await again.switchOff();
}

async function wrongStart(bench: TestBench): Promise<void> {
  const guest = await GatewayGuest.switchOn(bench);
  await bench.claims.claim("with a mistake on the card the gateway does not start", async () => {
    const state = "systemctl show -P ActiveState tallystick-first-boot.service";
    await until("the card was read", 600_000, async () => (await guest.shell.read(state)) === "failed");
    return (await guest.shell.read("systemctl show -P ActiveState tallystick.service")) === "inactive";
  });
  await guest.switchOff();
}
