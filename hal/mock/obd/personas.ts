/** Adapters as they are sold. What they differ in is here; what they have in common is the simulated adapter. */
export interface AdapterPersona {
  readonly name: string;
  readonly banner: string;
  /** Answer to STI; null where that is an unknown command. */
  readonly stnVersion: string | null;
  /** Starts of commands that this adapter does not know. */
  readonly unknownCommands: readonly string[];
  /** What becomes of the digit behind a request that tells how many lines to expect. */
  readonly countDigit: "honored" | "ignored" | "refused";
  /** Mode 2 of flow control (own data, automatic identifier) gets no consecutive frames on clones. */
  readonly flowModes: readonly number[];
  readonly resetMs: number;
  /** Probability of a NUL between two characters. */
  readonly nuls: number;
  /** Lines end in CR LF until ATL0. */
  readonly startsWithLinefeeds: boolean;
  readonly padsSingleFrames: boolean;
  readonly repeatsOnEmptyLine: boolean;
  /** Bytes that its output buffer holds before BUFFER FULL. */
  readonly outputBufferBytes: number;
}

const genuine = {
  name: "genuine",
  banner: "ELM327 v2.2",
  stnVersion: null,
  unknownCommands: [],
  countDigit: "honored",
  flowModes: [0, 1, 2],
  resetMs: 500,
  nuls: 0,
  startsWithLinefeeds: false,
  padsSingleFrames: true,
  repeatsOnEmptyLine: true,
  outputBufferBytes: 512,
} as const satisfies AdapterPersona;

export const adapterPersonas = {
  genuine,
  /** A copy of an old version under another name: fewer commands, sloppier bytes. */
  clone: {
    ...genuine,
    name: "clone",
    banner: "ELM327 v1.5",
    unknownCommands: ["ATAL", "AT@1", "ATCEA", "ATTA", "ATPB", "ATCAF"],
    countDigit: "refused",
    flowModes: [0, 1],
    resetMs: 900,
    nuls: 0.02,
    startsWithLinefeeds: true,
    outputBufferBytes: 256,
  },
  /** OBDLink: no short buffer, and its own commands. */
  stn: { ...genuine, name: "stn", banner: "ELM327 v1.4b", stnVersion: "STN1110 v4.0.4", outputBufferBytes: 4096 },
  /** An emulation on a Wi-Fi board. */
  wifi: {
    ...genuine,
    name: "wifi",
    banner: "ELM327 v2.1",
    unknownCommands: ["ATAL", "ATCAF", "ATCM", "ATCF", "ATCEA", "ATAR", "ATTA"],
    countDigit: "refused",
    resetMs: 50,
    padsSingleFrames: false,
    repeatsOnEmptyLine: false,
    outputBufferBytes: 4096,
  },
} as const satisfies Readonly<Record<string, AdapterPersona>>;

export type PersonaName = keyof typeof adapterPersonas;
