/** Which serial lines of a board are there, and whether this user may open them. */
import { access, constants, readdir, readFile, stat } from "node:fs/promises";
import type { SerialPort } from "#boards/board.ts";
import { EXIT } from "../exit-code.ts";
import { failed, type Finding } from "./trial.ts";

const BY_ID = "/dev/serial/by-id";

/**
 * What a board may have need not be there; what the configuration names has to be.
 *
 * @param configured paths that the gateway will open
 */
export async function lookAtPorts(
  ports: readonly SerialPort[],
  configured: readonly string[],
): Promise<readonly Finding[]> {
  const fixed = ports.map(({ path }) => path).filter((path) => !path.startsWith(BY_ID));
  const adapters = ports.length === fixed.length ? [] : await adaptersById();
  const findings = [];
  for (const path of new Set([...configured, ...adapters, ...fixed])) {
    findings.push(await lookAt(path, configured.includes(path)));
  }
  if (ports.length > fixed.length && adapters.length === 0) {
    findings.push({ outcome: "note", part: "USB adapters", text: `none is plugged in (${BY_ID})` } as const);
  }
  return findings;
}

async function adaptersById(): Promise<readonly string[]> {
  const names = await readdir(BY_ID).catch(() => []);
  return names.sort().map((name) => `${BY_ID}/${name}`);
}

async function lookAt(path: string, isNeeded: boolean): Promise<Finding> {
  const about = await stat(path).catch(() => undefined);
  if (about === undefined) {
    if (isNeeded) return failed(path, "the configuration names it, and it is not there");
    return { outcome: "note", part: path, text: "not there; `tallystick board show` says what it takes" };
  }
  if (!about.isCharacterDevice()) return failed(path, "it is no serial line", EXIT.badData);
  const mayOpen = await access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
  if (mayOpen) return { outcome: "ok", part: path, text: "there, and this user may open it" };
  return failed(path, `this user may not open it: add it to the group ${await groupName(about.gid)}`, EXIT.permission);
}

/** The group by its name, such as dialout or gpio; else its number. */
export async function groupName(gid: number): Promise<string> {
  const groups = await readFile("/etc/group", "utf8").catch(() => "");
  const entry = groups.split("\n").find((line) => line.split(":")[2] === String(gid));
  return entry?.split(":")[0] ?? String(gid);
}
