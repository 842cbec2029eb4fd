/** The shell scripts of deploy/update, run by this machine's shell; versions against Debian's own comparison. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SeededRandom } from "#hal/mock/seeded-random.ts";

const SCRIPTS = resolve(
  dirname(fileURLToPath(import.meta.url)),
  "../../deploy/update/rootfs/usr/lib/tallystick-update",
);
const SECTOR_BYTES = 512;
const FIRST_AT = 2048 * SECTOR_BYTES;
const SECOND_AT = 6144 * SECTOR_BYTES;
const folder = mkdtempSync(join(tmpdir(), "update-scripts-"));
const disk = join(folder, "disk");
const words = join(folder, "kernel-words");
const test = suite("update scripts");
test.before.each(() => {
  writeFileSync(disk, new Uint8Array(4 * 1024 * 1024));
  writeFileSync(words, "root=PARTUUID=54414c59-02 rauc.slot=A ro\n");
});
test.after(() => {
  rmSync(folder, { recursive: true });
});

test("a later version is newer, the same and an older one are not, and what is no version is neither", () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ["0.1.0+git413.0abcdef", "0.1.0+git412.fffffff", 0],
    ["0.1.0+git1000.0abcdef", "0.1.0+git999.fffffff", 0],
    ["0.10.0", "0.9.9+git5000.0abcdef", 0],
    ["1.0.0+git1.0abcdef.changed", "1.0.0", 0],
    ["0.1.0+git412.0abcdef", "0.1.0+git412.0abcdef", 1],
    ["0.1.0+git412.fffffff", "0.1.0+git412.0abcdef", 1],
    ["0.1.0+git411.fffffff", "0.1.0+git412.0abcdef", 1],
    ["0.1.0", "0.1.0+git1.0abcdef", 1],
    ["", "0.1.0", 2],
    ["0.1", "0.1.0", 2],
    ["01.0.0", "0.1.0", 2],
    ["9999999999.0.0", "0.1.0", 2],
    ["1.0.0\nx", "0.1.0", 2],
    ["x\n1.0.0", "0.1.0", 2],
    ["1.0.0; touch /tmp/x", "0.1.0", 2],
    ["1.0.0", "$(id)", 2],
  ];
  for (const [one, other, code] of cases) assert.is(isNewer(one, other), code, `${one} over ${other}`);
});

test("random versions are ordered as Debian orders them", () => {
  if (spawnSync("dpkg", ["--version"]).status !== 0) {
    console.log("skipped: this machine has no dpkg");
    return;
  }
  const random = new SeededRandom(5);
  const number = (): number => random.integer(0, 11);
  const version = (): string => {
    const base = `${number()}.${number()}.${number()}`;
    return number() < 4 ? base : `${base}+git${number() * 13 + 1}.abc`;
  };
  for (let turn = 0; turn < 60; turn += 1) {
    const [one, other] = [version(), version()];
    const debian = spawnSync("dpkg", ["--compare-versions", one, "gt", other]).status;
    assert.is(isNewer(one, other), debian, `${one} over ${other}`);
  }
});

test("a new card has three tries of each slot, A first", () => {
  assert.is(state("show"), "order A B, left A 3 B 3, trial none, copies 0 0");
  assert.is(state("get-primary"), "A");
  assert.is(state("get-current"), "A");
});

test("what is written has the checksum that U-Boot computes, in the older copy each time", () => {
  state("set-primary", "B");
  state("set-state", "A", "good");
  for (const [at, seq] of [
    [FIRST_AT, "1"],
    [SECOND_AT, "2"],
  ] as const) {
    const sector = readFileSync(disk).subarray(at, at + SECTOR_BYTES);
    assert.is(sector.readUInt32LE(0), crc32(sector.subarray(4)));
    const content = sector.subarray(4).toString("latin1").replace(/\0+$/, "").split("\0");
    assert.equal(content, ["BOOT_A_LEFT=3", "BOOT_B_LEFT=3", "BOOT_ORDER=B A", `BOOT_SEQ=${seq}`, "BOOT_TRIAL=B"]);
  }
});

test("an update is on trial until its slot is good, and a slot that came back is left out", () => {
  state("set-state", "B", "bad");
  assert.is(state("show"), "order A, left A 3 B 0, trial none, copies 1 0");
  state("set-primary", "B");
  assert.is(state("trial"), "B");
  state("set-state", "B", "good");
  assert.is(state("trial"), "");
  assert.is(state("get-primary"), "B");
  state("set-state", "B", "bad");
  assert.is(state("get-primary"), "A");
  assert.is(state("get-state", "B"), "bad");
});

test("a write that is cut short at any byte leaves the old state or the new one", () => {
  state("set-primary", "B");
  const before = readFileSync(disk);
  state("set-state", "B", "bad");
  const after = readFileSync(disk);
  for (let cut = 0; cut <= SECTOR_BYTES; cut += 37) {
    const torn = Buffer.from(before);
    after.copy(torn, SECOND_AT, SECOND_AT, SECOND_AT + cut);
    // What a card did not get to write may be anything.
    if (cut > 0 && cut < SECTOR_BYTES) torn.fill(0xa5, SECOND_AT + cut, SECOND_AT + SECTOR_BYTES);
    writeFileSync(disk, torn);
    assert.match(state("show"), cut < SECTOR_BYTES ? /^order B A, left A 3 B 3, trial B/ : /^order A, left A 3 B 0/);
  }
});

test("both copies damaged is a new card; a disk that is too short, too", () => {
  state("set-primary", "B");
  state("set-primary", "B");
  const damaged = readFileSync(disk);
  damaged.writeUInt8(damaged.readUInt8(FIRST_AT + 9) ^ 1, FIRST_AT + 9);
  damaged.writeUInt8(damaged.readUInt8(SECOND_AT + 9) ^ 1, SECOND_AT + 9);
  writeFileSync(disk, damaged);
  assert.is(state("get-primary"), "A");
  writeFileSync(disk, new Uint8Array(10));
  assert.is(state("get-primary"), "A");
});

test("a word that the state has not got is refused", () => {
  for (const verb of [["set-primary", "C"], ["set-state", "A", "fine"], ["set-state", "A; id", "good"], ["x"], []]) {
    assert.is(slotState(verb).status, 1, verb.join(" "));
  }
});

test("before an installation: newer is taken, older, same and unknown are not", () => {
  assert.is(preInstall("0.2.0").status, 0);
  assert.is(readFileSync(join(folder, "on-trial"), "utf8"), "0.2.0\n");
  assert.match(refusalOf("0.1.0"), /REFUSED: 0\.1\.0 is not newer than 0\.1\.0/);
  assert.match(refusalOf("0.0.9"), /REFUSED: 0\.0\.9 is not newer/);
  assert.match(refusalOf(""), /REFUSED: the bundle says no version/);
  assert.match(refusalOf("latest"), /REFUSED: .*cannot be compared/);
});

test("before an installation: what came back once is refused, and the card can want either all the same", () => {
  writeFileSync(join(folder, "came-back"), "0.3.0\n0.2.0\n");
  assert.match(refusalOf("0.2.0"), /REFUSED: 0\.2\.0 was tried here/);
  assert.is(preInstall("0.2.1").status, 0);
  writeFileSync(join(folder, "downgrade.txt"), " 0.0.9 \r\n");
  assert.is(preInstall("0.0.9").status, 0);
  assert.match(refusalOf("0.0.8"), /REFUSED/);
  writeFileSync(join(folder, "downgrade.txt"), "0.2.0");
  assert.is(preInstall("0.2.0").status, 0);
  rmSync(join(folder, "downgrade.txt"));
});

test.run();

function isNewer(one: string, other: string): number | null {
  return spawnSync("sh", [join(SCRIPTS, "newer-version"), one, other]).status;
}

function slotState(verb: readonly string[]): { readonly status: number | null; readonly out: string } {
  const env = {
    ...process.env,
    TALLYSTICK_SLOT_DISK: disk,
    TALLYSTICK_SLOT_LOCK: join(folder, "lock"),
    TALLYSTICK_KERNEL_WORDS: words,
  };
  const { status, stdout } = spawnSync("sh", [join(SCRIPTS, "slot-state"), ...verb], { env, encoding: "utf8" });
  return { status, out: stdout.trim() };
}

function state(...verb: readonly string[]): string {
  const { status, out } = slotState(verb);
  assert.is(status, 0, verb.join(" "));
  return out;
}

function preInstall(version: string): { readonly status: number | null; readonly err: string } {
  writeFileSync(join(folder, "os-release"), 'ID=tallystick\nVERSION_ID="0.1.0"\n');
  writeFileSync(
    join(folder, "manifest.raucm"),
    `[update]\ncompatible=x\n${version === "" ? "" : `version=${version}\n`}`,
  );
  const env = {
    ...process.env,
    TALLYSTICK_RELEASE_FILE: join(folder, "os-release"),
    TALLYSTICK_CARD: folder,
    TALLYSTICK_UPDATE_MEMORY: folder,
    RAUC_BUNDLE_MOUNT_POINT: folder,
  };
  const { status, stderr } = spawnSync("sh", [join(SCRIPTS, "pre-install")], { env, encoding: "utf8" });
  return { status, err: stderr };
}

function refusalOf(version: string): string {
  const { status, err } = preInstall(version);
  assert.is(status, 1, version);
  return err;
}
