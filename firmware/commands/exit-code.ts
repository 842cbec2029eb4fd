/** How the command ends, as in sysexits.h, so that a script or a supervisor can tell the reasons apart. */
export const EXIT = {
  ok: 0,
  /** A chain or receipt was read and does not hold. */
  verificationFailed: 1,
  usage: 64,
  badData: 65,
  unavailable: 69,
  /** A bug of ours. */
  software: 70,
  cannotCreate: 73,
  io: 74,
  /** Try again later: somebody else has it now. */
  temporary: 75,
  permission: 77,
  configuration: 78,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
