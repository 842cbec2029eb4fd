/** A gateway's own meter records: one a charge, with pages that no power cut makes jump or repeat. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSafetyRegister, openSegmentLog } from "#adapters/flash-store/index.ts";
import { toHex } from "#base/bytes.ts";
import type { Fact } from "#core/ledger/fact.ts";
import type { Transaction } from "#core/ledger/state.ts";
import { FlashCard } from "#hal/mock/flash.ts";
import { SeededRandomness } from "#hal/mock/seeded-random.ts";
import type { Flash } from "#hal/ports/flash.ts";
import type { LedgerListener, LedgerService } from "#services/ledger-service.ts";
import { decodeOcmfEntry } from "#services/ocmf-entry.ts";
import { OcmfService } from "#services/ocmf-service.ts";

const test = suite("own OCMF records");

const STATION = new Uint8Array(32).fill(1);
const STRANGER = new Uint8Array(32).fill(9);
const NOW = 1_790_000_000;

interface Charge {
  readonly number: number;
  readonly station?: Uint8Array;
  readonly isOver?: boolean;
  readonly startedAt?: number;
}

/** The ledger as this service sees it. */
class ToldLedger {
  readonly nowSeconds = NOW;
  readonly transactions = new Map<string, Transaction>();
  readonly chain = {
    pending: { transactions: { entries: () => this.transactions, get: (key: string) => this.transactions.get(key) } },
  };
  readonly listeners: LedgerListener[] = [];

  listen(listener: LedgerListener): void {
    this.listeners.push(listener);
  }

  put({ number, station = STATION, isOver = true, startedAt = NOW + number }: Charge): Uint8Array {
    const address = new Uint8Array(32).fill(number);
    const completes = isOver ? { station: { atMs: 1000 } } : {};
    const transaction = { address, open: { station, startedAt }, completes } as unknown as Transaction;
    this.transactions.set(toHex(address), transaction);
    return address;
  }

  /** The station's last word on a charge has become durable. */
  end(charge: Charge): void {
    const address = this.put(charge);
    const fact = { kind: "COMPLETE", body: { address, role: "station" } } as unknown as Fact;
    for (const listener of this.listeners) listener.onFact(fact, true);
  }
}

interface Life {
  readonly ledger: ToldLedger;
  readonly service: OcmfService;
  readonly told: string[];
  readonly flash: Flash;
}

async function begin(card: FlashCard, ledger = new ToldLedger()): Promise<Life> {
  const told: string[] = [];
  const flash = await card.open();
  const { log, records, damages } = await openSegmentLog(flash, {
    randomness: new SeededRandomness("x"),
    segmentBytes: 8192,
  });
  const { register } = await openSafetyRegister(flash);
  const service = new OcmfService({
    ...{ ledger: ledger as unknown as LedgerService, log, register, did: STATION, role: "station" },
    stored: records.map(({ bytes }) => bytes),
    isDamaged: damages.length > 0,
    makeRecord: ({ completes, address }, page) =>
      completes.station === undefined ? undefined : `OCMF|{"PG":"T${page}","UA":"${toHex(address)}"}|{}`,
    emit: (name, event) => told.push(`${name} ${JSON.stringify(event)}`),
  });
  return { ledger, service, told, flash };
}

/** Pages and the charges that they are of, as they are on the card. */
async function kept(card: FlashCard): Promise<readonly (readonly [page: number, charge: number])[]> {
  const flash = await card.open();
  const { records, log } = await openSegmentLog(flash, { randomness: new SeededRandomness("x") });
  await log.close();
  await flash.close();
  return records.map(({ bytes }) => {
    const entry = decodeOcmfEntry(bytes);
    if (!entry.ok) throw new Error(entry.fault.code);
    return [entry.value.page, entry.value.address[0] ?? 0] as const;
  });
}

