/** A region whose blocks become final, and a gateway of it that offers its state to those who join. */
import { HARDENED_RULES } from "#core/ledger/rules.ts";
import type { Chain } from "#core/ledger/chain.ts";
import { SnapshotFetch, type SnapshotFault, type SnapshotWant } from "#core/ledger/snapshot-fetch.ts";
import { SnapshotPoints } from "#core/ledger/snapshot-points.ts";
import { SnapshotServer } from "#core/ledger/snapshot-server.ts";
import { factBytesIn } from "#core/ledger/chain-records.ts";
import { trustOfGenesis } from "#core/ledger/trusted-committee.ts";
import { snapshotReply, snapshotRequest, type SnapshotReply } from "#core/mesh/snapshot-messages.ts";
import { decodeShape, encodeShape, type Shape } from "#core/wire/schema.ts";
import { sealAndCertify } from "./committee-votes.ts";
import { crypto, makeActor, type Actor } from "./ledger-actors.ts";
import { LedgerBuilder, STATION, VEHICLE } from "./ledger-builder.ts";

export const EVERY = 24;
export const VOTERS = ["one", "two", "three", "four"].map((name) => makeActor(`voter-${name}`, "station", name));

export interface OfferedState {
  readonly builder: LedgerBuilder;
  readonly points: SnapshotPoints;
  readonly server: SnapshotServer;
}

/** Four voters; committees hand over each few blocks; charges that are over, open and in dispute. */
export function offeredState(blocks: number, among: readonly Actor[] = VOTERS): OfferedState {
  const rules = { ...HARDENED_RULES, historyMin: 1, counterpartiesMin: 1, epochCheckpoints: 3 };
  const builder = new LedgerBuilder({ rules, authorities: among });
  builder.chain.believesSignatures = true;
  builder.join(STATION, VEHICLE);
  const points = new SnapshotPoints(builder.chain, EVERY);
  for (let count = 0; count < blocks; count += 1) {
    tell(builder);
    sealAndCertify(builder, 1);
    points.follow();
  }
  builder.chain.believesSignatures = false;
  return { builder, points, server: serverOf(builder.chain, points) };
}

export function serverOf(chain: Chain, points: SnapshotPoints): SnapshotServer {
  return new SnapshotServer({ chain, points, factBytes: (key) => factBytesIn(chain, key, undefined) });
}

/** With nothing but the genesis, or what a chain holds to be final. */
export function fetchFor({ genesis, context, final }: Chain): SnapshotFetch {
  const trust = trustOfGenesis({ crypto, genesis });
  return new SnapshotFetch({ context, genesis, trust, final: { serial: final.serial, id: final.id } });
}

/** Asks until all is there; every message takes the way over the wire. Undefined or the fault that was the last word. */
export function fetchFrom(
  fetch: SnapshotFetch,
  server: Pick<SnapshotServer, "answer">,
  change: (reply: SnapshotReply, want: SnapshotWant) => SnapshotReply = (reply) => reply,
): SnapshotFault | undefined {
  for (let steps = 0; steps < 2000; steps += 1) {
    const want = fetch.next();
    if (want === undefined) return undefined;
    const { only, ...asked } = want;
    const request = { token: "00".repeat(16), nonce: new Uint8Array(16), ...asked };
    const answered = server.answer(overTheWire(snapshotRequest, request));
    const reply = overTheWire(snapshotReply, change(answered, want));
    const taken = fetch.take(want, reply, only ?? "peer");
    if (!taken.ok) return taken.fault;
  }
  throw new Error("bug of the test: it never ends");
}

function overTheWire<Value>(shape: Shape<Value>, value: Value): Value {
  const read = decodeShape(shape, encodeShape(shape, value));
  if (!read.ok) throw new Error(`bug of the test: ${JSON.stringify(read.fault)}`);
  return read.value;
}

function tell(builder: LedgerBuilder): void {
  const { serial, sealedAt } = builder.state;
  if (serial % 5 !== 2) return;
  const salt = new Uint8Array(16).fill(serial % 251, 0, 8).fill(serial >> 8, 8);
  const charge = builder.charge(undefined, { salt, startedAt: sealedAt });
  const said = charge.whole({ milliWh: 5_000_000, ...(serial % 15 === 2 ? { vehicleShare: 0.5 } : {}) });
  builder.submit(...(serial % 20 === 7 ? said.slice(0, 4) : said));
}
