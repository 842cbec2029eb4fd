/** Every fault of the bench fires at its rate, does what its name says, and is counted when it really happened. */
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ObdFaults } from "#hal/mock/obd/obd-bench.ts";
import { RecordedDamage } from "#hal/mock/obd/recorded-damage.ts";
import { SeededRandom } from "#hal/mock/seeded-random.ts";
import { type ObdTerminal, openTerminal, setUp, unitOf } from "#test/builders/obd-terminal.ts";

const test = suite("simulated OBD faults");

const KONA = unitOf("hyundai-kona", 0x7e4);
const RECORDS = fileURLToPath(new URL("../../../../shared/data/obdb/records", import.meta.url));

async function openFaulty(faults: ObdFaults, recordedDamage?: RecordedDamage): Promise<ObdTerminal> {
  const terminal = openTerminal({ faults, ...(recordedDamage === undefined ? {} : { recordedDamage }) });
  await setUp(terminal, KONA);
  return terminal;
}

function linesOf(reply: string): readonly string[] {
  return reply.split("\r").filter((line) => line !== "" && line !== ">");
}

/** Sequence bytes of the printed frames: `10` for the first. */
function controlsOf(reply: string): readonly string[] {
  return linesOf(reply).map((line) => line.slice(3, 5));
}

const WHOLE = ["10", "21", "22", "23", "24", "25", "26", "27", "28"];

/** What the reply to a request looks like when the one fault is certain. */
const CERTAIN: Readonly<Record<string, (reply: string) => void>> = {
  leftover: (reply) => {
    const controls = controlsOf(reply);
    assert.ok(controls.length > 9 && controls[0] !== "10");
    assert.equal(controls.slice(-9), WHOLE);
  },
  glued: (reply) => {
    const controls = controlsOf(reply);
    assert.is(controls.filter((control) => control === "10").length, 2);
    assert.equal(controls.slice(-9), WHOLE);
  },
  restarted: (reply) => {
    assert.is(controlsOf(reply).filter((control) => control === "10").length, 2);
  },
  echoed: (reply) => {
    assert.is(linesOf(reply)[0], "220101");
  },
  wrongSequence: (reply) => {
    const controls = controlsOf(reply);
    assert.not.equal(controls, WHOLE);
    assert.equal([...controls].sort(), WHOLE);
  },
  unfinished: (reply) => {
    assert.ok(controlsOf(reply).length < 9);
  },
  lostCharacters: (reply) => {
    assert.ok(linesOf(reply).every((line) => line.length < 19));
  },
  lostLine: (reply) => {
    assert.equal(linesOf(reply), []);
  },
  mergedLines: (reply) => {
    assert.is(linesOf(reply)[0]?.length, 9 * 19);
  },
  receiveError: (reply) => {
    assert.ok(linesOf(reply).every((line) => line.endsWith("<RX ERROR")));
  },
  dataError: (reply) => {
    assert.ok(linesOf(reply).every((line) => line.endsWith("<DATA ERROR")));
  },
  bufferFull: (reply) => {
    assert.equal(linesOf(reply).slice(1), ["BUFFER FULL"]);
  },
  searching: (reply) => {
    assert.match(reply, /^SEARCHING\.\.\./);
  },
  canError: only("CAN ERROR"),
  busBusy: only("BUS BUSY"),
  busError: only("BUS ERROR"),
  feedbackError: only("FB ERROR"),
  fatalCanError: only("ERR94"),
  activityAlert: only("ACT ALERT"),
  reboot: (reply) => {
    assert.match(reply, /ELM327 v2.2\r\r>$/);
  },
  lowVoltage: (reply) => {
    assert.match(reply, /LV RESET\r\r>$/);
  },
  hang: (reply) => {
    assert.is(reply, "");
  },
  pending: (reply) => {
    assert.is(linesOf(reply)[0], "7EC037F2278AAAAAAAA");
  },
  refused: (reply) => {
    assert.is(linesOf(reply)[0], "7EC037F2222AAAAAAAA");
  },
  unanswered: only("NO DATA"),
  valueUnknown: (reply) => {
    assert.is(linesOf(reply)[3], "7EC2300000000000000");
  },
};

function only(text: string): (reply: string) => void {
  return (reply) => {
    assert.equal(linesOf(reply), [text]);
  };
}

for (const [fault, check] of Object.entries(CERTAIN)) {
  test(`${fault} does what it says, and is counted`, async () => {
    const terminal = await openFaulty({ [fault]: 1 });
    // The first reply is the one that the next may be mixed with.
    await terminal.type("220101\r", 2_500);
    const before = terminal.bench.faultsFired()[fault] ?? 0;
    if (fault !== "fatalCanError" && fault !== "activityAlert") await setUp(terminal, KONA);
    else await wake(terminal);
    const reply = await terminal.type(fault === "hang" ? "x220101\r" : "220101\r", 2_500);
    if (fault === "hang") assert.match(reply, /^\?/, "a character has stopped it");
    else check(reply);
    assert.ok((terminal.bench.faultsFired()[fault] ?? 0) > (fault === "hang" ? 0 : before));
  });
}

