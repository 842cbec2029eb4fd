/** Serial lines of a board: there or not, and whether this user may open them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { groupName, lookAtPorts } from "#firmware/commands/board/look-at-ports.ts";

const test = suite("serial lines of a board");

const nowhere = { path: "/dev/no-such-line", carries: "uart", how: "never" } as const;

test("what a board may have need not be there, and what the configuration names has to be", async () => {
  const [optional] = await lookAtPorts([nowhere], []);
  assert.equal([optional?.outcome, optional?.part], ["note", nowhere.path]);
  const [needed] = await lookAtPorts([nowhere], [nowhere.path]);
  assert.equal([needed?.outcome, needed?.text], ["failed", "the configuration names it, and it is not there"]);
});

test("a character device that may be opened is fine, and a file is no line", async () => {
  const [device] = await lookAtPorts([], ["/dev/null"]);
  assert.is(device?.outcome, "ok");
  const [file] = await lookAtPorts([], ["/etc/group"]);
  assert.ok(file?.outcome === "failed" && file.exitCode === 65);
});

test("a group is said by its name, and by its number where it has none", async () => {
  assert.is(await groupName(0), "root");
  assert.is(await groupName(4_000_000), "4000000");
});

test.run();
