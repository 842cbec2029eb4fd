/** The cards that have come back from their gateways, each checked against its line of the list. */
import { equalBytes, toHex } from "#base/bytes.ts";
import { DEVICE_ROLE_OF } from "#config/gateway-config.ts";
import type { Enrolment } from "#core/identity/enrolment.ts";
import { CommandError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";
import { cardFolder, genesisIn, requestIn, type BackCard } from "./card-folders.ts";
import { faultText, type ListFault } from "./gateway-list.ts";
import type { PlannedCard } from "./judge-list.ts";
import type { OpenedPlan } from "./open-plan.ts";

export interface Collected {
  readonly back: readonly BackCard[];
  /** Not started yet, or not brought back. */
  readonly out: readonly PlannedCard[];
}

/** Rejects with a CommandError that names each card which answers as another gateway than the list says. */
export async function collectCards(plan: OpenedPlan): Promise<Collected> {
  const back: BackCard[] = [];
  const out: PlannedCard[] = [];
  const faults: ListFault[] = [];
  for (const card of plan.cards) {
    const folder = cardFolder(plan.out, card.name);
    const request = await requestIn(folder, plan.disk, plan.crypto);
    const problem = request.ok ? await objection(request.value, card, plan) : request.fault;
    if (problem !== undefined)
      faults.push({ line: card.listed.line, path: card.name, problem: `${folder}: ${problem}` });
    else if (request.ok && request.value !== undefined) back.push({ card, folder, request: request.value });
    else out.push(card);
  }
  faults.push(...sameDevices(back));
  if (faults.length === 0) return { back, out };
  const lines = faults.map((fault) => faultText(plan.list, fault));
  throw new CommandError(EXIT.badData, [...lines, "nothing was issued or written"].join("\n"));
}

async function objection(
  request: Enrolment | undefined,
  { name, judged }: PlannedCard,
  { out, disk, crypto }: OpenedPlan,
): Promise<string | undefined> {
  if (request === undefined) return undefined;
  const { role, organisation } = judged.config;
  const expected = DEVICE_ROLE_OF[role];
  const found = request.inception.role;
  if (found !== expected) return `the request is of a ${found}, the list says ${role}`;
  if (request.organisation !== organisation) {
    const [found, listed] = [request.organisation, organisation].map((name) => JSON.stringify(name));
    return `the request says organisation ${found ?? ""}, the list ${listed ?? ""}`;
  }
  const genesis = await genesisIn(cardFolder(out, name), disk, crypto);
  if (genesis === undefined || equalBytes(genesis.network, request.network)) return undefined;
  return `the request is of network ${toHex(request.network)}, the card's region is ${toHex(genesis.network)}`;
}

/** A card that was copied, or brought back into the wrong folder. */
function sameDevices(back: readonly BackCard[]): readonly ListFault[] {
  const first = new Map<string, BackCard>();
  return back.flatMap((each): readonly ListFault[] => {
    const device = toHex(each.request.deviceId);
    const before = first.get(device);
    if (before === undefined) first.set(device, each);
    if (before === undefined) return [];
    const problem = `${each.folder}: the request is that of ${before.card.name}, too`;
    return [{ line: each.card.listed.line, path: each.card.name, problem }];
  });
}
