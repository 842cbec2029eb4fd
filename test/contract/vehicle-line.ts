/** What every way to the car must do: the same requests give the same answers, whatever is in between. */
import { suite } from "uvu";
import * as assert from "uvu/assert";

import { fromHex, toHex } from "#base/bytes.ts";
import type { CarModel } from "#hal/mock/obd/car-model.ts";
import type { SimulatedCar } from "#hal/mock/obd/simulated-car.ts";
import type { SimulatedClock } from "#hal/mock/simulated-clock.ts";
import type { EcuAddress } from "#hal/protocols/obd/ecu-address.ts";
import { replayExchange } from "#hal/vehicles/replay-exchange.ts";
import type { AskOutcome, VehicleLine } from "#hal/vehicles/vehicle-line.ts";
import type { ObdFaults } from "#hal/mock/obd/obd-bench.ts";

export interface VehicleLineFixture {
  readonly line: VehicleLine;
  readonly car: SimulatedCar;
  readonly clock: SimulatedClock;
}

export interface VehicleLineSettings {
  readonly model: CarModel;
  readonly sessions?: readonly number[];
  readonly faults?: ObdFaults;
}

export type MakeVehicleLine = (settings: VehicleLineSettings) => Promise<VehicleLineFixture>;

const kona: EcuAddress = { idBits: 11, requestId: 0x7e4, responseId: 0x7ec };
const meb: EcuAddress = { idBits: 29, requestId: 0x17fc007b, responseId: 0x17fe007b };
const i3: EcuAddress = { idBits: 11, requestId: 0x6f1, responseId: 0x607, extension: { ecu: 0x07, tester: 0xf1 } };
const zoe: EcuAddress = { idBits: 29, requestId: 0x18dadbf1, responseId: 0x18daf1db };

export function vehicleLineContract(name: string, make: MakeVehicleLine): void {
  const test = suite(`vehicle line: ${name}`);

  const run = async (
    settings: VehicleLineSettings,
    work: (
      fixture: VehicleLineFixture,
      ask: (request: string, ecu: EcuAddress) => Promise<AskOutcome>,
    ) => Promise<void>,
  ): Promise<void> => {
    const fixture = await make(settings);
    const { clock, line } = fixture;
    await work(fixture, (request, ecu) =>
      clock.runUntilSettled(line.ask({ ecu, bytes: fromHex(request) ?? new Uint8Array() })),
    );
    await clock.runUntilSettled(line.close());
  };

  const isAnswered = async (settings: VehicleLineSettings, request: string, ecu: EcuAddress): Promise<void> => {
    await run(settings, async (_fixture, ask) => {
      const outcome = await ask(request, ecu);
      assert.ok(outcome.kind === "payload", JSON.stringify(outcome));
      assert.ok(toHex(outcome.payload).startsWith(`6${request.slice(1).toLowerCase()}`));
      assert.ok(outcome.startedMs < outcome.endedMs);
      // The evidence alone, played to the driver once more, gives the same.
      const chunk = new TextEncoder().encode(`${outcome.text}\r\r>`);
      const replayed = replayExchange({ ecu, bytes: fromHex(request) ?? new Uint8Array() }, request, [chunk]);
      assert.equal(replayed.payload, outcome.payload);
    });
  };

  test("11 bit, one frame and many", async () => {
    await isAnswered({ model: "vw-e-up" }, "221E3B", { idBits: 11, requestId: 0x7e5, responseId: 0x7ed });
    await isAnswered({ model: "hyundai-kona" }, "220101", kona);
  });

  test("29 bit", async () => {
    await isAnswered({ model: "vw-meb" }, "221E3B", meb);
  });

  test("extended addresses, one frame and many", async () => {
    await isAnswered({ model: "bmw-i3" }, "22DD68", i3);
    await isAnswered({ model: "bmw-i3" }, "22DD7C", i3);
  });

  test("a diagnostic session is entered where the unit wants it and it is named", async () => {
    await isAnswered({ model: "renault-zoe-ph2", sessions: [0x03] }, "229005", zoe);
    await run({ model: "renault-zoe-ph2" }, async (_fixture, ask) => {
      assert.is((await ask("229005", zoe)).kind, "refused");
    });
  });

  test("an unknown identifier is refused with its code", async () => {
    await run({ model: "hyundai-kona" }, async (_fixture, ask) => {
      assert.equal(await ask("22FFF0", kona), { kind: "refused", responseCode: 0x31 });
    });
  });

  test("a unit that asks for patience is waited for", async () => {
    const settings = { model: "hyundai-kona", faults: { pending: 1, pendingMs: 900 } } as const;
    await isAnswered(settings, "220101", kona);
  });

  test("a car that sleeps says nothing, and answers when it is awake", async () => {
    await run({ model: "hyundai-kona" }, async ({ car }, ask) => {
      car.fallAsleep();
      const silent = await ask("220101", kona);
      assert.ok(silent.kind === "ask-again" && silent.fault.code === "VEHICLE_ASLEEP", JSON.stringify(silent));
      car.wakeUp();
      assert.is((await ask("220101", kona)).kind, "payload");
    });
  });

  test("a bus that is cut is told, and works when it is mended", async () => {
    await run({ model: "hyundai-kona" }, async ({ car, clock }, ask) => {
      assert.is((await ask("220101", kona)).kind, "payload");
      car.cutBus();
      const cut = await ask("220101", kona);
      assert.ok(cut.kind === "ask-again" && cut.fault.code === "VEHICLE_ASLEEP", JSON.stringify(cut));
      car.mendBus();
      await clock.runFor(2_000);
      assert.is((await ask("220101", kona)).kind, "payload");
    });
  });

  test("units that nobody asked are not listened to", async () => {
    await isAnswered({ model: "hyundai-kona", faults: { chatter: 1 } }, "220101", kona);
  });

  test("calls at once are answered in order", async () => {
    await run({ model: "hyundai-kona" }, async ({ line, clock }) => {
      const bytes = [1, 5, 1].map((low) => Uint8Array.of(0x22, 0x01, low));
      const all = Promise.all(bytes.map((each) => line.ask({ ecu: kona, bytes: each })));
      const payloads = (await clock.runUntilSettled(all)).map((outcome) =>
        outcome.kind === "payload" ? toHex(outcome.payload).slice(0, 6) : outcome.kind,
      );
      assert.equal(payloads, ["620101", "620105", "620101"]);
    });
  });

  test("a close ends what is under way", async () => {
    await run({ model: "hyundai-kona" }, async ({ line, clock }) => {
      const bytes = Uint8Array.of(0x22, 0x01, 0x01);
      const asked = [line.ask({ ecu: kona, bytes }), line.ask({ ecu: kona, bytes })];
      await clock.runFor(1);
      await line.close();
      const kinds = (await clock.runUntilSettled(Promise.all(asked))).map(({ kind }) => kind);
      assert.ok(
        kinds.every((kind) => kind === "given-up" || kind === "ask-again"),
        kinds.join(),
      );
    });
  });

  test("only reading can be asked for", async () => {
    const { line, clock } = await make({ model: "hyundai-kona" });
    for (const request of ["2E0101FF", "1003", "3101FF00", "1101"]) {
      const asked = line.ask({ ecu: kona, bytes: fromHex(request) ?? new Uint8Array() });
      assert.match(await clock.runUntilSettled(asked.then(() => "", String)), /only reading/, request);
    }
    await clock.runUntilSettled(line.close());
  });

  test.run();
}
