/** Our client on Eclipse Mosquitto, with a configuration and a port of its own. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import mqtt from "mqtt";
import { connectMqttBus, type BusFault } from "#adapters/mqtt/mqtt-bus.ts";
import { topicName } from "#core/mesh/topics.ts";
import { clientIdOf, QUICK, realTime, waitUntil } from "#test/builders/bus-worlds.ts";
import { Ear, messageBusContract, ROOT, type BusWorld } from "#test/contract/message-bus.ts";
import { freePort } from "#test/builders/free-port.ts";

/** Debian keeps it where users' paths do not lead. */
const PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin`;
const isThere = spawnSync("mosquitto", ["-h"], { env: { PATH } }).error === undefined;

if (isThere) {
  messageBusContract("mosquitto", mosquittoWorld);
  testHostileBroker();
} else {
  const test = suite("message bus: mosquitto");
  test("skipped: mosquitto is not installed", () => {
    console.log("skipped: mosquitto is not installed");
  });
  test.run();
}

/** A broker without a limit of its own lets packets through that the mesh does not allow. */
function testHostileBroker(): void {
  const test = suite("mqtt bus against a broker without limits");
  const open = topicName(ROOT, { kind: "fact", class: "open" });

  test("packets that are too long are left out, and the messages after them still come", async () => {
    const world = await mosquittoWorld();
    const faults: BusFault[] = [];
    const ear = new Ear();
    const options = { ...QUICK, onFault: (fault: BusFault): void => void faults.push(fault) };
    const bus = await connectMqttBus(world.url, undefined, options)(clientIdOf(1), [open], ear);
    assert.ok(await waitUntil(() => ear.isUp));
    const giant = await mqtt.connectAsync(world.url);
    // More than the 20 that mosquitto sends before it waits for acknowledgements (its max_inflight_messages).
    for (let count = 0; count < 30; count += 1) await giant.publishAsync(open, Buffer.alloc(1024 * 1024), { qos: 1 });
    await giant.publishAsync(open, "small", { qos: 1 });
    assert.ok(await waitUntil(() => ear.heard.length > 0));
    assert.equal(ear.texts(), ["small"]);
    assert.equal(ear.connections, [true]);
    assert.is(bus.dropped.tooLong, 30);
    assert.ok(faults.every(({ code }) => code === "MQTT_PACKET_TOO_LONG"));
    await giant.endAsync();
    await bus.close();
    await world.close();
  });

  test("a retained packet that is too long does not lock us out", async () => {
    const world = await mosquittoWorld();
    const giant = await mqtt.connectAsync(world.url);
    await giant.publishAsync(open, Buffer.alloc(1024 * 1024), { qos: 1, retain: true });
    const ear = new Ear();
    const bus = await connectMqttBus(world.url, undefined, QUICK)(clientIdOf(1), [open], ear);
    assert.ok(await waitUntil(() => ear.isUp));
    await giant.publishAsync(open, "small", { qos: 1 });
    assert.ok(await waitUntil(() => ear.heard.length > 0));
    assert.equal(ear.texts(), ["small"]);
    assert.equal(ear.connections, [true]);
    await giant.endAsync();
    await bus.close();
    await world.close();
  });

  test.run();
}

async function mosquittoWorld(): Promise<BusWorld & { readonly url: string }> {
  const port = await freePort();
  const url = `mqtt://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), "tallystick-mosquitto-"));
  const configuration = join(folder, "mosquitto.conf");
  writeFileSync(configuration, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest none\n`);
  let broker = await startMosquitto(configuration, port);
  return {
    ...realTime(),
    url,
    connect: connectMqttBus(url, undefined, QUICK),
    stopBroker: () => kill(broker),
    startBroker: async () => {
      broker = await startMosquitto(configuration, port);
    },
    close: async () => {
      await kill(broker);
      rmSync(folder, { recursive: true });
    },
    firstClientStays: false,
  };
}

async function startMosquitto(configuration: string, port: number): Promise<ChildProcess> {
  const broker = spawn("mosquitto", ["-c", configuration], { env: { PATH }, stdio: "ignore" });
  let isListening = false;
  const knock = (): void => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      isListening = true;
      socket.destroy();
    });
    socket.on("error", () => setTimeout(knock, 10));
  };
  knock();
  assert.ok(await waitUntil(() => isListening), "mosquitto listens");
  return broker;
}

/** Without notice, as a power cut would. */
async function kill(broker: ChildProcess): Promise<void> {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  const isGone = new Promise((resolve) => broker.once("exit", resolve));
  broker.kill("SIGKILL");
  await isGone;
}
