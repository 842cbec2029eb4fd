/** What AT commands set, and what an adapter holds after a reset (ELM327 data sheet, "AT Command Descriptions"). */
import type { AdapterPersona } from "./personas.ts";

export interface AdapterSettings {
  readonly echo: boolean;
  readonly linefeeds: boolean;
  readonly spaces: boolean;
  readonly headers: boolean;
  /** 0: to be searched; 6: 11 bit at 500 kbit/s; 7: 29 bit; B: as `userProtocol`; others this car does not have. */
  readonly protocol: string;
  readonly userProtocol: { readonly idBits: 11 | 29; readonly kilobits: number };
  /** Bits 28 to 24 of a 29-bit identifier. */
  readonly priority: number;
  /** Null: that of a request to everybody. A whole one holds the priority too. */
  readonly header: { readonly value: number; readonly isWhole: boolean } | null;
  /** Only what is equal to the identifier where the mask has ones is received; null receives all answers. */
  readonly filter: { readonly id: number; readonly mask: number } | null;
  readonly automaticFlow: boolean;
  readonly flowMode: number;
  readonly flowHeader: number | null;
  readonly flowData: Uint8Array | null;
  /** Own flow control identifiers by the identifier of the answer (STCAFCP). */
  readonly flowPairs: ReadonlyMap<number, number>;
  /** Whether the adapter writes the length of a request in front of it, or the user does. */
  readonly formatting: boolean;
  readonly timeoutMs: number;
  /** How boldly the time-out is shortened by experience. */
  readonly adaptive: 0 | 1 | 2;
  readonly extension: number | null;
  readonly tester: number;
}

/** 0x32 steps of 4.096 ms. */
export const DEFAULT_TIMEOUT_MS = 204.8;

export function settingsAfterReset(persona: AdapterPersona): AdapterSettings {
  return {
    echo: true,
    linefeeds: persona.startsWithLinefeeds,
    spaces: true,
    headers: false,
    protocol: "0",
    userProtocol: { idBits: 11, kilobits: 125 },
    priority: 0x18,
    header: null,
    filter: null,
    automaticFlow: true,
    flowMode: 0,
    flowHeader: null,
    flowData: null,
    flowPairs: new Map(),
    formatting: true,
    timeoutMs: DEFAULT_TIMEOUT_MS,
    adaptive: 1,
    extension: null,
    tester: 0xf1,
  };
}

/** The identifier that a request goes to, on a bus with identifiers of this width. */
export function requestId({ header, priority }: AdapterSettings, idBits: 11 | 29): number {
  if (header === null) return idBits === 11 ? 0x7df : 0x18db33f1;
  if (idBits === 11) return header.value & 0x7ff;
  return header.isWhole ? header.value : priority * 2 ** 24 + header.value;
}
