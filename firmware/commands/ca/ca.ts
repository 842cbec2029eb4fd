/** `ca`: the office that enrols devices. Each verb has its file. */
import type { CommandArguments } from "../command.ts";
import { notAmong } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { initOffice } from "./init-office.ts";
import { issueCertificates, renewCertificates } from "./issue-certificates.ts";
import { listIssued } from "./list-issued.ts";
import { recoverKeys } from "./recover-keys.ts";
import { requestCertificate } from "./request-certificate.ts";
import { revokeDevice } from "./revoke-device.ts";

interface Verb {
  readonly options: readonly string[];
  /** How many words may stand behind it. */
  readonly words: readonly [number, number];
  readonly run: (given: CommandArguments, io: CommandIo) => Promise<number>;
}

const OFFICE = ["folder", "passphrase-file"];

const VERBS: Readonly<Record<string, Verb>> = {
  init: { options: OFFICE, words: [0, 0], run: initOffice },
  request: { options: ["config", "out", "json"], words: [0, 0], run: requestCertificate },
  issue: {
    options: [...OFFICE, "out", "caps", "days", "from", "organisation", "mpe", "point", "json"],
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

const ALL_OPTIONS = [...new Set(Object.values(VERBS).flatMap(({ options }) => options))];

export async function runCa(given: CommandArguments, io: CommandIo): Promise<number> {
  const [name = "", ...words] = given.words;
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) throw new CommandError(EXIT.usage, `ca what? ${notAmong(name, Object.keys(VERBS))}`);
  const stranger = ALL_OPTIONS.find((option) => given.flag(option) && !verb.options.includes(option));
  if (stranger !== undefined) throw new CommandError(EXIT.usage, `ca ${name} takes no --${stranger}`);
  const [least, most] = verb.words;
  if (words.length < least) throw new CommandError(EXIT.usage, `ca ${name}: something is missing; see ca --help`);
  if (words.length > most) throw new CommandError(EXIT.usage, `ca ${name}: too much: "${words[most] ?? ""}"`);
  return verb.run(given, io);
}
