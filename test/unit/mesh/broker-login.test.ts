import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import { LOGIN_WINDOW_MS, LOGINS_REMEMBERED_MAX, LoginDesk, signLogin, type Login } from "#core/mesh/broker-login.ts";
import { deviceIdOf } from "#core/identity/device-id.ts";
import { deviceOf, LOGIN_SCOPE } from "#test/builders/bus-worlds.ts";

const test = suite("broker login");

const NOW_MS = 1_790_000_000_000;
const crypto = new NodeCryptography();
const desk = (): LoginDesk => new LoginDesk({ crypto }, LOGIN_SCOPE);

class Unasked extends NodeCryptography {
  override verify(): boolean {
    throw new Error("nothing was to be verified");
  }
}

class Gullible extends NodeCryptography {
  override verify(): boolean {
    return true;
  }
}

function check(at: LoginDesk, login: Login, wallMs = NOW_MS): string {
  const verdict = at.admit(login, wallMs);
  return verdict.ok ? "admitted" : verdict.fault.code;
}

test("a device gets in under its own id, once for each login", () => {
  const at = desk();
  const login = signLogin(LOGIN_SCOPE, deviceOf(1), NOW_MS);
  assert.is(check(at, login), "admitted");
  assert.is(check(at, login), "LOGIN_REPEATED");
  assert.is(check(at, signLogin(LOGIN_SCOPE, deviceOf(1), NOW_MS - 1)), "LOGIN_REPEATED");
  assert.is(check(at, signLogin(LOGIN_SCOPE, deviceOf(1), NOW_MS + 1)), "admitted");
  assert.is(check(at, signLogin(LOGIN_SCOPE, deviceOf(2), NOW_MS)), "admitted");
});

test("nobody gets in under another's id", () => {
  const own = signLogin(LOGIN_SCOPE, deviceOf(1), NOW_MS);
  const other = signLogin(LOGIN_SCOPE, deviceOf(2), NOW_MS);
  assert.is(check(desk(), { ...own, clientId: other.clientId }), "LOGIN_NOT_ITS_ID");
  assert.is(check(desk(), { ...own, clientId: other.clientId, username: other.username }), "LOGIN_WRONG_SIGNATURE");
});

test("a login is good for one broker of one network", () => {
  const elsewhere = signLogin({ ...LOGIN_SCOPE, brokerId: "depot-2" }, deviceOf(1), NOW_MS);
  assert.is(check(desk(), elsewhere), "LOGIN_WRONG_SIGNATURE");
  const abroad = signLogin({ ...LOGIN_SCOPE, network: new Uint8Array(8) }, deviceOf(1), NOW_MS);
  assert.is(check(desk(), abroad), "LOGIN_WRONG_SIGNATURE");
});

test("a login counts only near the broker's clock", () => {
  for (const offsetMs of [-LOGIN_WINDOW_MS, LOGIN_WINDOW_MS]) {
    assert.is(check(desk(), signLogin(LOGIN_SCOPE, deviceOf(1), NOW_MS + offsetMs)), "admitted");
    const outside = signLogin(LOGIN_SCOPE, deviceOf(1), NOW_MS + offsetMs + Math.sign(offsetMs));
    assert.is(check(desk(), outside), "LOGIN_OUTSIDE_WINDOW");
  }
});

test("a login that was forgotten cannot come again", () => {
  const at = desk();
  const early = signLogin(LOGIN_SCOPE, deviceOf(1), NOW_MS + LOGIN_WINDOW_MS);
  assert.is(check(at, early), "admitted");
  for (let wallMs = NOW_MS; wallMs < NOW_MS + 4 * LOGIN_WINDOW_MS; wallMs += 1000) {
    assert.is.not(check(at, early, wallMs), "admitted");
  }
  check(at, signLogin(LOGIN_SCOPE, deviceOf(2), NOW_MS + 4 * LOGIN_WINDOW_MS), NOW_MS + 4 * LOGIN_WINDOW_MS);
  assert.is(at.remembered, 1);
});

test("a refused login leaves nothing behind", () => {
  const at = desk();
  const login = signLogin(LOGIN_SCOPE, deviceOf(1), NOW_MS);
  assert.is(check(at, { ...login, password: `${login.password.slice(0, -2)}00` }), "LOGIN_WRONG_SIGNATURE");
  assert.is(at.remembered, 0);
  assert.is(check(at, login), "admitted");
});

test("a rotated device signs with its current key, a revoked one not at all", () => {
  const login = signLogin(LOGIN_SCOPE, deviceOf(1), NOW_MS);
  const rotated = new LoginDesk({ crypto, currentKey: () => deviceOf(2).signer.publicKey }, LOGIN_SCOPE);
  assert.is(check(rotated, login), "LOGIN_WRONG_SIGNATURE");
  assert.is(check(rotated, signLogin(LOGIN_SCOPE, { ...deviceOf(1), signer: deviceOf(2).signer }, NOW_MS)), "admitted");
  const revoked = new LoginDesk({ crypto, currentKey: () => "revoked" }, LOGIN_SCOPE);
  assert.is(check(revoked, login), "LOGIN_REVOKED");
});

test("malformed logins are refused before anything is verified", () => {
  const at = new LoginDesk({ crypto: new Unasked() }, LOGIN_SCOPE);
  const login = signLogin(LOGIN_SCOPE, deviceOf(1), NOW_MS);
  const spoilt: Partial<Login>[] = [
    { clientId: "" },
    { clientId: login.clientId.toUpperCase() },
    { clientId: `${login.clientId}0` },
    { username: "" },
    { username: "zz" },
    { username: login.username.slice(2) },
    { username: "00".repeat(1000) },
    { password: "" },
    { password: login.password.slice(2) },
    { password: `${login.password}00` },
    { password: "00".repeat(1000) },
  ];
  for (const part of spoilt)
    assert.is(check(at, { ...login, ...part }), "LOGIN_MALFORMED", JSON.stringify(part).slice(0, 60));
});

test("the memory for logins has an end", () => {
  const at = new LoginDesk({ crypto: new Gullible() }, LOGIN_SCOPE);
  const login = signLogin(LOGIN_SCOPE, deviceOf(1), NOW_MS);
  let verdict = "";
  for (let count = 0; count <= LOGINS_REMEMBERED_MAX; count += 1) {
    // Another promise of a next key makes another device; the last four bytes of the inception are part of it.
    const username = login.username.slice(0, -8) + count.toString(16).padStart(8, "0");
    verdict = check(at, {
      ...login,
      username,
      clientId: toHex(deviceIdOf(crypto, fromHex(username) ?? new Uint8Array())),
    });
  }
  assert.is(verdict, "LOGIN_DESK_FULL");
  assert.is(at.remembered, LOGINS_REMEMBERED_MAX);
});

test.run();
