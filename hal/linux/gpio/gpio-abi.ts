/**
 * The GPIO character device as bytes: version 2 of its structures (Linux 5.10 and later, `linux/gpio.h`), as far as one
 * line a request needs them. Numbers of calls and byte order are those of x86, Arm and RISC-V.
 */
import { assert } from "#base/assert.ts";

/** Sizes and offsets of the structures' fields, by the kernel's own names; a test holds them against its header. */
export const GPIO_LAYOUTS = {
  gpiochip_info: { size: 68, fields: { name: 0, label: 32, lines: 64 } },
  gpio_v2_line_info: { size: 256, fields: { name: 0, consumer: 32, offset: 64, flags: 72 } },
  gpio_v2_line_request: {
    size: 592,
    fields: {
      offsets: 0,
      consumer: 256,
      config: 288,
      "config.flags": 288,
      "config.num_attrs": 296,
      "config.attrs": 320,
      num_lines: 560,
      fd: 588,
    },
  },
  gpio_v2_line_config_attribute: { size: 24, fields: { "attr.id": 0, "attr.values": 8, mask: 16 } },
  gpio_v2_line_values: { size: 16, fields: { bits: 0, mask: 8 } },
  gpio_v2_line_event: { size: 48, fields: { timestamp_ns: 0, id: 8 } },
} as const;

/** Calls on a chip's and on a line's descriptor. */
export const GPIO_CALLS = {
  GPIO_GET_CHIPINFO_IOCTL: callNumber("read", 0x01, GPIO_LAYOUTS.gpiochip_info.size),
  GPIO_V2_GET_LINEINFO_IOCTL: callNumber("both", 0x05, GPIO_LAYOUTS.gpio_v2_line_info.size),
  GPIO_V2_GET_LINE_IOCTL: callNumber("both", 0x07, GPIO_LAYOUTS.gpio_v2_line_request.size),
  GPIO_V2_LINE_GET_VALUES_IOCTL: callNumber("both", 0x0e, GPIO_LAYOUTS.gpio_v2_line_values.size),
  GPIO_V2_LINE_SET_VALUES_IOCTL: callNumber("both", 0x0f, GPIO_LAYOUTS.gpio_v2_line_values.size),
} as const;

/** Bits of `gpio_v2_line_config.flags`. */
export const LINE_FLAGS = {
  GPIO_V2_LINE_FLAG_USED: 1 << 0,
  GPIO_V2_LINE_FLAG_ACTIVE_LOW: 1 << 1,
  GPIO_V2_LINE_FLAG_INPUT: 1 << 2,
  GPIO_V2_LINE_FLAG_OUTPUT: 1 << 3,
  GPIO_V2_LINE_FLAG_EDGE_RISING: 1 << 4,
  GPIO_V2_LINE_FLAG_EDGE_FALLING: 1 << 5,
  GPIO_V2_LINE_FLAG_BIAS_PULL_UP: 1 << 8,
  GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN: 1 << 9,
  GPIO_V2_LINE_FLAG_BIAS_DISABLED: 1 << 10,
} as const;

/** What `gpio_v2_line_attribute.id` says when the first levels of outputs follow. */
export const GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES = 2;

export interface ChipInfo {
  readonly name: string;
  readonly label: string;
  readonly lineCount: number;
}

export interface LineInfo {
  /** Empty when the board's description names it not. */
  readonly name: string;
  readonly isUsed: boolean;
  /** Who holds it; the kernel's own drivers are named here, too. */
  readonly consumer: string;
}

export interface LineRequestFields {
  readonly offset: number;
  readonly consumer: string;
  readonly flags: number;
  /** First meaning of an output; undefined for an input. */
  readonly isActive?: boolean;
}

/** An empty structure to be filled by `GPIO_GET_CHIPINFO_IOCTL`. */
export function chipInfoBuffer(): Uint8Array {
  return new Uint8Array(GPIO_LAYOUTS.gpiochip_info.size);
}

export function decodeChipInfo(bytes: Uint8Array): ChipInfo {
  const { size, fields } = GPIO_LAYOUTS.gpiochip_info;
  const view = viewOf(bytes, size);
  return {
    name: textAt(bytes, fields.name),
    label: textAt(bytes, fields.label),
    lineCount: view.getUint32(fields.lines, true),
  };
}

