/** The connections that a configuration with two brokers asks for, to two real ones that check logins. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { startBroker } from "#adapters/mqtt/embedded-broker.ts";
import { parseGatewayConfig } from "#config/gateway-config.ts";
import { LoginDesk, signLogin, type Login } from "#core/mesh/broker-login.ts";
import { configuredBrokers } from "#firmware/configured-brokers.ts";
import { LoginKeys } from "#firmware/login-keys.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { clientIdOf, deviceOf, LOGIN_SCOPE, waitUntil } from "#test/builders/bus-worlds.ts";
import { ROOT } from "./message-bus.ts";

const test = suite("two brokers");

const clock = new SystemClock();

test("a gateway logs in to both, and what it shows one is refused by the other", async () => {
  const shown: Record<string, Login> = {};
  const desks = ["depot-1", "roof"].map((brokerId) => {
    return { brokerId, desk: new LoginDesk({ crypto: new NodeCryptography() }, { ...LOGIN_SCOPE, brokerId }) };
  });
  const brokers = await Promise.all(
    desks.map(({ brokerId, desk }) =>
      startBroker({
        ...{ host: "127.0.0.1", port: 0, root: ROOT },
        authenticate: (clientId, username, password) => {
          shown[brokerId] = { clientId, username, password };
          return desk.admit({ clientId, username, password }, clock.wallMs()).ok;
        },
      }),
    ),
  );
  const [first, second] = brokers.map(({ port }) => `mqtt://127.0.0.1:${port}`);
  const config = parseGatewayConfig(
    `role = "arbiter"\nname = "a"\n[region]\nsite = "depot-1"\n[broker]\nurl = "${first ?? ""}"\n` +
      `[broker.second]\nurl = "${second ?? ""}"\nlogin_name = "roof"\n`,
  );
  assert.ok(config.ok);
  const { deviceId: did, inception, signer } = deviceOf(1);
  const lines = await configuredBrokers(
    { config: config.value, home: ".", ownPort: undefined },
    {
      did,
      inception,
      network: LOGIN_SCOPE.network,
      logins: new LoginKeys(did, [signer]),
      clock,
      emit: () => undefined,
    },
  );
  assert.equal(
    lines.map(({ name }) => name),
    [first, second],
  );
  const isUp = [false, false];
  const buses = await Promise.all(
    lines.map(({ connect }, line) =>
      connect(clientIdOf(1), [], { onMessage: () => undefined, onConnection: (up) => (isUp[line] = up) }),
    ),
  );
  try {
    assert.ok(await waitUntil(() => isUp.every((each) => each)));
    const stolen = shown["depot-1"];
    assert.ok(stolen !== undefined);
    const atRoof = new LoginDesk({ crypto: new NodeCryptography() }, { ...LOGIN_SCOPE, brokerId: "roof" });
    assert.equal(atRoof.admit(stolen, clock.wallMs()), { ok: false, fault: { code: "LOGIN_WRONG_SIGNATURE" } });
    const own = signLogin({ ...LOGIN_SCOPE, brokerId: "roof" }, deviceOf(1), clock.wallMs());
    assert.ok(atRoof.admit(own, clock.wallMs()).ok);
  } finally {
    for (const bus of buses) await bus.close();
    for (const broker of brokers) await broker.close();
  }
});

test.run();
