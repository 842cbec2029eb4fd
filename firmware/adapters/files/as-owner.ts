/**
 * Root's work in a folder of somebody else, done with that user's rights: what is made there belongs to the folder's
 * owner, and no link that the owner has laid leads root to a file elsewhere.
 */
import { stat } from "node:fs/promises";

/** For anybody but root, and in a folder of root's own, simply does the work. */
export async function asOwnerOf<Made>(folder: string, work: () => Promise<Made>): Promise<Made> {
  const { uid, gid } = await stat(folder);
  const { geteuid, getegid, seteuid, setegid } = process;
  if (geteuid === undefined || getegid === undefined || seteuid === undefined || setegid === undefined) return work();
  const ownGid = getegid();
  if (geteuid() !== 0 || uid === 0) return work();
  // The group first: who is not root any more may not choose one.
  setegid(gid);
  seteuid(uid);
  try {
    return await work();
  } finally {
    seteuid(0);
    setegid(ownGid);
  }
}
