/** Any error as one line and an exit code: the one table of what went wrong and who has to act. */
import { FlashError, type FlashErrorCode } from "#hal/ports/flash.ts";
import { CommandError } from "./command-error.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";

export interface Failure {
  readonly exitCode: ExitCode;
  readonly message: string;
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof CommandError) return { exitCode: error.exitCode, message: error.message };
  if (error instanceof FlashError) return describeFlash(error);
  if (!(error instanceof Error)) return { exitCode: EXIT.software, message: `unknown failure: ${String(error)}` };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const message = withCause(error);
  const exitCode = EXIT_OF[code];
  if (exitCode !== undefined) return { exitCode, message: message.startsWith(code) ? message : `${code}: ${message}` };
  return { exitCode: EXIT.software, message: message.startsWith("bug:") ? message : `unexpected failure: ${message}` };
}

const EXIT_OF: Readonly<Record<string, ExitCode>> = {
  CONFIG_INVALID: EXIT.configuration,
  GENESIS_MISSING: EXIT.configuration,
  GENESIS_DAMAGED: EXIT.configuration,
  GENESIS_OF_ANOTHER_REGION: EXIT.configuration,
  GENESIS_OF_EARLIER_FORM: EXIT.configuration,
  STORE_DAMAGED: EXIT.badData,
  STORE_OF_EARLIER_FORM: EXIT.badData,
  STORE_UNREADABLE: EXIT.badData,
  STORE_OVERLOADED: EXIT.io,
  STORE_CLOSED: EXIT.io,
  KEY_FILE_MISSING: EXIT.configuration,
  KEY_FILE_EXISTS: EXIT.cannotCreate,
  KEY_FILE_OPEN_TO_OTHERS: EXIT.permission,
  KEY_FILE_NOT_KEYS: EXIT.badData,
  KEY_FILE_DAMAGED: EXIT.badData,
  KEY_FILE_SEALED: EXIT.permission,
  KEY_FILE_BAD_RANDOMNESS: EXIT.unavailable,
  KEY_FILE_IO: EXIT.io,
  CHARGE_POINT_UNAVAILABLE: EXIT.unavailable,
  BROKER_PORT_IN_USE: EXIT.unavailable,
  BROKER_CANNOT_LISTEN: EXIT.unavailable,
  BUS_URL_INVALID: EXIT.configuration,
  CAN_PACKAGE_MISSING: EXIT.unavailable,
  CAN_INTERFACE_UNAVAILABLE: EXIT.unavailable,
  CONTROL_IN_USE: EXIT.temporary,
  CONTROL_NOT_RUNNING: EXIT.unavailable,
  CONTROL_NO_ANSWER: EXIT.unavailable,
  CONTROL_BAD_ANSWER: EXIT.badData,
  ENOENT: EXIT.badData,
  ENOTDIR: EXIT.badData,
  EISDIR: EXIT.badData,
  EEXIST: EXIT.cannotCreate,
  EACCES: EXIT.permission,
  EPERM: EXIT.permission,
  EROFS: EXIT.permission,
  ENOSPC: EXIT.io,
  EDQUOT: EXIT.io,
  EFBIG: EXIT.io,
  EIO: EXIT.io,
};

const FLASH: Readonly<Record<FlashErrorCode, readonly [ExitCode, string]>> = {
  FLASH_IN_USE: [EXIT.temporary, "another gateway is running on this flash folder; stop it first"],
  FLASH_FULL: [EXIT.io, "the flash is full; make room and start again, nothing half written stays behind"],
  FLASH_DENIED: [EXIT.permission, "the flash folder cannot be written to; check its owner, mode and mount"],
  FLASH_MISSING: [EXIT.io, "there is no such flash folder; is the card mounted? `tallystick init` makes new ones"],
  FLASH_EXISTS: [EXIT.io, "a file of the store is there twice"],
  FLASH_IO: [EXIT.io, "the flash failed; what was not acknowledged is not stored"],
};

function describeFlash(error: FlashError): Failure {
  const [exitCode, advice] = FLASH[error.code];
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return { exitCode, message: `${error.code}: ${error.path}: ${advice}${cause}` };
}

/** System errors of a wrapped call say more than the wrapper does. */
function withCause(error: Error): string {
  const { message, cause } = error;
  return cause instanceof Error && !message.includes(cause.message) ? `${message} (${cause.message})` : message;
}
