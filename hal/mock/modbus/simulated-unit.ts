/** One device on a simulated line, as the registers that it answers for. */
export interface SimulatedUnit {
  /** The words, or the number of a Modbus exception. */
  read(functionCode: 3 | 4, address: number, count: number): readonly number[] | ModbusException;
  write(address: number, words: readonly number[]): ModbusException | undefined;
  /** Of devices that have coils. */
  readonly coils?: SimulatedCoils;
  readonly faults: LineFaults;
}

export interface SimulatedCoils {
  read(address: number, count: number): readonly boolean[] | ModbusException;
  write(address: number, isOn: boolean): ModbusException | undefined;
}

export interface ModbusException {
  readonly exception: number;
}

/** What may go wrong between this device and who asks it; to be switched at any time. */
export interface LineFaults {
  /** It hears and does nothing. */
  silent: boolean;
  /** It does not answer reads of more registers than this. */
  longestRead: number;
  /** It answers late. */
  delayMs: number;
  /** The checksum of its answers is wrong; on TCP, which has none, the answer is cut short. */
  badCrc: boolean;
  /** It refuses everything with this exception. */
  exception: number | undefined;
  /** It answers under this unit id in place of its own. */
  answersAsUnit: number | undefined;
}

export function noFaults(): LineFaults {
  return {
    silent: false,
    longestRead: Infinity,
    delayMs: 0,
    badCrc: false,
    exception: undefined,
    answersAsUnit: undefined,
  };
}

export const ILLEGAL_FUNCTION: ModbusException = { exception: 1 };
export const ILLEGAL_ADDRESS: ModbusException = { exception: 2 };
export const ILLEGAL_VALUE: ModbusException = { exception: 3 };
