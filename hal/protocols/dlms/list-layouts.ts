/**
 * Lists that carry no codes: what stands where, by maker. Devices are told apart by what they send first and by the
 * kinds of their elements. Sources: Kaifa "HAN OBIS codes KFM_001" for NVE and recorded telegrams of it; Iskraemeco
 * AM550 as Wiener Netze describes its customer interface, and a recorded telegram; ECE list 1 from a recorded telegram;
 * ECE list 2 read from an implementation of it, no telegram seen.
 */
import { AXDR_DOUBLE_LONG_UNSIGNED } from "./axdr.ts";

export type ListLayoutName = "kaifa" | "iskra" | "ece-1" | "ece-2";

export interface ListLayout {
  readonly name: ListLayoutName;
  /** Kinds of the elements: `o` octets or text, `n` number or boolean. One without data fits anywhere. */
  readonly shape: string;
  /** How the first element begins, in hex. */
  readonly firstBegins?: string;
  /** The DLMS type of the first element, where nothing else tells the list apart. */
  readonly firstTag?: number;
  /** A telegram may end before the list does, because some meters announce elements that they do not send. */
  readonly mayEndEarly?: true;
  /** One code an element, null for what has none of its own. */
  readonly codes: readonly (string | null)[];
  /** Codes whose octets are one unsigned number. */
  readonly numbersInOctets?: readonly string[];
}

/** "KFM_", then the version of the list. */
const KAIFA_LIST_NAME = "4b464d5f";
const KAIFA_HEAD = ["1-1:0.2.129", "0-0:96.1.0", "0-0:96.1.7", "1-0:1.7.0", "1-0:2.7.0", "1-0:3.7.0", "1-0:4.7.0"];
const ONE_PHASE = ["1-0:31.7.0", "1-0:32.7.0"];
const THREE_PHASES = ["1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0", "1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0"];
const KAIFA_ENERGIES = ["0-0:1.0.0", "1-0:1.8.0", "1-0:2.8.0", "1-0:3.8.0", "1-0:4.8.0"];

export const LIST_LAYOUTS: readonly ListLayout[] = [
  { name: "kaifa", shape: "n", firstTag: AXDR_DOUBLE_LONG_UNSIGNED, codes: ["1-0:1.7.0"] },
  {
    name: "kaifa",
    shape: "ooonnnnnn",
    firstBegins: KAIFA_LIST_NAME,
    codes: [...KAIFA_HEAD, ...ONE_PHASE],
  },
  {
    name: "kaifa",
    shape: "ooonnnnnnnnnn",
    firstBegins: KAIFA_LIST_NAME,
    codes: [...KAIFA_HEAD, ...THREE_PHASES],
  },
  {
    name: "kaifa",
    shape: "ooonnnnnnonnnn",
    firstBegins: KAIFA_LIST_NAME,
    codes: [...KAIFA_HEAD, ...ONE_PHASE, ...KAIFA_ENERGIES],
  },
  {
    name: "kaifa",
    shape: "ooonnnnnnnnnnonnnn",
    firstBegins: KAIFA_LIST_NAME,
    codes: [...KAIFA_HEAD, ...THREE_PHASES, ...KAIFA_ENERGIES],
  },
  {
    // Push setup, serial number, time of day and date stand before the values.
    name: "iskra",
    shape: "oooonnnnnnnn",
    firstBegins: "0006190900ff",
    mayEndEarly: true,
    codes: [
      ...[null, null, null, null],
      ...["1-0:1.8.0", "1-0:2.8.0", "1-0:3.8.0", "1-0:4.8.0"],
      ...["1-0:1.7.0", "1-0:2.7.0", "1-0:3.7.0", "1-0:4.7.0"],
    ],
  },
  {
    name: "ece-1",
    shape: "oonnnnnnnnnnnnnnnn",
    codes: [
      ...["0-0:42.0.0", "0-0:96.1.2"],
      ...["1-0:1.7.0", "1-0:2.7.0", "1-0:3.7.0", "1-0:4.7.0"],
      ...["1-0:32.7.0", "1-0:52.7.0", "1-0:72.7.0"],
      ...["1-0:31.7.0", "1-0:51.7.0", "1-0:71.7.0"],
      ...["1-0:21.7.0", "1-0:41.7.0", "1-0:61.7.0"],
      ...["1-0:22.7.0", "1-0:42.7.0", "1-0:62.7.0"],
    ],
  },
  {
    name: "ece-2",
    shape: "oononnnnnnnn",
    codes: [
      ...["0-0:42.0.0", "0-0:96.1.3", "0-0:96.3.10", "0-0:96.14.0"],
      ...["1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2"],
      ...["1-0:2.8.0", "1-0:2.8.1", "1-0:2.8.2"],
      ...["1-0:3.8.0", "1-0:4.8.0"],
    ],
    numbersInOctets: ["0-0:96.14.0"],
  },
];
