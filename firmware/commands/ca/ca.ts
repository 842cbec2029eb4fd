/** `ca`: the office that enrols devices. Each verb has its file. */
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { runVerb, type Verb } from "../run-verb.ts";
import { initOffice } from "./init-office.ts";
import { issueCertificates, renewCertificates } from "./issue-certificates.ts";
import { listIssued } from "./list-issued.ts";
import { recoverKeys } from "./recover-keys.ts";
import { requestCertificate } from "./request-certificate.ts";
import { revokeDevice } from "./revoke-device.ts";

const OFFICE = ["folder", "passphrase-file"];

const VERBS: Readonly<Record<string, Verb>> = {
  init: { options: OFFICE, words: [0, 0], run: initOffice },
  request: { options: ["config", "out", "json"], words: [0, 0], run: requestCertificate },
  issue: {
    options: [...OFFICE, "out", "caps", "days", "every", "from", "organisation", "mpe", "point", "json"],
    words: [1, 1000],
    run: issueCertificates,
  },
  renew: {
    options: [...OFFICE, "out", "days", "from", "within", "json"],
    words: [0, 1000],
    run: renewCertificates,
  },
  revoke: { options: [...OFFICE, "out", "reason", "from", "json"], words: [1, 1], run: revokeDevice },
  recover: { options: [...OFFICE, "json"], words: [1, 1000], run: recoverKeys },
  list: { options: ["folder", "json"], words: [0, 0], run: listIssued },
};

export function runCa(given: CommandArguments, io: CommandIo): Promise<number> {
  return runVerb({ name: "ca", verbs: VERBS, missing: "something is missing; see ca --help" }, given, io);
}