test("each charge has one record, in the order in which they ended, over restarts", async () => {
  const card = new FlashCard();
  const first = await begin(card);
  await first.service.start();
  first.ledger.end({ number: 1 });
  first.ledger.end({ number: 2 });
  first.ledger.end({ number: 2 });
  await first.service.stop();
  await first.flash.close();
  const second = await begin(card, first.ledger);
  await second.service.start();
  second.ledger.end({ number: 3 });
  await second.service.stop();
  await second.flash.close();
  assert.equal(await kept(card), [
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  assert.equal([...first.told, ...second.told], []);
});

test("charges of others, charges that run, and those from before this firmware have none", async () => {
  const card = new FlashCard();
  const { ledger, service, flash } = await begin(card);
  ledger.put({ number: 1, station: STRANGER });
  ledger.put({ number: 2, startedAt: NOW - 9999 });
  await service.start();
  ledger.end({ number: 3, station: STRANGER });
  ledger.end({ number: 4, isOver: false });
  ledger.end({ number: 5 });
  await service.stop();
  await flash.close();
  assert.equal(await kept(card), [[1, 5]]);
});

test("a charge whose last word was signed just before a power cut has its record after the next start", async () => {
  const card = new FlashCard();
  const first = await begin(card);
  await first.service.start();
  first.ledger.end({ number: 1 });
  await first.service.stop();
  await first.flash.close();
  first.ledger.put({ number: 2 });
  const second = await begin(card, first.ledger);
  await second.service.start();
  await second.service.stop();
  await second.flash.close();
  assert.equal(await kept(card), [
    [1, 1],
    [2, 2],
  ]);
});

test("whatever write a power cut interrupts, no page is missing and none stands twice", async () => {
  let cuts = 0;
  for (let place = 1; place <= 40; place += 1) {
    const card = new FlashCard({ seed: place });
    const ledger = new ToldLedger();
    const cut = card.cutPowerAt(place).then(() => "cut" as const);
    const life = begin(card, ledger).then(async ({ service, flash }) => {
      await service.start();
      for (const number of [1, 2, 3]) ledger.end({ number });
      await service.stop();
      await flash.close();
      return "lived" as const;
    });
    if ((await Promise.race([life, cut])) === "lived") break;
    cuts += 1;
    // What was durable of the ledger stays so; the card forgets what was not synced.
    for (const number of [1, 2, 3]) ledger.put({ number });
    const { service, flash, told } = await begin(card, ledger);
    await service.start();
    ledger.end({ number: 4 });
    await service.stop();
    await flash.close();
    const pages = await kept(card);
    assert.equal(
      pages.map(([page]) => page),
      pages.map((_, index) => index + 1),
      `cut at ${place}`,
    );
    assert.is(new Set(pages.map(([, charge]) => charge)).size, pages.length);
    assert.ok(pages.length === 4, `cut at ${place}: ${JSON.stringify(pages)}`);
    assert.equal(told, []);
  }
  assert.ok(cuts >= 5, `${cuts} cuts`);
});

test("a log that was lost is told, and no page of it is used again", async () => {
  const card = new FlashCard();
  const first = await begin(card);
  await first.service.start();
  for (const number of [1, 2, 3]) first.ledger.end({ number });
  await first.service.stop();
  for (const name of await first.flash.list()) if (name.startsWith("segment")) await first.flash.remove(name);
  await first.flash.close();
  const second = await begin(card);
  await second.service.start();
  second.ledger.end({ number: 4 });
  await second.service.stop();
  await second.flash.close();
  assert.equal(await kept(card), [[4, 4]]);
  assert.match(second.told.join(), /OCMF_RECORDS_LOST","count":3/);
});

test("a full card is told once and stops nothing", async () => {
  const card = new FlashCard();
  const { ledger, service, told, flash } = await begin(card);
  await service.start();
  card.failAt("write", "FLASH_FULL");
  for (const number of [1, 2, 3]) ledger.end({ number });
  await service.stop();
  await flash.close();
  assert.is(told.length, 1);
  assert.match(told[0] ?? "", /own OCMF record/);
});

test.run();
