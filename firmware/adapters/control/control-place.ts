/**
 * Where a gateway's control socket is: `control.sock` beside its configuration. The name of a Unix socket has room for
 * about a hundred bytes; where the folder's path is longer, the socket gets a short name in a private temporary folder,
 * and `control.path` beside the configuration says which.
 */
import { mkdtemp, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** unix(7): `sun_path` has 108 bytes with its end; other systems have 104. */
export const SOCKET_PATH_BYTES_MAX = 100;

const SOCKET_NAME = "control.sock";
const PATH_NAME = "control.path";

/** Where to listen; a place in the temporary folder is made and noted. */
export async function makeControlPlace(home: string): Promise<string> {
  const beside = join(home, SOCKET_NAME);
  if (fits(beside)) return beside;
  const path = join(await mkdtemp(join(tmpdir(), "tallystick-")), SOCKET_NAME);
  await writeFile(join(home, PATH_NAME), `${path}\n`, { mode: 0o600 });
  return path;
}

/** Where the gateway of this folder listens, if it does. */
export async function findControlPlace(home: string): Promise<string | undefined> {
  const beside = join(home, SOCKET_NAME);
  if (fits(beside)) return beside;
  const noted = await readFile(join(home, PATH_NAME), "utf8").catch(() => "");
  const path = noted.trim();
  return path !== "" && fits(path) ? path : undefined;
}

/** Takes back what was made for the place. */
export async function clearControlPlace(home: string, path: string): Promise<void> {
  await rm(path, { force: true });
  if (dirname(path) === home) return;
  await rmdir(dirname(path)).catch(() => undefined);
  await rm(join(home, PATH_NAME), { force: true });
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX;
}
