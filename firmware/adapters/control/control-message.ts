/** What goes over the control socket: one JSON object a line, each request answered by one line, in order. */

/** Longer requests are refused; the longest real one has about 150 bytes. */
export const REQUEST_BYTES_MAX = 4 * 1024;
export const ANSWER_BYTES_MAX = 256 * 1024;
export const CONNECTIONS_MAX = 8;
/** A connection that says nothing for so long is closed. */
export const IDLE_MS_MAX = 60_000;
/** Outlets are named by two digits in the mesh's topics. */
export const CONTROL_EVSE_MAX = 99;

export type ControlAnswer =
  | ({ readonly ok: true } & Readonly<Record<string, unknown>>)
  | { readonly ok: false; readonly code: string; readonly message: string };

export function refusal(code: string, message: string): ControlAnswer {
  return { ok: false, code, message };
}

/** The lines of a byte stream; `undefined` stands for one that is longer than allowed, and is the last. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<string | undefined, void> {
  const decoder = new TextDecoder("utf-8");
  let waiting = new Uint8Array(0);
  for await (const chunk of chunks) {
    waiting = Buffer.concat([waiting, chunk]);
    for (let end = waiting.indexOf(LINE_FEED); end >= 0; end = waiting.indexOf(LINE_FEED)) {
      if (end > bytesMax) break;
      yield decoder.decode(waiting.subarray(0, end));
      waiting = waiting.subarray(end + 1);
    }
    if (waiting.length > bytesMax) {
      yield undefined;
      return;
    }
  }
}

const LINE_FEED = 0x0a;
