export type ControlErrorCode =
  /** Another process answers at this place. */
  "CONTROL_IN_USE" | "CONTROL_NOT_RUNNING" | "CONTROL_NO_ANSWER" | "CONTROL_BAD_ANSWER";

/** Why a gateway cannot be spoken to, or cannot listen; the message says what to do. */
export class ControlError extends Error {
  readonly code: ControlErrorCode;
  constructor(code: ControlErrorCode, advice: string, cause?: unknown) {
    super(advice, cause === undefined ? {} : { cause });
    this.code = code;
  }
}