/** Asks for one line in `GPIO_V2_GET_LINEINFO_IOCTL`. */
export function encodeLineInfoQuestion(offset: number): Uint8Array {
  const { size, fields } = GPIO_LAYOUTS.gpio_v2_line_info;
  const bytes = new Uint8Array(size);
  viewOf(bytes, size).setUint32(fields.offset, offset, true);
  return bytes;
}

export function decodeLineInfo(bytes: Uint8Array): LineInfo {
  const { size, fields } = GPIO_LAYOUTS.gpio_v2_line_info;
  const flags = viewOf(bytes, size).getBigUint64(fields.flags, true);
  return {
    name: textAt(bytes, fields.name),
    isUsed: (flags & BigInt(LINE_FLAGS.GPIO_V2_LINE_FLAG_USED)) !== 0n,
    consumer: textAt(bytes, fields.consumer),
  };
}

/** The question of `GPIO_V2_GET_LINE_IOCTL` for one line; the kernel writes the line's descriptor into it. */
export function encodeLineRequest(request: LineRequestFields): Uint8Array {
  const { size, fields } = GPIO_LAYOUTS.gpio_v2_line_request;
  const bytes = new Uint8Array(size);
  const view = viewOf(bytes, size);
  view.setUint32(fields.offsets, request.offset, true);
  const name = new TextEncoder().encode(request.consumer);
  assert(name.length < NAME_BYTES, "a consumer's name leaves room for its closing zero");
  bytes.set(name, fields.consumer);
  view.setBigUint64(fields["config.flags"], BigInt(request.flags), true);
  view.setUint32(fields.num_lines, 1, true);
  if (request.isActive === undefined) return bytes;
  // Direction and level arrive in one call, so the line never shows another level in between.
  view.setUint32(fields["config.num_attrs"], 1, true);
  const attribute = GPIO_LAYOUTS.gpio_v2_line_config_attribute.fields;
  const start = fields["config.attrs"];
  view.setUint32(start + attribute["attr.id"], GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, true);
  view.setBigUint64(start + attribute["attr.values"], request.isActive ? 1n : 0n, true);
  view.setBigUint64(start + attribute.mask, 1n, true);
  return bytes;
}

export function decodeLineDescriptor(bytes: Uint8Array): number {
  const { size, fields } = GPIO_LAYOUTS.gpio_v2_line_request;
  return viewOf(bytes, size).getInt32(fields.fd, true);
}

/** The one line's value for `GPIO_V2_LINE_SET_VALUES_IOCTL`, and the question of `GPIO_V2_LINE_GET_VALUES_IOCTL`. */
export function encodeLineValue(isActive: boolean): Uint8Array {
  const { size, fields } = GPIO_LAYOUTS.gpio_v2_line_values;
  const bytes = new Uint8Array(size);
  const view = viewOf(bytes, size);
  view.setBigUint64(fields.bits, isActive ? 1n : 0n, true);
  view.setBigUint64(fields.mask, 1n, true);
  return bytes;
}

export function decodeLineValue(bytes: Uint8Array): boolean {
  const { size, fields } = GPIO_LAYOUTS.gpio_v2_line_values;
  return (viewOf(bytes, size).getBigUint64(fields.bits, true) & 1n) === 1n;
}

/** `GPIO_MAX_NAME_SIZE`: every name is this long, zeros after it. */
const NAME_BYTES = 32;

function viewOf(bytes: Uint8Array, size: number): DataView {
  assert(bytes.length === size, `a structure of the kernel has ${size} bytes`);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textAt(bytes: Uint8Array, offset: number): string {
  const field = bytes.subarray(offset, offset + NAME_BYTES);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

/** `_IOR` and `_IOWR` of `asm-generic/ioctl.h`: direction, size, the device's type, number. */
function callNumber(direction: "read" | "both", number: number, size: number): number {
  const GPIO_TYPE = 0xb4;
  const bits = direction === "read" ? 2 : 3;
  return ((bits << 30) | (size << 16) | (GPIO_TYPE << 8) | number) >>> 0;
}