/** Settings are lost: first a byte that wakes, then all of it anew. */
async function wake(terminal: ObdTerminal): Promise<void> {
  await terminal.type("\r", 2_000);
  assert.match(await terminal.type("ATI\r"), /^ATI\r/, "the echo is on again");
  await setUp(terminal, KONA);
}

test("other units talk in between, and answer the same request", async () => {
  for (const fault of ["chatter", "secondAnswer"]) {
    const terminal = await openFaulty({ [fault]: 1 });
    await terminal.type("ATCRA\r");
    const lines = linesOf(await terminal.type("220101\r"));
    assert.ok(lines.some((line) => line.startsWith("7EB")));
    assert.is(lines.filter((line) => line.startsWith("7EC")).length, 9);
    assert.ok((terminal.bench.faultsFired()[fault] ?? 0) >= 1);
  }
});

test("a session that is lost has to be opened again", async () => {
  const terminal = openTerminal({ model: "renault-zoe-ph2", faults: { sessionLost: 1 } });
  const unit = unitOf("renault-zoe-ph2", 0x18dadbf1);
  await setUp(terminal, unit);
  await terminal.type("1003\r");
  assert.match(await terminal.type("229005\r"), /18DAF1DB037F227F/);
  assert.is(terminal.bench.faultsFired()["sessionLost"], 1);
});

test("nothing is wrong unless it was asked for, and nothing is counted", async () => {
  const terminal = await openFaulty({});
  for (let turn = 0; turn < 20; turn += 1) assert.equal(controlsOf(await terminal.type("220101\r")), WHOLE);
  assert.equal(terminal.bench.faultsFired(), {});
});

test("faults fire at their rates, and the same seed has the same history", async () => {
  const history = async (seed: number): Promise<{ readonly text: string; readonly fired: object }> => {
    const terminal = openTerminal({ seed, faults: { leftover: 0.2, unfinished: 0.1, refused: 0.1, lostLine: 0.01 } });
    await setUp(terminal, KONA);
    let text = "";
    for (let turn = 0; turn < 600; turn += 1) text += await terminal.type("220101\r", 400);
    return { text, fired: terminal.bench.faultsFired() };
  };
  const first = await history(1);
  assert.equal(await history(1), first);
  assert.not.equal((await history(2)).text, first.text);
  const fired = new Map<string, number>(Object.entries(first.fired));
  for (const [fault, expected] of [
    ["leftover", 108],
    ["unfinished", 43],
    ["refused", 60],
    ["lostLine", 36],
  ] as const) {
    const count = fired.get(fault) ?? 0;
    assert.ok(count > expected / 2 && count < expected * 2, `${fault}: ${count}, about ${expected} expected`);
  }
});

const recorded = RecordedDamage.fromFolder(RECORDS);

if (recorded === undefined) {
  test("the recordings are not here: no recorded damage replayed", () => {
    console.log("skipped: no recordings beside the checkout");
  });
} else {
  test("recorded shapes are read from both folders, each of one printed line or more", () => {
    assert.ok(recorded.shapes.length > 700, `${recorded.shapes.length} shapes`);
    assert.ok(recorded.shapes.every((shape) => shape.length > 0));
  });

  test("a shape laid over the reply that it came from damages it in the recorded way", () => {
    const lines = WHOLE.map((control, index) => `7EC${control}${String(index).repeat(14)}`);
    const previous = WHOLE.map((control) => `7EC${control}${"F".repeat(14)}`);
    const kinds = { orphans: 0, restarts: 0, shortened: 0, merged: 0, echoes: 0 };
    const random = new SeededRandom("shapes");
    for (let turn = 0; turn < 2_000; turn += 1) {
      const damaged = recorded.apply({ lines, previous, command: "220101" }, random) ?? [];
      if (/F{14}/.test(damaged[0] ?? "")) kinds.orphans += 1;
      if (damaged.filter((line) => line.startsWith("7EC10")).length > 1) kinds.restarts += 1;
      if (damaged.some((line) => line.startsWith("7EC") && line.length < 19)) kinds.shortened += 1;
      if (damaged.some((line) => line.lastIndexOf("7EC") > 3)) kinds.merged += 1;
      if (damaged[0] === "220101") kinds.echoes += 1;
    }
    for (const [kind, count] of Object.entries(kinds)) assert.ok(count > 20, `${kind}: ${count}`);
  });

  test("the adapter prints recorded damage, and counts it", async () => {
    const terminal = await openFaulty({ recorded: 1 }, recorded);
    let different = 0;
    for (let turn = 0; turn < 60; turn += 1) {
      const reply = await terminal.type("220101\r", 600);
      assert.match(reply, /\r>$/);
      if (controlsOf(reply).join() !== WHOLE.join()) different += 1;
    }
    assert.ok(different > 50, `${different} of 60`);
    assert.ok((terminal.bench.faultsFired()["recorded"] ?? 0) >= different);
  });
}

test("a folder without recordings is said to be one", () => {
  assert.is(RecordedDamage.fromFolder("/nowhere"), undefined);
});

test.run();
