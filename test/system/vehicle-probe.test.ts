/** `vehicle probe` and `vehicle watch` as a person in the car runs them, against a simulated adapter in the network. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { serveObdAdapter, type ServedObdAdapter } from "#hal/mock/obd/serve-obd-adapter.ts";
import type { PersonaName } from "#hal/mock/obd/personas.ts";
import { TallystickProcess, tallystick } from "../builders/tallystick-process.ts";
import { TestBattery } from "../builders/test-battery.ts";

const test = suite("vehicle probe and watch");
const CELL_V = 3.72;

function serve(persona: PersonaName = "genuine"): Promise<ServedObdAdapter> {
  const battery = new TestBattery({ packVoltageV: 98 * CELL_V, cellVoltageMaxV: CELL_V, cellVoltageMinV: CELL_V });
  return serveObdAdapter({ clock: new SystemClock(), battery }, { model: "hyundai-kona", persona, port: 0 });
}

function lineWords(adapter: { readonly port: number }): readonly string[] {
  return ["--host", "127.0.0.1", "--tcp-port", String(adapter.port)];
}

test("a car is recognised, read, and its error is foretold", async () => {
  const adapter = await serve();
  const { exitCode, out } = await tallystick(["vehicle", "probe", ...lineWords(adapter)]);
  await adapter.close();
  assert.is(exitCode, 0, out);
  for (const said of [/adapter +ELM327 v2\.2/, /12 V +\d+\.\d V/, /This is hyundai-kona/, /batteryVoltageV/]) {
    assert.match(out, said);
  }
  assert.match(out, /samples +\d+\.\d a second/);
  assert.match(out, /10 kWh +\d\.\d % +\d\.\d % +\d\.\d %/);
  assert.match(out, /cell-count +passed/);
});

test("what is wrong is said, with what to do and an exit code", async () => {
  const asleep = await serve();
  asleep.car.fallAsleep();
  const sleeping = await tallystick(["vehicle", "probe", "--profile", "kona", ...lineWords(asleep)]);
  await asleep.close();
  assert.is(sleeping.exitCode, 69);
  assert.match(sleeping.out, /problem +the adapter answers, the car does not[^]*do +It sleeps/);

  const fake = await serve("fake-v2.1");
  const words = ["vehicle", "probe", "--profile", "kona", "--json", ...lineWords(fake)];
  const unfit = await tallystick(words);
  await fake.close();
  assert.is(unfit.exitCode, 69);
  const said: unknown = JSON.parse(unfit.out);
  assert.match(JSON.stringify(said), /"code":"VEHICLE_ADAPTER_UNFIT".*requests of more than 2 bytes/);

  const nobody = await tallystick(["vehicle", "probe", ...lineWords(fake)]);
  assert.is(nobody.exitCode, 69);
  assert.match(nobody.out, /problem +no adapter at 127\.0\.0\.1/);
  assert.is((await tallystick(["vehicle", "probe", "--profile", "cona", ...lineWords(fake)])).exitCode, 64);
});

test("a watch goes on over a car that sleeps, and ends when it is told to", async () => {
  const adapter = await serve();
  const watch = new TallystickProcess(["vehicle", "watch", "--profile", "kona", ...lineWords(adapter)]);
  await watch.printed(/ V .* A .* kW .*integral/);
  adapter.car.fallAsleep();
  await watch.printed(/the car does not/);
  adapter.car.wakeUp();
  await watch.printed(/the car does not[^]* kW .*integral/);
  const { exitCode } = await watch.stop("SIGINT");
  await adapter.close();
  assert.is(exitCode, 0);
});

test.run();
