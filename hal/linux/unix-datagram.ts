/**
 * Datagrams to a local socket, for which Node has no call: `socket` and `sendto` of the C library through koffi
 * (decision 0021). Nothing is received, and no call waits.
 */
import { assert } from "#base/assert.ts";
import { fail, ok, type Result } from "#base/result.ts";
import type { SupervisorFault } from "#hal/ports/supervisor.ts";

/** Sends one datagram. Returns 0, or the error's number. */
export type SendDatagram = (address: Uint8Array, bytes: Uint8Array) => number;

/** @returns SUPERVISOR_BINDING_MISSING where koffi is not installed or has no binary for this machine. */
export async function openUnixDatagram(): Promise<Result<SendDatagram, SupervisorFault>> {
  try {
    const { default: koffi } = await import("koffi");
    const library = koffi.load(null);
    const socket = library.func("int socket(int family, int type, int protocol)");
    const sendto = library.func(
      "long sendto(int descriptor, const void *bytes, size_t length, int flags, const void *address, uint32_t size)",
    );
    const descriptor: unknown = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert(typeof descriptor === "number", "socket returns a number");
    if (descriptor < 0) return missing(`socket: error ${koffi.errno()}`);
    return ok((address, bytes) => {
      const outcome: unknown = sendto(descriptor, bytes, bytes.length, SEND_FLAGS, address, address.length);
      assert(typeof outcome === "number", "sendto returns a number");
      return outcome < 0 ? koffi.errno() : 0;
    });
  } catch (error) {
    return missing(error instanceof Error ? error.message : String(error));
  }
}

/**
 * `struct sockaddr_un` of a path, or of a name in the abstract space, which is written with an `@` at its start
 * (unix(7)). Undefined when it is neither, or too long for the kernel.
 */
export function unixAddress(text: string): Uint8Array | undefined {
  const isAbstract = text.startsWith("@");
  if (!isAbstract && !text.startsWith("/")) return undefined;
  const name = new TextEncoder().encode(text);
  if (name.length < 2 || name.length > PATH_BYTES_MAX || name.includes(0)) return undefined;
  if (isAbstract) name[0] = 0;
  // A path ends with a zero byte; a name of the abstract space is as long as the address says.
  const address = new Uint8Array(2 + name.length + (isAbstract ? 0 : 1));
  new DataView(address.buffer).setUint16(0, AF_UNIX, IS_LITTLE_ENDIAN);
  address.set(name, 2);
  return address;
}

function missing(reason: string): Result<never, SupervisorFault> {
  return fail({ code: "SUPERVISOR_BINDING_MISSING", reason });
}

/** include/linux/socket.h and uapi/asm-generic: the same numbers on arm64 and amd64. */
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
const MSG_NOSIGNAL = 0x4000;
const SEND_FLAGS = MSG_DONTWAIT | MSG_NOSIGNAL;
/** `sun_path` has 108 bytes, the last of which is the zero of a path. */
const PATH_BYTES_MAX = 107;
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
