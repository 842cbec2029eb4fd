/** Why a gateway cannot run, in words for whoever stands before it. */
export type GatewayErrorCode =
  | "GENESIS_MISSING"
  | "GENESIS_DAMAGED"
  | "GENESIS_OF_ANOTHER_REGION"
  | "GENESIS_OF_EARLIER_FORM"
  | "STORE_OF_EARLIER_FORM"
  | "STORE_DAMAGED"
  | "STORE_UNREADABLE"
  | "CHARGE_POINT_UNAVAILABLE"
  | "CONFIG_INVALID";

export class GatewayError extends Error {
  readonly code: GatewayErrorCode;
  constructor(code: GatewayErrorCode, advice: string, cause?: unknown) {
    super(`${code}: ${advice}`, { cause });
    this.code = code;
  }
}
