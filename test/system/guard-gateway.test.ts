/**
 * A charger gateway whose contactor hangs on GPIO lines: it holds them through its guard, and lets go of them with it.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { SystemClock } from "#hal/linux/system-clock.ts";
import { openSocketGpio } from "#hal/mock/gpio/open-socket-gpio.ts";
import { openContactorSite, until } from "#test/builders/guard-site.ts";
import { tallystick, TallystickProcess } from "#test/builders/tallystick-process.ts";
import { freePort } from "#test/builders/free-port.ts";

const test = suite("a gateway with a guarded contactor");

const site = await openContactorSite();
const folder = join(site.home, "charger");
const config = join(folder, "tallystick.toml");

test.before(async () => {
  const made = await tallystick(["init", "--role", "charger", "--folder", folder, "--meter-line", "127.0.0.1:1"]);
  if (made.exitCode !== 0) throw new Error(made.err);
  const port = await freePort();
  const text = readFileSync(config, "utf8").replace("0.0.0.0", "127.0.0.1").replace("port = 1883", `port = ${port}`);
  const point = [
    ...[
      "[charge_point]",
      'driver = "gpio-contactor"',
      `chip = ${JSON.stringify(site.duty.chip)}`,
      'contactor = "COIL"',
    ],
    ...['feedback = "AUX"', 'emergency_stop = "ESTOP"', 'stop_button = "STOP"', 'plug = "PLUG"', "", ""],
  ];
  writeFileSync(config, text.replace(/\[charge_point\][^[]*/, point.join("\n")));
});
test.after(() => site.dispose());

function isHeld(): boolean {
  const chip = site.gpio.open("test");
  const held = chip.holdOutput({ line: "COIL", isActive: false });
  chip.close();
  return !held.ok;
}

test("its lines are held while it runs, and free when it was killed", async () => {
  const gateway = new TallystickProcess(["run", "--config", config]);
  await gateway.printed(/outlet 1 plugged in/);
  assert.ok(isHeld());
  await gateway.stop("SIGKILL");
  await until(() => !isHeld());
});

test("an emergency stop is told with what to do, and so is its end", async () => {
  const gateway = new TallystickProcess(["run", "--config", config]);
  await gateway.printed(/outlet 1 plugged in/);
  site.gpio.drive("ESTOP", 1);
  await gateway.printed(
    /charge point: CHARGE_POINT_STOPPED, the emergency stop demands that nothing flows: release it/,
  );
  site.gpio.drive("ESTOP", 0);
  await gateway.printed(/charge point is ready again/);
  assert.is((await gateway.stop()).exitCode, 0);
  await until(() => !isHeld());
});

test("lines that somebody else holds end the start with 69 and the name of the holder", async () => {
  const opened = await openSocketGpio(site.duty.chip, { clock: new SystemClock(), consumer: "gpioset" });
  assert.ok(opened.ok);
  const other = opened.value;
  assert.ok(other.holdOutput({ line: "COIL", isActive: false }).ok);
  await until(isHeld);
  const refused = await tallystick(["run", "--config", config]);
  assert.is(refused.exitCode, 69, refused.err);
  assert.match(refused.err, /CHARGE_POINT_UNAVAILABLE: the guard of the charge point: line COIL is held by gpioset/);
  other.close();
});

test("a chip that is not there ends the start with 69", async () => {
  const text = readFileSync(config, "utf8");
  writeFileSync(config, text.replace(JSON.stringify(site.duty.chip), JSON.stringify(join(site.home, "nowhere.sock"))));
  const refused = await tallystick(["run", "--config", config]);
  assert.is(refused.exitCode, 69, refused.err);
  assert.match(refused.err, /CHARGE_POINT_UNAVAILABLE: .*there is no GPIO chip .*nowhere\.sock/);
  writeFileSync(config, text);
  rmSync(join(folder, "control.sock"), { force: true });
});

test.run();
