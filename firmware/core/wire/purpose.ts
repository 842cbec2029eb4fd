/**
 * The signed purposes of the protocol. Each signature covers its purpose and its network, so that nothing signed for
 * one use or one region can be shown as another (RFC 9052, section 4.3: external_aad).
 */
export const PURPOSE = {
  CERT: 1,
  JOIN: 2,
  ROTATE: 3,
  REVOKE: 4,
  ENROL: 5,
  OFFER: 10,
  M1: 11,
  M2: 12,
  M3: 13,
  M4: 14,
  RETRY: 15,
  AUTH: 16,
  SIGHT: 17,
  OPEN: 20,
  REPORT: 21,
  COMPLETE: 22,
  CANCEL: 23,
  RESOLVE: 24,
  ADJUDICATE: 25,
  HEADER: 30,
  VOTE: 31,
  QC: 32,
  EVIDENCE: 33,
  TIP: 40,
  SYNC_REQUEST: 41,
  SYNC_REPLY: 42,
  QUERY: 43,
  LOGIN: 44,
  PARAMS: 50,
  CODE: 51,
  RECONFIG: 52,
} as const;

export type Purpose = (typeof PURPOSE)[keyof typeof PURPOSE];
export type PurposeName = keyof typeof PURPOSE;

const NAMES = new Map<number, PurposeName>(Object.entries(PURPOSE).map(([name, code]) => [code, name as PurposeName]));

export function purposeName(purpose: number): PurposeName | undefined {
  return NAMES.get(purpose);
}
