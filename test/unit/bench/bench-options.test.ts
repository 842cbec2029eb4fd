/** What the bench takes for an answer on its command line, and what it says to everything else. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BENCH_DEFAULTS, readBenchOptions, SPEED_MAX } from "#firmware/commands/bench/bench-options.ts";
import { CommandArguments } from "#firmware/commands/command.ts";
import { commands } from "#firmware/commands/commands.ts";
import { CommandError } from "#firmware/commands/command-error.ts";
import { EXIT } from "#firmware/commands/exit-code.ts";

const test = suite("bench options");

function read(options: Readonly<Record<string, string | true>>): ReturnType<typeof readBenchOptions> {
  return readBenchOptions(new CommandArguments([], new Map(Object.entries(options))));
}

function refusal(option: string, value: string): string {
  try {
    read({ [option]: value });
  } catch (error) {
    assert.instance(error, CommandError);
    assert.is(error instanceof CommandError && error.exitCode, EXIT.usage);
    return error instanceof Error ? error.message : "";
  }
  throw new Error(`--${option} ${value} was taken`);
}

test("nothing said is the default run", () => {
  assert.equal(read({}), BENCH_DEFAULTS);
});

test("every option of the command table is read", () => {
  const bench = commands.find(({ name }) => name === "bench");
  const values: Readonly<Record<string, string>> = {
    ...{ seed: "7", speed: "12.5", minutes: "3", broker: "mqtt://localhost:1883", site: "3x5", charges: "2" },
    ...{ stay: "40", tariff: "tariff.json", "time-zone": "Asia/Kathmandu", "start-at": "21:55" },
    ...{
      "station-lies": "1.2",
      "vehicle-lies": "0.7",
      meter: "abb-b23",
      "charge-point": "keba-p30",
      car: "vw-e-up",
      profile: "paper",
      keep: "d",
    },
  };
  const changed = Object.entries(bench?.options ?? {}).map(([name, { value }]) => {
    const options = read({ [name]: value === undefined ? true : (values[name] ?? "") });
    return JSON.stringify(options) !== JSON.stringify(BENCH_DEFAULTS);
  });
  assert.ok(changed.length > 10);
  assert.equal([...new Set(changed)], [true]);
});

test("a car is taken by its name and by what people call it", () => {
  assert.is(read({ car: "bmw-i3" }).car, "bmw-i3");
  assert.is(read({ car: "ioniq5" }).car, "hyundai-ioniq-5");
  assert.is(read({ car: "zoe" }).car, "renault-zoe-ph2");
});

test("a value that is not allowed is named, with what is", () => {
  assert.match(refusal("site", "3by5"), /found "3by5", expected chargers x vehicles/);
  assert.match(refusal("site", "40x5"), /at most 32x64/);
  assert.match(refusal("site", "0x5"), /expected/);
  assert.match(refusal("station-lies", "-1"), /expected a number from 0.1 to 10/);
  assert.match(refusal("minutes", "1e3"), /expected a number/);
  assert.match(refusal("seed", "one"), /whole number/);
  assert.match(refusal("broker", "localhost"), /mqtt:\/\/host:port/);
  assert.match(refusal("car", "hyundai-konna"), /did you mean "hyundai-kona"/);
  assert.match(refusal("meter", "eastron"), /expected one of/);
});

test("a speed at which the machine's own delays would look like silence is refused, and says why", () => {
  assert.match(refusal("speed", String(SPEED_MAX + 1)), /delays would look like silence/);
  assert.match(refusal("speed", "0.5"), /expected a number from 1/);
});

test.run();
