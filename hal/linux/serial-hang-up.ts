/**
 * Makes an unplugged serial line end. When a USB adapter is pulled (or the other end of a pseudo terminal closes),
 * Linux answers reads with 0 bytes at once. serialport 13 takes that for "nothing yet" and reads again, for ever: no
 * close event, and most of a processor burnt. The descriptor is non-blocking with VMIN 1, where "nothing yet" is EAGAIN
 * and 0 bytes mean only that the line is gone; so we read ourselves and say so.
 */
import { read } from "node:fs";
import { promisify } from "node:util";
import type { SerialPort } from "serialport";

/** To be called once the port is open and before anybody listens for its data. */
export function endOnHangUp(port: SerialPort): void {
  const binding = port.port;
  if (binding === undefined || !("poller" in binding)) return;
  binding.read = async (buffer, offset, length) => {
    for (;;) {
      if (!binding.isOpen || binding.fd === null) throw canceled();
      const bytesRead = await readNow(binding.fd, { buffer, offset, length });
      // Closed while the read was under way; the poller is destroyed then and must not be touched.
      if (isClosed(port)) throw canceled();
      if (bytesRead === 0) throw new Error("the line was hung up");
      if (bytesRead !== undefined) return { buffer, bytesRead };
      await new Promise<void>((resolve, reject) => {
        binding.poller.once("readable", (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    }
  };
}

function isClosed(port: SerialPort): boolean {
  return !(port.port?.isOpen ?? false);
}

/** How serialport wants to hear that a read was ended by a close, which is not a failure. */
function canceled(): Error {
  return Object.assign(new Error("the port is closed"), { canceled: true });
}

const readDescriptor = promisify(read);

/** How many bytes came, or undefined when there are none yet. */
async function readNow(
  descriptor: number,
  target: { readonly buffer: Buffer; readonly offset: number; readonly length: number },
): Promise<number | undefined> {
  try {
    const { bytesRead } = await readDescriptor(descriptor, target.buffer, target.offset, target.length, null);
    return bytesRead;
  } catch (error) {
    if (error instanceof Error && "code" in error && NOTHING_YET.has(error.code)) return undefined;
    throw error;
  }
}

const NOTHING_YET: ReadonlySet<unknown> = new Set(["EAGAIN", "EWOULDBLOCK", "EINTR"]);
