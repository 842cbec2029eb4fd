/**
 * Adapters as they are sold. What they differ in is here, as data; what they have in common is the simulated adapter.
 * From the vehicle study, sections 1.1, 1.2 and 1.5.
 */
export interface AdapterPersona {
  readonly name: string;
  readonly banner: string;
  /** Answer to STI; null where that is an unknown command. */
  readonly stnVersion: string | null;
  /** Speed of its line after power-on; null where the line has none (radio, network). */
  readonly powerOnBaud: number | null;
  /** Starts of commands that this adapter does not know. */
  readonly unknownCommands: readonly string[];
  /** Starts that it takes for a command of its own, whatever follows: OK, and nothing happens. */
  readonly looseCommands: readonly string[];
  /** Commands after which it says nothing any more. */
  readonly lockingCommands: readonly string[];
  /** Takes a whole identifier of 29 bits in ATSH. */
  readonly takesWholeHeaders: boolean;
  /** What becomes of the digit behind a request that tells how many lines to expect. */
  readonly countDigit: "honored" | "ignored" | "refused";
  /** Mode 2 of flow control (own data, automatic identifier) gets no consecutive frames on clones. */
  readonly flowModes: readonly number[];
  /** Whether ATST and ATAT do what they say. */
  readonly honorsTimeout: boolean;
  /** How long it thinks about a command that needs no bus. */
  readonly commandMs: readonly [number, number];
  readonly resetMs: number;
  /** Probability of a NUL between two characters. */
  readonly nuls: number;
  /** Lines end in CR LF until ATL0. */
  readonly startsWithLinefeeds: boolean;
  readonly padsSingleFrames: boolean;
  readonly repeatsOnEmptyLine: boolean;
  /** Bytes that its output buffer holds before BUFFER FULL. */
  readonly outputBufferBytes: number;
  /** Of a longer request it reads so many bytes, and sends those. */
  readonly requestBytesKept: number;
  /** It freezes when a reply has more lines. */
  readonly replyLinesMax: number;
  /** Bytes leave in notifications of at most this size, this far apart; null: as a stream. */
  readonly notifications: { readonly bytesMax: number; readonly everyMs: readonly [number, number] } | null;
}

const genuine = {
  name: "genuine",
  banner: "ELM327 v2.2",
  stnVersion: null,
  powerOnBaud: 38_400,
  unknownCommands: ["ATTPA"],
  looseCommands: [],
  lockingCommands: [],
  takesWholeHeaders: false,
  countDigit: "honored",
  flowModes: [0, 1, 2],
  honorsTimeout: true,
  commandMs: [1, 3],
  resetMs: 500,
  nuls: 0,
  startsWithLinefeeds: false,
  padsSingleFrames: true,
  repeatsOnEmptyLine: true,
  outputBufferBytes: 512,
  requestBytesKept: Infinity,
  replyLinesMax: Infinity,
  notifications: null,
} as const satisfies AdapterPersona;

/** A copy of an old version under another name: fewer commands, sloppier bytes. */
const clone = {
  ...genuine,
  name: "clone",
  banner: "ELM327 v1.5",
  unknownCommands: ["ATAL", "AT@1", "ATCEA", "ATTA", "ATPB", "ATCAF"],
  lockingCommands: ["ATTPA"],
  countDigit: "refused",
  flowModes: [0, 1],
  commandMs: [2, 8],
  resetMs: 900,
  nuls: 0.02,
  startsWithLinefeeds: true,
  outputBufferBytes: 256,
} as const satisfies AdapterPersona;

export const adapterPersonas = {
  genuine,
  /** The oldest version that can do what cars need; it resets more slowly. */
  "genuine-1.4": { ...genuine, name: "genuine-1.4", banner: "ELM327 v1.4", resetMs: 900, commandMs: [2, 5] },
  clone,
  /** OBDLink: no short buffer, its own commands, and a faster line. */
  stn: {
    ...genuine,
    name: "stn",
    banner: "ELM327 v1.4b",
    stnVersion: "STN1110 v4.0.4",
    powerOnBaud: 115_200,
    takesWholeHeaders: true,
    outputBufferBytes: 4096,
  },
  /** A PIC clone that calls itself 1.5: no flow control of its own, no filters, and it freezes on long replies. */
  "fake-v1.5": {
    ...clone,
    name: "fake-v1.5",
    unknownCommands: [...clone.unknownCommands, "ATFC", "ATCRA", "ATCF", "ATCM", "ATAR", "ATAT", "ATCP", "ATCFC"],
    countDigit: "ignored",
    replyLinesMax: 11,
  },
  /** One that calls itself 2.1: of a long command it reads two bytes, and freezes sooner. */
  "fake-v2.1": {
    ...clone,
    name: "fake-v2.1",
    banner: "ELM327 v2.1",
    unknownCommands: [...clone.unknownCommands, "ATFC", "ATCRA", "ATAR", "ATST", "ATAT", "ATCP"],
    requestBytesKept: 2,
    replyLinesMax: 3,
  },
  /** An emulation on a Wi-Fi board (WiCAN's `elm327.c`): commands are compared by their start. */
  wifi: {
    ...genuine,
    name: "wifi",
    banner: "ELM327 v2.1",
    powerOnBaud: null,
    unknownCommands: ["ATAL", "ATCAF", "ATCM", "ATCF", "ATCEA", "ATAR", "ATTA", "ATTPA", "ATPB", "AT@"],
    looseCommands: ["ATM", "ATE", "ATL", "ATS0", "ATS1", "ATH", "ATAT"],
    countDigit: "refused",
    resetMs: 50,
    padsSingleFrames: false,
    repeatsOnEmptyLine: false,
    outputBufferBytes: 4096,
  },
  /** A Bluetooth LE clone: a notification of 20 bytes about every tenth of a second, and its own idea of time-outs. */
  ble: {
    ...clone,
    name: "ble",
    banner: "ELM327 v1.5",
    powerOnBaud: null,
    unknownCommands: ["ATCEA", "ATTA", "ATPB", "ATCAF"],
    countDigit: "ignored",
    honorsTimeout: false,
    commandMs: [20, 60],
    nuls: 0,
    startsWithLinefeeds: false,
    outputBufferBytes: 512,
    notifications: { bytesMax: 20, everyMs: [80, 120] },
  },
} as const satisfies Readonly<Record<string, AdapterPersona>>;

export type PersonaName = keyof typeof adapterPersonas;
