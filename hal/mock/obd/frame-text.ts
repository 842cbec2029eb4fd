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
    return [bytesText(frame.bytes.subarray(0, end), settings, idText(frame, settings))];
  }
  if (!formatting) return [bytesText(frame.bytes.subarray(front), settings)];
  const content = frame.bytes.subarray(front);
  if (isSingle) return [bytesText(content.subarray(1, 1 + control), settings)];
  if (control >> 4 === 1) {
    const length = (((control & 0x0f) << 8) | (content[1] ?? 0)).toString(16).toUpperCase().padStart(3, "0");
    return [length, bytesText(content.subarray(2), settings, "0: ")];
  }
  return [bytesText(content.subarray(1), settings, `${(control & 0x0f).toString(16).toUpperCase()}: `)];
}

/** Behind what is in front of them. Spaces stand behind each byte, also behind the last. */
function bytesText(bytes: Uint8Array, { spaces }: AdapterSettings, front = ""): string {
  let text = front;
  for (const byte of bytes) text += spaces ? `${PAIRS[byte] ?? ""} ` : (PAIRS[byte] ?? "");
  return text;
}

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).toUpperCase().padStart(2, "0"));

/** Three digits, or four bytes. */
function idText({ id, idBits }: CanFrame, settings: AdapterSettings): string {
  if (idBits === 29) return bytesText(Uint8Array.of(id >>> 24, id >>> 16, id >>> 8, id), settings);
  return `${id.toString(16).toUpperCase().padStart(3, "0")}${settings.spaces ? " " : ""}`;
}
