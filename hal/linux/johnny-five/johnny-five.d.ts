/**
 * The part of johnny-five 2.1.0 that is used here, as its source has it; it comes without types. A part that is given
 * no board takes the first one of the process, so `board` is not optional here.
 */
declare module "johnny-five" {
  import type { EventEmitter } from "node:events";

  interface BoardOptions {
    readonly io: EventEmitter;
    /** Its interactive prompt takes over stdin. */
    readonly repl: false;
    /** Its messages go to stdout. */
    readonly debug: false;
    /** Its listener for SIGINT ends the process within a second and stays for ever. */
    readonly sigint: false;
  }

  interface PartOptions {
    readonly board: EventEmitter;
    readonly pin: string;
  }

  interface Relay {
    close(): this;
    open(): this;
  }

  interface Led {
    on(): this;
    off(): this;
  }

  interface BoardClass {
    new (options: BoardOptions): EventEmitter;
    /** All boards that were ever made in this process. */
    readonly cache: EventEmitter[];
  }

  const five: {
    readonly Board: BoardClass;
    readonly Relay: new (options: PartOptions & { readonly type: "NO" | "NC" }) => Relay;
    readonly Led: new (options: PartOptions) => Led;
    /** Emits `down` and `up`, 7 ms after the level says so. */
    readonly Button: new (options: PartOptions) => EventEmitter;
  };
  export = five;
}
