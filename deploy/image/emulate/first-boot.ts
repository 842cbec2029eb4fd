/** The first start of a new card: from the file that a person has edited to a gateway that reads its devices. */
import { GatewayGuest } from "./gateway-guest.ts";
import { checkGuest, measureGuest } from "./guest-checks.ts";
import type { GuestShell } from "./guest-shell.ts";
import type { HostGateway } from "./host-gateway.ts";
import type { TestBench } from "./test-bench.ts";
import { chargerCard, vehicleCard } from "./test-card.ts";

const CONFIG = "/etc/tallystick/tallystick.toml";

export async function firstChargerBoot(bench: TestBench): Promise<GatewayGuest> {
  const { card, claims } = bench;
  await claims.claim("the card has an example of its settings and a page that explains them", async () => {
    const example = await card.readText("tallystick.toml");
    const page = await card.readText("README.txt");
    if (example === undefined || page === undefined) return false;
    await card.write("tallystick.toml", chargerCard(example));
    return page.includes("tallystick.toml");
  });
  const guest = await GatewayGuest.switchOn(bench);
  await becomesReady(bench, guest);
  await checkGuest(bench, guest.shell);
  await checkMeter(bench, guest.shell);
  await measureGuest(bench, guest.shell);
  return guest;
}

/** `charger` is the gateway outside, whose region the car joins. */
export async function firstVehicleBoot(
  bench: TestBench,
  charger: HostGateway,
  adapterPort: number,
): Promise<GatewayGuest> {
  const { card, claims, brokerPort } = bench;
  await claims.claim("the card has an example of its settings, and takes the region's file", async () => {
    const example = await card.readText("tallystick.toml");
    if (example === undefined) return false;
    await card.write("tallystick.toml", vehicleCard(example, { broker: brokerPort, adapter: adapterPort }));
    await card.write("genesis.tally", await charger.genesis());
    return undefined;
  });
  const guest = await GatewayGuest.switchOn(bench);
  await becomesReady(bench, guest);
  await checkGuest(bench, guest.shell);
  await measureGuest(bench, guest.shell);
  return guest;
}

async function becomesReady({ claims }: TestBench, guest: GatewayGuest): Promise<void> {
  const seconds = await guest.untilReady();
  claims.number("first start, power to READY", `${seconds.toFixed(0)} s`);
  await claims.claim("the first start reads the card and the gateway becomes ready", () =>
    guest.shell.read("systemctl show -P StatusText tallystick.service"),
  );
}

async function checkMeter({ claims }: TestBench, shell: GuestShell): Promise<void> {
  await claims.claim(
    "`tallystick meter read` in the guest reads the meter outside, by Modbus RTU on the USB adapter",
    async () => {
      await shell.read("systemctl stop tallystick.service");
      const reading = await shell.read(`tallystick meter read --config ${CONFIG}`);
      await shell.read("systemctl start tallystick.service", 300_000);
      return (
        reading
          .split("\n")
          .filter((line) => /kWh|Wh| W| V/.test(line))
          .slice(0, 3)
          .join("; ") || Promise.reject(new Error(reading))
      );
    },
  );
}
