/** The driver over real lines, TCP and a pseudo-terminal, while adapters and cars do what they do in a car. */
import { createServer } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SerialLink } from "#hal/linux/serial-link.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { TcpLink } from "#hal/linux/tcp-link.ts";
import { attachObdAdapter, type ObdBench } from "#hal/mock/obd/obd-bench.ts";
import { serveObdAdapter } from "#hal/mock/obd/serve-obd-adapter.ts";
import { ObdVehicle } from "#hal/vehicles/obd-vehicle.ts";
import { vehicleProfile } from "#hal/vehicles/registry.ts";
import { openPtyPair } from "../builders/pty-pair.ts";
import { TestBattery } from "../builders/test-battery.ts";

const clock = new SystemClock();
const CELLS_V = 3.72;

interface World {
  readonly vehicle: ObdVehicle;
  readonly bench: Pick<ObdBench, "adapter" | "car">;
  pull(): Promise<void>;
  putBack(): Promise<void>;
  dispose(): Promise<void>;
}

function battery(): TestBattery {
  return new TestBattery({ packVoltageV: 98 * CELLS_V, cellVoltageMaxV: CELLS_V, cellVoltageMinV: CELLS_V });
}

function profileOf(name: string) {
  const profile = vehicleProfile(name);
  if (profile === undefined) throw new Error(`no profile ${name}`);
  return profile;
}

async function overTcp(): Promise<World> {
  const served = await serveObdAdapter({ clock, battery: battery() }, { model: "hyundai-kona", port: 0 });
  const link = new TcpLink({ host: "127.0.0.1", port: served.port });
  const vehicle = new ObdVehicle({ clock, link }, { profile: profileOf("kona"), asleepPauseMs: 100 });
  return {
    ...{ vehicle, bench: served, pull: () => served.unplug(), putBack: () => served.plugIn() },
    dispose: async () => {
      await vehicle.close();
      await served.close();
    },
  };
}

async function overPty(): Promise<World> {
  const pty = await openPtyPair();
  const settings = { dataBits: 8, parity: "none", stopBits: 1, baudRate: 38_400 } as const;
  let far = new SerialLink({ path: pty.farPath, ...settings });
  const attached = await attachObdAdapter(far, { clock, battery: battery() }, { model: "hyundai-kona" });
  if (!attached.ok) throw new Error(attached.fault.reason);
  const bench = { ...attached.value };
  const link = new SerialLink({ path: pty.nearPath, ...settings });
  const vehicle = new ObdVehicle({ clock, link }, { profile: profileOf("kona"), asleepPauseMs: 100 });
  return {
    ...{ vehicle, bench, pull: () => pty.unplug() },
    putBack: async () => {
      await pty.plugIn();
      far = new SerialLink({ path: pty.farPath, ...settings });
      const again = await attachObdAdapter(far, { clock, battery: battery() }, { model: "hyundai-kona" });
      if (again.ok) Object.assign(bench, again.value);
    },
    dispose: async () => {
      await vehicle.close();
      await far.close();
      await pty.dispose();
    },
  };
}

/** Samples until one comes; what was said before. */
async function recover(vehicle: ObdVehicle, withinMs = 12_000): Promise<readonly string[]> {
  const endMs = clock.monotonicMs() + withinMs;
  const faults: string[] = [];
  while (clock.monotonicMs() < endMs) {
    const sample = await vehicle.sample();
    if (sample.ok) return faults;
    if (faults.at(-1) !== sample.fault.code) faults.push(sample.fault.code);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no sample within ${withinMs} ms: ${faults.join(", ")}`);
}

for (const [name, make] of [
  ["TCP", overTcp],
  ["a pseudo-terminal", overPty],
] as const) {
  const test = suite<{ world: World }>(`obd over ${name}`);
  test.before.each(async (context) => {
    context.world = await make();
    await recover(context.world.vehicle);
  });
  test.after.each(({ world }) => world.dispose());

  test("an adapter that is pulled is missed by name, and read again when it is back", async ({ world }) => {
    await world.pull();
    const gone = await world.vehicle.sample();
    assert.ok(!gone.ok && /^VEHICLE_ADAPTER_/.test(gone.fault.code), JSON.stringify(gone));
    await world.putBack();
    await recover(world.vehicle);
  });

  test("a reset with its banner in the middle of a reply costs at most a sample", async ({ world }) => {
    const sampling = world.vehicle.sample();
    await new Promise((resolve) => setTimeout(resolve, 12));
    world.bench.adapter.reboot();
    await sampling;
    assert.ok((await recover(world.vehicle)).length <= 1);
  });

  test("a car that falls asleep is said to, and read again when it wakes", async ({ world }) => {
    world.bench.car.fallAsleep();
    const asleep = await world.vehicle.sample();
    assert.ok(!asleep.ok && asleep.fault.code === "VEHICLE_ASLEEP", JSON.stringify(asleep));
    world.bench.car.wakeUp();
    await recover(world.vehicle);
  });

  test("an adapter that freezes is silent, and read again after it was put back", async ({ world }) => {
    world.bench.adapter.freeze();
    const silent = await world.vehicle.sample();
    assert.ok(!silent.ok && /^VEHICLE_ADAPTER_/.test(silent.fault.code), JSON.stringify(silent));
    world.bench.adapter.thaw();
    world.bench.adapter.reboot();
    await recover(world.vehicle);
  });
  test.run();
}

const flood = suite("obd under a flood");

flood("megabytes without a prompt are a silent adapter, and memory stays bounded", async () => {
  const junk = Buffer.alloc(64 * 1024, "7EC21FFFFFFFFFFFFFF\r");
  let sent = 0;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    const pour = (): void => {
      while (sent < 4 * 1024 * 1024 && !socket.destroyed) {
        sent += junk.length;
        if (!socket.write(junk)) return;
      }
    };
    socket.on("drain", pour);
    socket.on("data", pour);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const vehicle = new ObdVehicle(
    { clock, link: new TcpLink({ host: "127.0.0.1", port }) },
    { profile: profileOf("kona"), sampleBudgetMs: 3_000 },
  );
  const beforeBytes = process.memoryUsage().rss;
  const sample = await vehicle.sample();
  assert.is(sample.ok, false);
  assert.ok(!sample.ok && /^VEHICLE_(ADAPTER_|BAD_REPLY)/.test(sample.fault.code), JSON.stringify(sample));
  assert.ok(sent >= 1024 * 1024, `only ${sent} bytes were sent`);
  const grownMb = (process.memoryUsage().rss - beforeBytes) / 1024 / 1024;
  assert.ok(grownMb < 64, `${grownMb.toFixed(0)} MB`);
  await vehicle.close();
  await new Promise((resolve) => server.close(resolve));
});

flood.run();
