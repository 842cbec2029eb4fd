/** `provision certify`: certificates for the cards that have come back, from the office, each beside its request. */
import { join } from "node:path";
import { decodeCertificate } from "#core/identity/certificate.ts";
import { equalBytes } from "#base/bytes.ts";
import { issueCertificates } from "../ca/issue-certificates.ts";
import { CERTIFICATE_NAME, readTally, REQUEST_NAME } from "../ca/tally-file.ts";
import { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { collectCards } from "./back-cards.ts";
import { genesisIn, type BackCard } from "./card-folders.ts";
import { openPlan, type OpenedPlan } from "./open-plan.ts";

/** A certificate that ends so soon is issued anew. */
const DUE_WITHIN_SECONDS = 7 * 86_400;

export async function certifyCards(given: CommandArguments, io: CommandIo): Promise<number> {
  const plan = await openPlan(given, io);
  const { back, out } = await collectCards(plan);
  const due: BackCard[] = [];
  for (const each of back) if (await isDue(each, plan)) due.push(each);
  if (due.length > 0) {
    const paths = due.map(({ folder }) => join(folder, REQUEST_NAME));
    await issueCertificates(new CommandArguments(["issue", ...paths], officeOptions(given)), io);
  }
  if (given.flag("json")) return EXIT.ok;
  io.out(`${due.length} issued, ${back.length - due.length} good for more than 7 days, ${out.length} not back yet`);
  for (const { name } of out) io.out(`  ${name}: no ${REQUEST_NAME} yet; start it, and bring the file back`);
  if (due.length > 0) io.out(`Put each ${CERTIFICATE_NAME} onto its card; the gateway takes it at its next start.`);
  return EXIT.ok;
}

/** When the certificate of a card that is back ends; undefined where it has none that holds. */
export async function certificateEnd({ folder, request }: BackCard, plan: OpenedPlan): Promise<number | undefined> {
  const { disk, crypto } = plan;
  const genesis = await genesisIn(folder, disk, crypto);
  if (!(await disk.list(folder)).includes(CERTIFICATE_NAME)) return undefined;
  const envelope = await readTally(join(folder, CERTIFICATE_NAME), "CERT").catch((error: unknown) => {
    if (error instanceof CommandError) return undefined;
    throw error;
  });
  if (envelope === undefined || genesis === undefined) return undefined;
  const authorities = genesis.body.membership?.enrolmentKeys ?? [];
  const certificate = decodeCertificate(envelope, crypto, { network: genesis.network, authorities });
  if (!certificate.ok || !equalBytes(certificate.value.deviceId, request.deviceId)) return undefined;
  return certificate.value.notAfter;
}

async function isDue(card: BackCard, plan: OpenedPlan): Promise<boolean> {
  return ((await certificateEnd(card, plan)) ?? 0) < plan.nowSeconds + DUE_WITHIN_SECONDS;
}

const OFFICE_OPTIONS = ["passphrase-file", "days", "caps", "mpe", "point"];

function officeOptions(given: CommandArguments): ReadonlyMap<string, string | true> {
  const options = new Map<string, string | true>([["folder", given.required("office")]]);
  for (const name of OFFICE_OPTIONS) {
    const value = given.text(name);
    if (value !== undefined) options.set(name, value);
  }
  if (given.flag("json")) options.set("json", true);
  return options;
}
