/**
 * States what must hold if our own code is right. A failure is a bug: it is never caught to steer the program, the
 * service stops and its supervisor starts it again from what is on flash.
 *
 * @throws Error `bug: <claim>` when the claim does not hold.
 */
export function assert(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new Error(`bug: ${claim}`);
}

/** Marks the branch that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new Error(`bug: unexpected variant ${JSON.stringify(value)}`);
}
