/** What no fact may say, key by key. */
import { EVIDENCE_OBJECT_BYTES_MAX, SCRIPT_BYTES_MAX } from "#core/limits.ts";
import type { FactKind } from "#core/ledger/fact.ts";
import type { CborValue } from "#core/wire/cbor.ts";
import { named } from "#test/builders/ledger-actors.ts";
import { STATION } from "#test/builders/ledger-builder.ts";

/** Values that a key must not have, by kind; every key of the kind is listed. */
export const OUT_OF_RANGE: Readonly<Record<FactKind, Readonly<Record<number, readonly CborValue[]>>>> = {
  JOIN: {
    1: [0, 2, "1"],
    2: [new Uint8Array(7), new Uint8Array(9), 0],
    3: [new Uint8Array(71), new Uint8Array(73), []],
    6: ["0123456789abcdef0123456789abcdef0", "\u001b", new Uint8Array(1)],
  },
  ROTATE: {
    1: [new Uint8Array(7), new Uint8Array(9)],
    2: [new Uint8Array(31), new Uint8Array(33), null],
    3: [0, -1, 256],
    4: [new Uint8Array(32), new Uint8Array(34)],
    5: [new Uint8Array(31), new Uint8Array(33)],
    6: [0, 3, "owner"],
  },
  REVOKE: {
    1: [new Uint8Array(7), new Uint8Array(9)],
    2: [new Uint8Array(31), new Uint8Array(33), null],
    3: [0, 6, "stolen"],
    4: [-1, null],
  },
  PARAMS: {
    1: [new Uint8Array(7), new Uint8Array(9)],
    2: [0, -1, null],
    3: [-1, "2"],
    4: [[], new Map([[1, 2]]), new Map([[3, 6]]), new Map([[2, 0]]), new Map([[19, 32]]), new Map([[99, 0]])],
    5: [0, 65_536, null],
  },
  RECONFIG: {
    1: [new Uint8Array(7), new Uint8Array(9)],
    2: [[8], [-1, new Uint8Array(32)], [8, new Uint8Array(31)], null],
    3: [[], [new Uint8Array(31)], [STATION.did, STATION.did], Array.from({ length: 32 }, (_, at) => named(`${at}`))],
  },
  CODE: {
    1: [new Uint8Array(7), new Uint8Array(9)],
    2: [new Uint8Array(31), new Uint8Array(33), null],
    3: [-1, 4],
    4: [new Uint8Array(0), new Uint8Array(SCRIPT_BYTES_MAX + 1), "program"],
  },
  OPEN: {
    1: [0, 2],
    2: [new Uint8Array(7), new Uint8Array(9)],
    3: [new Uint8Array(31), new Uint8Array(33), null],
    4: [new Uint8Array(31), new Uint8Array(33)],
    5: [0, 256, -1],
    6: [new Map(), []],
    7: [new Uint8Array(31), new Uint8Array(33)],
    8: [[0], [0, new Uint8Array(31)], [-1, new Uint8Array(32)], [0, new Uint8Array(32), 0]],
    9: [[0], [-1, 0], [0, -1], [0, 0, 0]],
    10: [-1, null],
    11: [-1],
    12: [new Uint8Array(15), new Uint8Array(17)],
  },
  EVIDENCE: {
    1: [new Uint8Array(7), new Uint8Array(9)],
    2: [0, 8, "reports"],
    3: [new Uint8Array(31), new Uint8Array(33), null],
    4: [new Uint8Array(0), new Uint8Array(EVIDENCE_OBJECT_BYTES_MAX + 1), []],
    5: [new Uint8Array(0), new Uint8Array(EVIDENCE_OBJECT_BYTES_MAX + 1), null],
  },
  REPORT: {
    1: [new Uint8Array(31), new Uint8Array(33)],
    2: [0, 3, "station"],
    3: [-1, 2881],
    4: [-1, "0"],
    5: [[], Array.from({ length: 61 }, () => 0), [0, -1], 0],
    6: [new Uint8Array(31), new Uint8Array(33)],
    7: [[0, new Uint8Array(15)], [0, new Uint8Array(17)], [-1, new Uint8Array(16)], null],
    8: [-1],
    9: [-1, 256],
    10: [new Uint8Array(31), null],
  },
  COMPLETE: {
    1: [new Uint8Array(31), new Uint8Array(33)],
    2: [0, 3],
    3: [-1],
    4: [-1, 2882],
    5: [new Uint8Array(31), new Uint8Array(33)],
    6: [0, 10, "finished"],
    7: [-1],
    8: [new Uint8Array(33), null],
  },
  CANCEL: { 1: [new Uint8Array(31), new Uint8Array(33)], 2: [0, 3, null] },
  RESOLVE: {
    1: [new Uint8Array(31), new Uint8Array(33)],
    2: [0, 3, null],
    3: [-1, 16],
    4: [-1, null],
    5: [-1, "405"],
  },
  ADJUDICATE: {
    1: [new Uint8Array(31), new Uint8Array(33)],
    2: [-1, null],
    3: [-1, 4, "none"],
    4: ["", "  ", "x".repeat(513), "\u00e4".repeat(257), "\u001b[2J", "a\nb", new Uint8Array(3), null],
  },
};
