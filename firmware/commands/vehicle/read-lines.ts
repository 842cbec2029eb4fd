/** Lines of a stream of bytes, each with its number; one that is too long or no text is told, and the next is read. */

export type NumberedLine =
  | { readonly number: number; readonly text: string; readonly fault?: undefined }
  | { readonly number: number; readonly text?: undefined; readonly fault: string };

/** The longest recorded reply makes a line of some kilobytes. */
const LINE_BYTES_MAX = 1024 * 1024;

const LINE_FEED = 0x0a;

/** The last line counts without its end too; an empty last line is none. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax = LINE_BYTES_MAX,
): AsyncGenerator<NumberedLine> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  let number = 0;
  const finish = (): NumberedLine => {
    number += 1;
    const line = bytes > bytesMax ? `longer than ${bytesMax} bytes` : Buffer.concat(parts);
    parts = [];
    bytes = 0;
    return typeof line === "string" ? { number, fault: line } : decodeLine(line, number);
  };
  const add = (part: Uint8Array): void => {
    bytes += part.length;
    // What is too long is counted and not kept.
    if (bytes > bytesMax) parts = [];
    else parts.push(part);
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  if (bytes > 0) yield finish();
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function decodeLine(line: Uint8Array, number: number): NumberedLine {
  try {
    return { number, text: decoder.decode(line) };
  } catch {
    return { number, fault: "is no UTF-8 text" };
  }
}
