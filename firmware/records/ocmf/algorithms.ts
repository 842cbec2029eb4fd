/**
 * The signature algorithms of OCMF (SA): ECDSA on one of these curves, always over SHA-256, also on the curves of 384
 * bits. Makers write the curves by other names, too.
 */
export type OcmfCurve =
  "secp192k1" | "secp256k1" | "secp192r1" | "secp256r1" | "secp384r1" | "brainpool256r1" | "brainpool384r1";

/** Undefined for an algorithm that is not of OCMF. */
export function curveOf(algorithm: string): OcmfCurve | undefined {
  const match = /^ECDSA-(.+)-SHA-?256$/i.exec(algorithm.trim());
  return CURVE_NAMES.get(match?.[1]?.toLowerCase().replaceAll(/[^a-z0-9]/g, "") ?? "");
}

/** By their names without capitals and signs. */
const CURVE_NAMES = new Map<string, OcmfCurve>([
  ["secp192k1", "secp192k1"],
  ["secp256k1", "secp256k1"],
  ["secp192r1", "secp192r1"],
  ["prime192v1", "secp192r1"],
  ["nistp192", "secp192r1"],
  ["secp256r1", "secp256r1"],
  ["prime256v1", "secp256r1"],
  ["nistp256", "secp256r1"],
  ["secp384r1", "secp384r1"],
  ["nistp384", "secp384r1"],
  ["brainpool256r1", "brainpool256r1"],
  ["brainpoolp256r1", "brainpool256r1"],
  ["brainpool384r1", "brainpool384r1"],
  ["brainpoolp384r1", "brainpool384r1"],
]);
