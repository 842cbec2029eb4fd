/** The service's unit, judged by systemd's own tools; how it runs is tried by deploy/debian/try-package.sh. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EXIT } from "#firmware/commands/exit-code.ts";
import { isInstalled } from "#test/builders/bench-run.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LIBRARY = join(ROOT, "deploy/systemd/usr/lib");
const EXAMPLES = join(ROOT, "deploy/systemd/examples");
const UNIT = join(LIBRARY, "systemd/system/tallystick.service");
const EXPOSURE_MAX = 1.2;
/** What systemd 254 and later know; an older one says so and goes on. */
const NEWER_KEYS = ["RestartSteps", "RestartMaxDelaySec"];
/** How much less protected the service is with each drop-in, as its comment says. */
const EXAMPLE_COSTS: Readonly<Record<string, number>> = {
  "any-network.conf": 0.1,
  "can-interface.conf": 0.3,
  "kernel-clock.conf": 0.4,
};

const test = suite("systemd unit");
const home = mkdtempSync(join(tmpdir(), "systemd-unit-"));
test.after(() => {
  rmSync(home, { recursive: true });
});

test("an exit that asks for somebody's hand is not tried again, any other is", () => {
  assert.is(valueOf("RestartPreventExitStatus"), `${EXIT.usage} ${EXIT.configuration}`);
  assert.is(valueOf("Restart"), "always");
  assert.is(valueOf("StartLimitIntervalSec"), "0");
});

test("the guard is not killed with the gateway", () => {
  assert.is(valueOf("KillMode"), "process");
  assert.is(valueOf("OOMPolicy"), "continue");
});

test("scripts of the package and of the broker parse", () => {
  const scripts = ["deploy/debian/{postinst,prerm,postrm}", "deploy/debian/*.sh", "deploy/debian/build-package"];
  const files = globSync([...scripts, "deploy/broker/{*-*,*.sh}"], { cwd: ROOT });
  assert.ok(files.length >= 9, files.join(" "));
  for (const file of files) {
    const shell = readFileSync(join(ROOT, file), "utf8").startsWith("#!/bin/sh") ? "sh" : "bash";
    assert.is(spawnSync(shell, ["-n", join(ROOT, file)]).status, 0, file);
  }
});

if (isInstalled("systemd-analyze")) testExposure();
else test.skip("needs systemd-analyze: apt-get install systemd");

if (isInstalled("systemd-sysusers") && isInstalled("systemd-tmpfiles") && process.getuid?.() === 0) {
  test("user, group and folders come out as the unit and `init` need them", () => {
    cpSync(join(LIBRARY, "sysusers.d"), join(home, "usr/lib/sysusers.d"), { recursive: true });
    cpSync(join(LIBRARY, "tmpfiles.d"), join(home, "usr/lib/tmpfiles.d"), { recursive: true });
    mkdirSync(join(home, "etc"));
    execFileSync("systemd-sysusers", [`--root=${home}`]);
    assert.match(readFileSync(join(home, "etc/passwd"), "utf8"), /^tallystick:.*:\/var\/lib\/tallystick:.*nologin$/m);
    execFileSync("systemd-tmpfiles", [`--root=${home}`, "--create", "tallystick.conf"]);
    const listed = execFileSync("stat", ["-c", "%a", join(home, "var/lib/tallystick"), join(home, "etc/tallystick")]);
    assert.is(listed.toString(), "750\n755\n");
  });
} else {
  test.skip("needs root, systemd-sysusers and systemd-tmpfiles");
}

function testExposure(): void {
  const without = exposureOf("tallystick.service", readFileSync(UNIT, "utf8"));

  test(`exposure by systemd-analyze is ${EXPOSURE_MAX} at most`, () => {
    console.log(`exposure ${without.figure}; unknown here: ${without.unknown.join(", ") || "nothing"}`);
    assert.ok(without.figure <= EXPOSURE_MAX, `${without.figure}`);
    assert.ok(without.unknown.every((key) => NEWER_KEYS.includes(key)));
  });

  test("each drop-in costs no more protection than its comment says", () => {
    const files = globSync("*.conf", { cwd: EXAMPLES });
    assert.equal(files.map((file) => basename(file)).sort(), Object.keys(EXAMPLE_COSTS).sort());
    for (const [file, cost] of Object.entries(EXAMPLE_COSTS)) {
      const text = `${readFileSync(UNIT, "utf8")}\n${readFileSync(join(EXAMPLES, file), "utf8")}`;
      const { figure } = exposureOf("with.service", text);
      assert.ok(figure - without.figure < cost + 0.05, `${file}: ${figure}`);
    }
  });
}

interface Exposure {
  readonly figure: number;
  readonly unknown: readonly string[];
}

function exposureOf(name: string, text: string): Exposure {
  const unit = join(home, name);
  writeFileSync(unit, text);
  const ran = spawnSync("systemd-analyze", ["security", "--offline=true", "--no-pager", unit], { encoding: "utf8" });
  const [, figure] = /Overall exposure level for \S+: ([\d.]+)/.exec(ran.stdout) ?? [];
  const unknown = [...ran.stderr.matchAll(/Unknown key(?: name)? '(\w+)'/g)].map(([, key]) => key ?? "");
  if (figure === undefined) throw new Error(ran.stderr);
  return { figure: Number(figure), unknown };
}

function valueOf(key: string): string | undefined {
  return new RegExp(`^${key}=(.*)$`, "m").exec(readFileSync(UNIT, "utf8"))?.[1];
}

test.run();
