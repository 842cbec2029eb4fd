/** What a board makes of its card, at the first start and at later ones. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { parseGatewayConfig } from "#config/gateway-config.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { cardExample } from "#firmware/commands/first-boot/card-text.ts";
import { realDisk } from "#firmware/commands/first-boot/disk.ts";
import {
  boardsOf,
  CHARGER,
  cutAfter,
  faultsOf,
  genesisOf,
  ready,
  reportOf,
  textOf,
} from "#test/builders/card-boots.ts";

const test = suite("first boot");
const newBoard = boardsOf(test);

test("the printed example of a charger makes a charger, and that of a vehicle with the region a vehicle", async () => {
  const charger = newBoard().put("tallystick.toml", cardExample("charger"));
  assert.is(ready(await charger.boot()).role, "charger");
  const vehicle = newBoard().put("tallystick.toml", cardExample("vehicle"));
  const missing = faultsOf(await vehicle.boot());
  assert.equal(
    missing.map(({ path }) => path),
    ["genesis.tally"],
  );
  vehicle.put("genesis.tally", readFileSync(join(charger.places.card, "genesis.tally")));
  const made = ready(await vehicle.boot());
  assert.is(made.role, "vehicle");
  assert.is(made.network, ready(await charger.boot()).network);
});

test("every line of the examples that is commented out holds when it is used", async () => {
  for (const role of ["charger", "vehicle"] as const) {
    const board = newBoard();
    board.put("genesis.tally", await genesisOf(newBoard()));
    const used = cardExample(role)
      .split("\n")
      .filter((line) => !/^#(host|tcp_port) =/.test(line))
      .map((line) => line.replace(/^#(\[|[a-z_]+ = )/, "$1"))
      // Another region than that of the file has another name.
      .filter((line) => !line.startsWith('name = "My garage"'));
    // Keys of [vehicle] stand below its other ones, as in the example.
    ready(await board.put("tallystick.toml", used.join("\n")).boot());
  }
});

test("a charger founds its region, puts it onto the card, and the files are readable by whom they are for", async () => {
  const board = newBoard().put("tallystick.toml", `${CHARGER}[region]\nname = "Home"\nprofile = "paper"\n`);
  const made = ready(await board.boot());
  const { card, state, config } = board.places;
  const genesis = decodeGenesis(new NodeCryptography(), readFileSync(join(card, "genesis.tally")));
  assert.ok(genesis.ok);
  assert.is(genesis.value.body.name, "Home");
  assert.is(genesis.value.body.rules.profile, "paper");
  assert.equal(readFileSync(join(card, "genesis.tally")), readFileSync(join(state, "genesis.tally")));
  assert.is(statSync(join(state, "gateway.key")).mode & 0o777, 0o600);
  assert.equal(readdirSync(join(state, "flash")).sort(), ["ledger", "meter"]);
  const parsed = parseGatewayConfig(textOf(config));
  assert.ok(parsed.ok);
  assert.is(parsed.value.state, state);
  assert.match(reportOf(board), `Device id     ${made.shortId}`);
  assert.match(reportOf(board), /everything on this card is in order/i);
  assert.ok(
    reportOf(board)
      .split("\n")
      .every((line) => line === "" || line.endsWith("\r")),
    "Notepad's line ends",
  );
});

test("what others have to read is readable under any mask of the service", async () => {
  const wifi = '[network]\nwifi_ssid = "x"\nwifi_password = "12345678"\n';
  const board = newBoard().put("tallystick.toml", `${CHARGER}${wifi}`);
  const mask = process.umask(0o077);
  try {
    ready(await board.boot());
  } finally {
    process.umask(mask);
  }
  const { config, network, state } = board.places;
  const modeOf = (path: string): number => statSync(path).mode & 0o777;
  assert.is(modeOf(config), 0o644);
  assert.is(modeOf(dirname(config)), 0o755);
  assert.is(modeOf(join(network, "systemd/network")), 0o755);
  assert.is(modeOf(join(network, "systemd/network/10-cable.network")), 0o644);
  assert.is(modeOf(join(network, "iwd/networks/x.psk")), 0o600);
  assert.is(modeOf(join(state, "card-last-good.toml")), 0o600);
});

test("a start with the same card writes nothing", async () => {
  const board = newBoard().put("tallystick.toml", `${CHARGER}[network]\nwifi_ssid = "x"\nwifi_password = "12345678"\n`);
  const first = ready(await board.boot());
  const counted = cutAfter(10_000);
  const second = ready(await board.boot(counted.disk));
  assert.is(counted.writes(), 0);
  assert.is(second.device, first.device);
  assert.ok(first.isNew && !second.isNew);
});

test("a lost genesis is put onto the founder's card again, and a lost configuration onto any card", async () => {
  const board = newBoard();
  await genesisOf(board);
  rmSync(join(board.places.card, "genesis.tally"));
  rmSync(join(board.places.card, "tallystick.toml"));
  ready(await board.boot());
  assert.ok(existsSync(join(board.places.card, "genesis.tally")));
  assert.is(textOf(join(board.places.card, "tallystick.toml")), CHARGER);
  assert.match(reportOf(board), /the last good one was put back and used/);
});

test("files that the card names are copied, secrets for the gateway alone, and go when they are no longer named", async () => {
  const tariff = {
    country_code: "NL",
    party_id: "TAL",
    id: "1",
    currency: "EUR",
    last_updated: "2026-01-01T00:00:00Z",
  };
  const elements = [{ price_components: [{ type: "ENERGY", price: 0.3, step_size: 1 }] }];
  const board = newBoard()
    .put("tariff.json", JSON.stringify({ ...tariff, elements }))
    .put("secret.txt", "hunter2\r\n")
    .put(
      "tallystick.toml",
      `${CHARGER}[tariff]\nfile = "tariff.json"\ntime_zone = "Europe/Amsterdam"\n` +
        `[broker]\nurl = "mqtt://10.0.0.9"\nuser = "a"\npassword_file = "secret.txt"\n`,
    );
  ready(await board.boot());
  const { files, config } = board.places;
  assert.equal(readdirSync(files).sort(), ["secret.txt", "tariff.json"]);
  assert.is(statSync(join(files, "secret.txt")).mode & 0o777, 0o600);
  assert.match(textOf(config), join(files, "tariff.json"));
  ready(await board.put("tallystick.toml", CHARGER).boot());
  assert.equal(readdirSync(files), []);
});

test("root stores what is the gateway's with the gateway's rights, and follows no link out of its folder", async () => {
  if (process.geteuid?.() !== 0) {
    console.log("skipped: only root can become another user");
    return;
  }
  const board = newBoard().put("tallystick.toml", `${CHARGER}[meter]\nmodel_file = "passwd"\n`).put("passwd", "evil");
  const { state, files } = board.places;
  chmodSync(board.root, 0o755);
  mkdirSync(state);
  chownSync(state, 65_534, 65_534);
  board.put("tallystick.toml", CHARGER);
  ready(await board.boot());
  for (const name of ["gateway.key", "genesis.tally", "device.json", "flash", "flash/ledger", "card"]) {
    assert.is(statSync(join(state, name)).uid, 65_534, name);
  }
  // Somebody who has taken the gateway over lays a link to a folder of root's, and names a file there.
  const victim = join(board.root, "victim");
  mkdirSync(victim, { mode: 0o755 });
  rmSync(files, { recursive: true });
  symlinkSync(victim, files);
  board.put("secret.txt", "x");
  board.put("tallystick.toml", `${CHARGER}[broker]\nurl = "mqtt://a"\nuser = "b"\npassword_file = "secret.txt"\n`);
  const outcome = await board.boot().catch((error: unknown) => (error instanceof Error ? error.message : ""));
  assert.match(JSON.stringify(outcome), /EACCES/);
  assert.equal(readdirSync(victim), []);
});

test("a card that cannot be written to does not stop the gateway, and the reason is told", async () => {
  const board = newBoard().put("tallystick.toml", CHARGER);
  const locked = {
    ...realDisk,
    write: (path: string, bytes: Uint8Array, mode: number) =>
      path.startsWith(board.places.card)
        ? Promise.reject(Object.assign(new Error("EROFS: read-only file system"), { code: "EROFS" }))
        : realDisk.write(path, bytes, mode),
  };
  const made = ready(await board.boot(locked));
  assert.is(made.warnings.length, 3);
  assert.match(made.warnings[1] ?? "", /genesis\.tally could not be written onto the card: EROFS/);
});

test.run();

test.run();
