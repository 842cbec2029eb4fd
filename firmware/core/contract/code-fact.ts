/**
 * CODE: a member puts a contract's program on the ledger, so that contracts can name it by its hash. It stays as long
 * as the chain does; what it says binds nobody who does not sign terms with that hash.
 */
import { HASH_BYTES } from "#core/identity/cryptography.ts";
import { PROGRAMS_PER_MEMBER_MAX, SCRIPT_BYTES_MAX } from "#core/limits.ts";
import { bytes, field, integer, record, type ValueOf } from "#core/wire/schema.ts";

export const codeBody = record({
  network: field(1, bytes(8)),
  /** Device id of the member who signs it. */
  member: field(2, bytes(HASH_BYTES)),
  /** Which of this member's programs; no two have one number. */
  number: field(3, integer(0, PROGRAMS_PER_MEMBER_MAX - 1)),
  /** As `encodeProgram` writes it. */
  program: field(4, bytes(1, SCRIPT_BYTES_MAX)),
});
export type CodeBody = ValueOf<typeof codeBody>;
