/** What is found of signed meter values, in words, by its code. */

/** A whole sentence; for an unknown code the code itself. */
export function ocmfRuleText(code: string): string {
  return RULES.get(code) ?? `The rule ${code} does not hold.`;
}

const RULES = new Map([
  // What cannot be read.
  ["OCMF_UNREADABLE", "A record is OCMF, its payload and its signature, with | between them."],
  ["XML_NOT_READABLE", "The container is no XML, or has declarations that none needs."],
  ["CONTAINER_WITHOUT_VALUES", "The container holds no signed values."],
  // The signature.
  ["OCMF_TAMPERED", "The key has not signed this: a sign of it was changed, or the key is another meter's."],
  ["OCMF_OTHER_KEY", "The key that was given has not signed it; the one that came with it has."],
  ["OCMF_NO_KEY", "No public key came with it: give the one on the meter with --key."],
  ["OCMF_KEY_UNREADABLE", "The public key is none: neither SubjectPublicKeyInfo nor a point of the curve."],
  ["OCMF_KEY_OF_ANOTHER_CURVE", "The public key is of another curve than the signature says that it is."],
  ["OCMF_UNKNOWN_ALGORITHM", "The record names an algorithm that is not of OCMF."],
  ["OCMF_SIGNATURE_UNREADABLE", "The signature has not the form that the record says."],
  // What makes a transaction worth nothing although it is signed.
  ["OCMF_SEVERAL_STARTS", "A transaction begins once."],
  ["OCMF_SEVERAL_STOPS", "A transaction ends once."],
  ["OCMF_NO_ENERGY", "Begin and end are values of energy, with their unit."],
  ["OCMF_REGISTER_FELL", "The register at the end is not below that at the begin."],
  ["OCMF_TIME_FELL", "The end is not before the begin."],
  ["OCMF_TIME_STATE", "Each time says how well it is known; a relative begin has a relative end."],
  ["OCMF_USER_REFUSED", "The user was not accepted."],
  ["OCMF_METER_STATUS", "The meter was well at begin and end (status G)."],
  ["OCMF_ENERGY_FLAGGED", "The device itself says that the energy is not to be billed by."],
  ["OCMF_EVENTS_BETWEEN", "The meter has counted no event between begin and end."],
  ["OCMF_OTHER_REGISTER", "Begin and end are of one register."],
  ["OCMF_OTHER_METER", "Begin and end are of one meter."],
  // What a CDR says beside what is signed in it.
  ["CDR_TEXTS_DIFFER", "A signed value is one text, in plain_data and in signed_data."],
  ["CDR_ENERGY_NOT_SIGNED", "A CDR bills no more energy than is signed in it."],
  // What other readers may stumble over.
  ["OCMF_PIPE_INSIDE", "A text has a | within; readers that cut at each see another record."],
  ["OCMF_NAME_REPEATED", "A name stands twice in one object; readers differ in which they take."],
]);
