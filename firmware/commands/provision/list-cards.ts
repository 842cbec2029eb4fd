/** `provision status`: how far each gateway of the list is. */
import { shortDeviceId } from "#core/identity/device-id.ts";
import { toHex } from "#base/bytes.ts";
import { utcText } from "#records/quantity-text.ts";
import type { CommandArguments } from "../command.ts";
import type { CommandIo } from "../command-io.ts";
import { EXIT } from "../exit-code.ts";
import { CARD_NAME } from "../first-boot/card-fault.ts";
import { collectCards } from "./back-cards.ts";
import { cardFolder, genesisIn, type BackCard } from "./card-folders.ts";
import { certificateEnd } from "./certify-cards.ts";
import type { PlannedCard } from "./judge-list.ts";
import { openPlan, type OpenedPlan } from "./open-plan.ts";

export async function listCards(given: CommandArguments, io: CommandIo): Promise<number> {
  const plan = await openPlan(given, io);
  const { back } = await collectCards(plan);
  const width = Math.max(...plan.cards.map(({ name }) => name.length));
  for (const card of plan.cards) {
    const answered = back.find((each) => each.card === card);
    const row = answered === undefined ? await waitingRow(card, plan) : await answeredRow(answered, plan);
    if (given.flag("json")) io.out(JSON.stringify({ name: card.name, role: card.judged.config.role, ...row }));
    else io.out(`${card.name.padEnd(width)}  ${card.judged.config.role.padEnd(7)}  ${row.text}`);
  }
  return EXIT.ok;
}

interface Row {
  readonly state: "to-write" | "waits-for-region" | "to-start" | "started" | "certified";
  readonly text: string;
  /** In hex. */
  readonly device?: string;
  /** Unix seconds. */
  readonly certificateEndsAt?: number;
}

async function waitingRow({ name, judged }: PlannedCard, { out, disk, crypto }: OpenedPlan): Promise<Row> {
  const folder = cardFolder(out, name);
  if (!(await disk.list(folder)).includes(CARD_NAME)) return { state: "to-write", text: "no card folder yet" };
  const hasRegion = (await genesisIn(folder, disk, crypto)) !== undefined;
  if (hasRegion || judged.config.role === "charger") return { state: "to-start", text: "card to be started" };
  return { state: "waits-for-region", text: "card waits for its region" };
}

async function answeredRow(back: BackCard, plan: OpenedPlan): Promise<Row> {
  const id = shortDeviceId(back.request.deviceId);
  const device = toHex(back.request.deviceId);
  const endsAt = await certificateEnd(back, plan);
  const hasOffice = (await genesisIn(back.folder, plan.disk, plan.crypto))?.body.membership !== undefined;
  if (endsAt !== undefined) {
    return {
      state: "certified",
      text: `${id}  certificate until ${utcText(endsAt)}`,
      device,
      certificateEndsAt: endsAt,
    };
  }
  return { state: "started", text: hasOffice ? `${id}  no certificate yet` : id, device };
}
