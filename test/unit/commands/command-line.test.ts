/** From words to commands: what is understood, and what is said when it is not. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { closestWord } from "#firmware/commands/closest-word.ts";
import type { Command, CommandArguments } from "#firmware/commands/command.ts";
import { CommandError } from "#firmware/commands/command-error.ts";
import { runCommandLine } from "#firmware/commands/command-line.ts";
import { commands } from "#firmware/commands/commands.ts";
import { FIRMWARE_VERSION } from "#firmware/firmware-version.ts";
import { FlashError } from "#hal/ports/flash.ts";
import { recordIo } from "#test/builders/recorded-io.ts";

const test = suite("command line");

test("words and options reach the command", async () => {
  const { given } = await callOf(["read", "x", "--file=a", "--loud", "y"]);
  assert.equal(given?.words, ["x", "y"]);
  assert.is(given?.text("file"), "a");
  assert.ok(given?.flag("loud"));
  assert.is((await callOf(["read", "x", "--file=-a"])).given?.text("file"), "-a");
  assert.equal((await callOf(["read", "--", "--x"])).given?.words, ["--x"]);
});

test("a checkout says its version, and that it is no release", async () => {
  const io = recordIo();
  assert.is(await runCommandLine(["--version"], commands, io), 0);
  assert.equal(io.outLines, [`${FIRMWARE_VERSION}, a checkout`]);
});

const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [["raed"], /unknown command: found "raed", expected one of read.*did you mean "read"/],
  [["qqqqqq"], /unknown command: found "qqqqqq", expected one of read, fail$/],
  [
    ["read", "x", "--fiel", "a"],
    /read has no such option: found "--fiel", expected one of --file, --loud; did you mean "--file"/,
  ],
  [["read", "x", "-f"], /no such option: found "-f"/],
  [["read", "x", "--file"], /--file needs a value: --file FILE/],
  [["read", "x", "--file", "--loud"], /--file needs a value/],
  [["read", "x", "--loud=yes"], /--loud takes no value, found "yes"/],
  [["read"], /something is missing; use it as: tallystick read WORD \[WORD\]/],
  [["read", "x", "y", "z"], /too much: "z"; use it as/],
  [["read", "x", "--__proto__", "a"], /no such option: found "--__proto__"/],
];

for (const [words, expected] of WRONG) {
  test(`\`${words.join(" ")}\` is refused with what there is`, async () => {
    const { exitCode, errLines, given } = await callOf(words);
    assert.is(exitCode, 64);
    assert.is(given, undefined);
    assert.match(errLines.join("\n"), expected);
  });
}

test("what a name brings along moves no cursor and makes no second line", async () => {
  const io = recordIo();
  assert.is(await runCommandLine(["verify", "a\u001b[31m\u202eb\u0000"], commands, io), 65);
  assert.match(io.errLines.join(), /^tallystick: a\\u001b\[31m\\u202eb/);
  const said: Command = {
    ...{ name: "say", summary: "Says.", usage: "", options: {}, words: [0, 0] },
    run: (_, { out }) => {
      out(JSON.stringify({ name: "a\n\u202e\u0085" }));
      return Promise.resolve(0);
    },
  };
  await runCommandLine(["say"], [said], io);
  assert.is(io.outLines.join(), '{"name":"a\\n\\u202e\\u0085"}', "JSON stays the same JSON");
});

test("no word at all shows the commands, and is a wrong use", async () => {
  const { exitCode, errLines } = await callOf([]);
  assert.is(exitCode, 64);
  assert.match(errLines.join("\n"), / {2}read {2}Reads\./);
});

test("help is a right use, for all and for one", async () => {
  for (const words of [["help"], ["--help"], ["-h"]]) {
    const { exitCode, outLines } = await callOf(words);
    assert.is(exitCode, 0);
    assert.match(outLines.join("\n"), /fail {2}Fails\./);
  }
  for (const words of [
    ["read", "--help"],
    ["help", "read"],
    ["read", "x", "-h"],
  ]) {
    const { exitCode, outLines, given } = await callOf(words);
    assert.is(exitCode, 0);
    assert.is(given, undefined);
    assert.match(outLines.join("\n"), /Usage: tallystick read WORD.*--file FILE +a file/s);
  }
});

test("every command of the table has a help that names all its options", async () => {
  assert.ok(commands.length >= 9);
  for (const command of commands) {
    const io = recordIo();
    assert.is(await runCommandLine([command.name, "--help"], commands, io), 0);
    for (const option of Object.keys(command.options)) assert.match(io.outLines.join("\n"), `--${option}`);
  }
});

test("a failure is one line and its exit code, and with TALLYSTICK_DEBUG=1 the stack", async () => {
  const cases: readonly (readonly [Error, number, RegExp])[] = [
    [new CommandError(73, "it is there"), 73, /^tallystick: it is there$/],
    [new FlashError("FLASH_IN_USE", "/f"), 75, /FLASH_IN_USE: \/f: another gateway is running/],
    [new FlashError("FLASH_FULL", "/f"), 74, /the flash is full/],
    [new FlashError("FLASH_DENIED", "/f"), 77, /cannot be written to/],
    [Object.assign(new Error("no entry"), { code: "ENOENT" }), 65, /ENOENT: no entry/],
    [Object.assign(new Error("port 1"), { code: "BROKER_PORT_IN_USE" }), 69, /BROKER_PORT_IN_USE: port 1/],
    [new Error("bug: a claim"), 70, /^tallystick: bug: a claim$/],
    [new Error("what?"), 70, /unexpected failure: what\?/],
  ];
  for (const [error, exitCode, expected] of cases) {
    const call = await callOf(["fail"], { error });
    assert.is(call.exitCode, exitCode);
    assert.is(call.errLines.length, 1);
    assert.match(call.errLines[0] ?? "", expected);
  }
  const debugged = await callOf(["fail"], { error: new Error("what?"), env: { TALLYSTICK_DEBUG: "1" } });
  assert.match(debugged.errLines[1] ?? "", /at .*command-line\.test\.ts/);
});

test("the closest word is one letter more, less, other or swapped", () => {
  const known = ["verify", "show", "export"];
  for (const word of ["verfy", "veriify", "varify", "evrify", "VERIFY"]) assert.is(closestWord(word, known), "verify");
  assert.is(closestWord("ver", known), "verify");
  assert.is(closestWord("bench", known), undefined);
});

test.run();

interface Call {
  readonly exitCode: number;
  readonly outLines: readonly string[];
  readonly errLines: readonly string[];
  /** Undefined when the command was not run. */
  readonly given: CommandArguments | undefined;
}

async function callOf(
  words: readonly string[],
  circumstances: { readonly error?: Error; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Call> {
  let given: CommandArguments | undefined;
  const table: readonly Command[] = [
    {
      name: "read",
      summary: "Reads.",
      usage: "WORD [WORD]",
      words: [1, 2],
      options: { file: { value: "FILE", summary: "a file" }, loud: { summary: "loudly" } },
      run: (received) => {
        given = received;
        return Promise.resolve(0);
      },
    },
    {
      name: "fail",
      summary: "Fails.",
      usage: "",
      words: [0, 0],
      options: {},
      run: () => Promise.reject(circumstances.error ?? new Error("no error given")),
    },
  ];
  const io = recordIo({ env: circumstances.env ?? {} });
  const exitCode = await runCommandLine(words, table, io);
  return { exitCode, given, outLines: io.outLines, errLines: io.errLines };
}
