/** What is claimed of each of our vector files, whatever is judged by it. */
import * as assert from "uvu/assert";
import { readVectors, type VectorFile } from "./vector-file.ts";

/** @param refusals more than so many for each vector that is valid */
export function claimVectors(
  test: (name: string, claim: () => void) => void,
  { name, written, refusals }: { readonly name: string; readonly written: VectorFile; readonly refusals: number },
): void {
  const file = readVectors(name);

  test("the committed file is what its generator writes", () => {
    assert.equal(file, written);
  });

  test("more is refused than accepted, and no two are the same", () => {
    const { vectors } = file;
    const valid = vectors.filter(({ result }) => result === "valid");
    assert.ok(vectors.length - valid.length > refusals * valid.length, `${valid.length} of ${vectors.length}`);
    assert.is(new Set(vectors.map(({ input }) => input)).size, vectors.length);
  });
}
