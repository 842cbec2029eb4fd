/**
 * The optional package `socketcan`, which has the native code for raw CAN sockets. It is no dependency: it is compiled
 * on the machine where it is installed, and only gateways that sit on a car's bus need it.
 */

/** What is used of the package, as its own documentation describes it (version 4). */
export interface SocketCanPackage {
  createRawChannelWithOptions(
    interfaceName: string,
    options: { readonly timestamps: boolean; readonly non_block_send: boolean },
  ): RawChannel;
}

export interface RawChannel {
  addListener(event: "onMessage", listener: (message: unknown) => void): void;
  addListener(event: "onStopped", listener: () => void): void;
  setErrorFilters(mask: number): void;
  start(): void;
  stop(): void;
  send(message: { readonly id: number; readonly ext: boolean; readonly rtr: boolean; readonly data: Buffer }): unknown;
}

export type CanDriverErrorCode =
  /** The package is not installed, or not for this system. */
  | "CAN_PACKAGE_MISSING"
  /** No such interface, not up, or no permission. */
  | "CAN_INTERFACE_UNAVAILABLE";

export class CanDriverError extends Error {
  readonly code: CanDriverErrorCode;
  constructor(code: CanDriverErrorCode, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const PACKAGE = "socketcan";

/** @throws CanDriverError CAN_PACKAGE_MISSING, with what to do. */
export async function loadSocketCan(
  load: (name: string) => Promise<unknown> = (name) => import(name),
): Promise<SocketCanPackage> {
  let loaded: unknown;
  try {
    loaded = await load(PACKAGE);
  } catch (error) {
    throw missing("is not installed, or was compiled for another system", error);
  }
  // A CommonJS package seen from a module has its exports below `default`.
  const found = [loaded, defaultOf(loaded)].find(isPackage);
  if (found === undefined) throw missing("is another version than 4", undefined);
  return found;
}

function missing(how: string, cause: unknown): CanDriverError {
  const advice = "install it beside the gateway with `npm install socketcan@4` (needs a C++ compiler and Python)";
  return new CanDriverError("CAN_PACKAGE_MISSING", `the optional package ${PACKAGE} ${how}; ${advice}`, cause);
}

function isPackage(value: unknown): value is SocketCanPackage {
  return (
    typeof value === "object" &&
    value !== null &&
    "createRawChannelWithOptions" in value &&
    typeof value.createRawChannelWithOptions === "function"
  );
}

function defaultOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "default" in value ? value.default : undefined;
}
