/** The script that carries files between a card's folder and the card, run as an operator runs it; and the examples. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { realDisk } from "#firmware/commands/first-boot/disk.ts";
import { judgeList } from "#firmware/commands/provision/judge-list.ts";
import { readList } from "#firmware/commands/provision/read-list.ts";

const PROVISION = fileURLToPath(new URL("../../../deploy/provision", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "sync-card-test-"));
const test = suite("sync-card");
test.after(() => {
  rmSync(home, { recursive: true });
});

const sync = (folder: string, card: string): Promise<{ stdout: string }> =>
  promisify(execFile)(join(PROVISION, "sync-card"), [join(home, folder), join(home, card)]);

function make(name: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(home, name), { recursive: true });
  for (const [file, content] of Object.entries(files)) writeFileSync(join(home, name, file), content);
}

const read = (path: string): string => readFileSync(join(home, path), "utf8");

async function refusal(folder: string, card: string): Promise<string> {
  try {
    await sync(folder, card);
    return "went through";
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error && error.code === 65, String(error));
    return error.message;
  }
}

test("what belongs onto the card goes there, what the gateway wrote comes back, and again nothing is to do", async () => {
  make("card-a", { "tallystick.toml": 'name = "a"\n', "certificate.tally": "new", "REPORT.txt": "old report" });
  make("mnt-a", { "certificate.tally": "old", "REPORT.txt": "report", "enrol.tally": "a", "genesis.tally": "g" });
  writeFileSync(join(home, "mnt-a/tallystick.toml"), 'name = "a"\n# old\n');
  await sync("card-a", "mnt-a");
  assert.is(read("mnt-a/certificate.tally"), "new");
  assert.is(read("mnt-a/tallystick.toml"), 'name = "a"\n');
  assert.is(read("card-a/REPORT.txt"), "report");
  assert.is(read("card-a/genesis.tally"), "g");
  assert.is((await sync("card-a", "mnt-a")).stdout, "");
});

test("the card of another gateway is refused with nothing copied", async () => {
  make("card-b", { "tallystick.toml": 'name = "b"\n', "extra.toml": "x" });
  assert.match(await refusal("card-b", "mnt-a"), /the card of another gateway/);
  make("card-c", { "tallystick.toml": 'name = "a"\n', "enrol.tally": "c", "extra.toml": "x" });
  assert.match(await refusal("card-c", "mnt-a"), /enrol\.tally on the card is another/);
  assert.not.ok(existsSync(join(home, "mnt-a/extra.toml")));
  assert.match(await refusal("card-a", "nowhere"), /is the card mounted/);
  assert.match(await refusal("mnt-none", "mnt-a"), /provision cards makes the folder/);
});

test("the example lists have no fault, and mean the same gateways", async () => {
  const lists = ["example-list.csv", "example-list.toml"].map((name) => {
    const list = readList(name, readFileSync(join(PROVISION, name), "utf8"));
    assert.ok(list.ok, name);
    return list.value;
  });
  for (const list of lists) {
    const { cards, faults } = await judgeList(list, PROVISION, { disk: realDisk, nowSeconds: 1_795_392_000 });
    assert.equal(faults, []);
    assert.equal(
      cards.map(({ name }) => name),
      ["post-1", "post-2", "car-1"],
    );
  }
});

test.run();
