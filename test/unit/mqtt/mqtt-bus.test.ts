/** The client's own duties, on a broker that says whatever the test wants it to say. */
import { createServer, type Socket } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { connectMqttBus, type BusFault } from "#adapters/mqtt/mqtt-bus.ts";
import { clientIdOf, waitUntil } from "#test/builders/bus-worlds.ts";
import { Ear, ROOT } from "#test/contract/message-bus.ts";
import { freePort } from "#test/builders/free-port.ts";

const test = suite("mqtt bus");

const FACTS = `tally1/${ROOT.network}/${ROOT.site}/tx/open`;
const CONNECT = 1;
const SUBSCRIBE = 8;

type Answer = (packet: Uint8Array) => readonly number[];

interface Puppet {
  readonly url: string;
  readonly logins: () => number;
  readonly close: () => void;
}

/** Answers each packet by its type; a type without an answer gets silence. */
async function startPuppet(answers: Readonly<Record<number, Answer>>): Promise<Puppet> {
  const sockets = new Set<Socket>();
  let logins = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (packet: Uint8Array) => {
      const type = (packet[0] ?? 0) >>> 4;
      if (type === CONNECT) logins += 1;
      socket.write(Uint8Array.from(answers[type]?.(packet) ?? []));
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `mqtt://127.0.0.1:${port}`, logins: () => logins, close };
}

const welcome: Answer = () => [0x20, 2, 0, 0];
const refusal: Answer = () => [0x20, 2, 0, 4];
/** Grants one filter: the packet id follows the fixed header of two bytes. */
const grant: Answer = (packet) => [0x90, 3, packet[2] ?? 0, packet[3] ?? 0, 1];

test("a URL that is no broker's is refused at once", () => {
  for (const url of [
    "",
    "localhost",
    "http://host:1883",
    "mqtt://",
    "mqtt://host:0",
    "mqtt://host:99999",
    "mqtt://u:p@host",
  ]) {
    assert.throws(
      () => connectMqttBus(url),
      (error: Error & { code?: string }) => error.code === "BUS_URL_INVALID",
    );
  }
});

test("nobody at the address is told once, and the bus goes on trying", async () => {
  const [ear, faults] = [new Ear(), new Array<BusFault>()];
  const options = { retryMinMs: 5, retryMaxMs: 20, onFault: (fault: BusFault): void => void faults.push(fault) };
  const url = `mqtt://127.0.0.1:${await freePort()}`;
  const bus = await connectMqttBus(url, undefined, options)(clientIdOf(1), [FACTS], ear);
  assert.ok(await waitUntil(() => faults.length >= 3));
  assert.equal(ear.connections, [false]);
  assert.ok(faults.every(({ code }) => code === "BUS_UNREACHABLE"));
  bus.publish(FACTS, Uint8Array.of(1), { qos: 1, retain: false });
  assert.equal(bus.dropped, { away: 1, congested: 0, tooLong: 0 });
  await bus.close();
  const attempts = faults.length;
  await waitUntil(() => faults.length > attempts, 60);
  assert.is(faults.length, attempts, "a closed bus does not try again");
});

test("each attempt brings a new login", async () => {
  const puppet = await startPuppet({ [CONNECT]: refusal });
  let asked = 0;
  const credentials = (): { username: string; password: string } => ({ username: "u", password: String((asked += 1)) });
  const [ear, faults] = [new Ear(), new Array<BusFault>()];
  const options = { retryMinMs: 5, retryMaxMs: 20, onFault: (fault: BusFault): void => void faults.push(fault) };
  const bus = await connectMqttBus(puppet.url, credentials, options)(clientIdOf(1), [FACTS], ear);
  assert.ok(await waitUntil(() => puppet.logins() >= 3));
  assert.ok(asked >= 3);
  assert.equal(faults[0], { code: "BUS_REFUSED", returnCode: 4 });
  assert.equal(ear.connections, [false]);
  await bus.close();
  puppet.close();
});

test("the bus is not up before the broker has answered for the filters", async () => {
  const puppet = await startPuppet({ [CONNECT]: welcome });
  const ear = new Ear();
  const bus = await connectMqttBus(puppet.url)(clientIdOf(1), [FACTS], ear);
  assert.ok(await waitUntil(() => puppet.logins() > 0));
  await waitUntil(() => ear.connections.length > 0, 50);
  assert.equal(ear.connections, []);
  await bus.close();
  puppet.close();
});

test("unacknowledged messages are bounded: the rest is dropped and counted", async () => {
  const puppet = await startPuppet({ [CONNECT]: welcome, [SUBSCRIBE]: grant });
  const ear = new Ear();
  const bus = await connectMqttBus(puppet.url)(clientIdOf(1), [FACTS], ear);
  assert.ok(await waitUntil(() => ear.isUp));
  for (let count = 0; count < 1000; count += 1) bus.publish(FACTS, Uint8Array.of(1), { qos: 1, retain: false });
  assert.is(bus.dropped.congested, 1000 - 256);
  bus.publish(FACTS, new Uint8Array(1024 * 1024), { qos: 0, retain: false });
  assert.is(bus.dropped.tooLong, 1);
  await bus.close();
  puppet.close();
});

test.run();
