/** Exception codes in words. Modbus Application Protocol 1.1b3, section 7. */
export function exceptionText(exception: number): string {
  return TEXTS[exception] ?? "a code that the standard does not know";
}

/** The gateway is there and says that the device behind it is not: as good as silence. */
export function isGatewaySilence(exception: number): boolean {
  return exception === GATEWAY_PATH_UNAVAILABLE || exception === GATEWAY_TARGET_SILENT;
}

/** The device does not have what was asked for, or not in this way; asking again gives the same. */
export function isNotThere(exception: number): boolean {
  return exception === ILLEGAL_FUNCTION || exception === ILLEGAL_ADDRESS || exception === ILLEGAL_VALUE;
}

export const ILLEGAL_FUNCTION = 1;
export const ILLEGAL_ADDRESS = 2;
export const ILLEGAL_VALUE = 3;
const GATEWAY_PATH_UNAVAILABLE = 0x0a;
const GATEWAY_TARGET_SILENT = 0x0b;

const TEXTS: Readonly<Record<number, string>> = {
  [ILLEGAL_FUNCTION]: "illegal function: the device cannot do this",
  [ILLEGAL_ADDRESS]: "illegal data address: the device has no such register",
  [ILLEGAL_VALUE]: "illegal data value: too many registers at once, or a value it does not take",
  4: "device failure: the device reports an error of its own",
  5: "acknowledge: the device needs longer for this",
  6: "device busy: ask again later",
  7: "negative acknowledge: the device refuses",
  8: "memory parity error: the device's memory is damaged",
  [GATEWAY_PATH_UNAVAILABLE]: "gateway path unavailable: the gateway is not set up for this unit",
  [GATEWAY_TARGET_SILENT]: "gateway target silent: no device answers behind the gateway",
};
