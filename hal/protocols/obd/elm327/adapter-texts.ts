/**
 * Every text of its own that an adapter prints in place of data or beside it, what it means, and what is to be done.
 *
 * The texts are those of the ELM327 data sheet, "Error Messages and Alerts"; the last group is from memory of the STN
 * family's manual and not checked against it.
 */

/** What went wrong, by what is to be done about it. */
export type AdapterTrouble =
  /** The adapter lost its settings: a reset, a dip of its supply, or a fatal error of its own. */
  | "rebooted"
  /** The reply is damaged. */
  | "damaged"
  /** More came from the car than its line and its buffer could take. */
  | "overrun"
  /** A byte of ours interrupted it. */
  | "interrupted"
  /** The adapter does not know this command. */
  | "unknown-command"
  /** Nobody on the bus answered in time. */
  | "no-data"
  /** The bus itself: no acknowledgement, wrong speed, no bus. */
  | "bus";

export type TroubleAction =
  /** From the reset on, with the context of the control unit. */
  | "set-up-anew"
  | "ask-again"
  /** Have the car send more slowly. */
  | "slow-down"
  /** Find the prompt that belongs to the next command first. */
  | "resynchronise"
  /** The adapter cannot do it: never ask it for that again. */
  | "do-without"
  /** Count it: after some in a row the car sleeps and is left alone. */
  | "count-silence"
  /** Set up anew, and transmit less and less often. */
  | "leave-the-bus-alone";

export const ACTIONS: Readonly<Record<AdapterTrouble, TroubleAction>> = {
  rebooted: "set-up-anew",
  damaged: "ask-again",
  overrun: "slow-down",
  interrupted: "resynchronise",
  "unknown-command": "do-without",
  "no-data": "count-silence",
  bus: "leave-the-bus-alone",
};

export interface AdapterText {
  /** As the data sheet writes it. */
  readonly text: string;
  /** In a reply in capitals. */
  readonly pattern: RegExp;
  readonly trouble: AdapterTrouble;
}

/** In this order: a reply that holds a reset banner is worthless whatever else it says. */
export const ADAPTER_TEXTS: readonly AdapterText[] = [
  { text: "ELM327 v…", pattern: /ELM32[79]/, trouble: "rebooted" },
  { text: "LV RESET", pattern: /LV RESET|LOW VOLTAGE RESET/, trouble: "rebooted" },
  { text: "ACT ALERT", pattern: /ACT ALERT/, trouble: "rebooted" },
  { text: "LP ALERT", pattern: /LP ALERT|LOW POWER/, trouble: "rebooted" },
  // ERR94 is documented as fatal with loss of the settings; the other numbers are not documented at all.
  { text: "ERR94", pattern: /ERR ?\d\d/, trouble: "rebooted" },
  { text: "FB ERROR", pattern: /FB ERROR/, trouble: "rebooted" },
  { text: "STOPPED", pattern: /STOPPED/, trouble: "interrupted" },
  { text: "BUFFER FULL", pattern: /BUFFER FULL/, trouble: "overrun" },
  { text: "<RX ERROR", pattern: /RX ERROR/, trouble: "damaged" },
  { text: "<DATA ERROR", pattern: /DATA ERROR/, trouble: "damaged" },
  { text: "UNABLE TO CONNECT", pattern: /UNABLE TO CONNECT/, trouble: "bus" },
  { text: "BUS INIT: ...ERROR", pattern: /BUS INIT: ?\.*ERROR/, trouble: "bus" },
  { text: "BUS ERROR", pattern: /BUS ERROR/, trouble: "bus" },
  { text: "BUS BUSY", pattern: /BUS BUSY/, trouble: "bus" },
  { text: "CAN ERROR", pattern: /CAN ERROR/, trouble: "bus" },
  { text: "NO DATA", pattern: /NO DATA/, trouble: "no-data" },
  { text: "?", pattern: /^\s*\?\s*$/m, trouble: "unknown-command" },
  { text: "FC RX TIMEOUT", pattern: /FC RX TIMEOUT/, trouble: "damaged" },
  { text: "UART RX OVERFLOW", pattern: /UART RX OVERFLOW/, trouble: "overrun" },
  { text: "OUT OF MEMORY", pattern: /OUT OF MEMORY/, trouble: "overrun" },
];

/** What a protocol search prints in front of the data, on the same line or the one before. */
export const PROGRESS_TEXT = /SEARCHING\.*|BUS INIT: ?\.*OK/g;

/** A search under way: the adapter is silent for seconds and is not hanging. */
export const SEARCH_TEXT = /SEARCHING|BUS INIT/;
