/** Terms under which others' code may be shipped with ours: those that ask for their text to be passed on, no more. */
export const LICENCES_ALLOWED: readonly string[] = [
  "MIT",
  "ISC",
  "0BSD",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "Unlicense",
];

/** Of `A OR B` one has to be allowed, of `A AND B` both. What is not understood is not allowed. */
export function isLicenceAllowed(stated: string | undefined): boolean {
  if (stated === undefined) return false;
  const bare = stated.replace(/^\((.*)\)$/, "$1");
  return bare
    .split(" OR ")
    .some((choice) => choice.split(" AND ").every((licence) => LICENCES_ALLOWED.includes(licence.trim())));
}
