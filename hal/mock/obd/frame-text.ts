/** A received frame as the adapter prints it. */
import type { CanFrame } from "#hal/ports/can-bus.ts";
import type { AdapterSettings } from "./adapter-settings.ts";
import type { AdapterPersona } from "./personas.ts";

/** One line, or two where a first frame is printed without headers. */
export function frameLines(frame: CanFrame, settings: AdapterSettings, persona: AdapterPersona): readonly string[] {
  const { headers, formatting, extension } = settings;
  const front = extension === null ? 0 : 1;
  const control = frame.bytes[front] ?? 0;
  const isSingle = control >> 4 === 0;
  if (headers) {
    const end = isSingle && !persona.padsSingleFrames ? front + 1 + control : 8;
    return [spaced([...idParts(frame), ...frame.bytes.subarray(0, end)], settings)];
  }
  if (!formatting) return [spaced([...frame.bytes.subarray(front)], settings)];
  const content = frame.bytes.subarray(front);
  if (isSingle) return [spaced([...content.subarray(1, 1 + control)], settings)];
  if (control >> 4 === 1) {
    const length = (((control & 0x0f) << 8) | (content[1] ?? 0)).toString(16).toUpperCase().padStart(3, "0");
    return [length, `0: ${spaced([...content.subarray(2)], settings)}`];
  }
  return [`${(control & 0x0f).toString(16).toUpperCase()}: ${spaced([...content.subarray(1)], settings)}`];
}

/** Spaces stand behind each byte, also behind the last. */
function spaced(parts: readonly (string | number)[], { spaces }: AdapterSettings): string {
  const separator = spaces ? " " : "";
  return parts
    .map((part) => `${typeof part === "string" ? part : part.toString(16).toUpperCase().padStart(2, "0")}${separator}`)
    .join("");
}

/** Three digits, or four bytes. */
function idParts({ id, idBits }: CanFrame): readonly (string | number)[] {
  if (idBits === 11) return [id.toString(16).toUpperCase().padStart(3, "0")];
  return [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff];
}
