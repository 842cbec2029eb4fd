/** What is wrong in a list: with each gateway by itself, and with all of them together. */
import { stringify } from "smol-toml";
import { valueAt } from "../first-boot/gives-way.ts";
import { judgeCard, type JudgedCard } from "../first-boot/judge-card.ts";
import type { Disk } from "../first-boot/disk.ts";
import { nameOf, type ListedGateway, type ListFault } from "./gateway-list.ts";

export interface PlannedCard {
  readonly listed: ListedGateway;
  readonly name: string;
  readonly judged: JudgedCard;
}

export interface Plan {
  readonly cards: readonly PlannedCard[];
  readonly faults: readonly ListFault[];
}

/** @param home folder of the list, where the files lie that its gateways name */
export async function judgeList(
  gateways: readonly ListedGateway[],
  home: string,
  tools: { readonly disk: Disk; readonly nowSeconds: number },
): Promise<Plan> {
  const cards: PlannedCard[] = [];
  const faults: ListFault[] = [];
  for (const listed of gateways) {
    const unnamed =
      listed.card["name"] === undefined ? [{ line: listed.line, path: "name", problem: "is missing" }] : [];
    const judged = await judgeCard(stringify(listed.card), { card: home, state: STATE, files: home }, tools);
    if (judged.ok) cards.push({ listed, name: judged.value.config.name, judged: judged.value });
    const told = judged.ok ? [] : judged.fault.faults;
    const own = told.map(({ path, found, expected }) => ({
      ...{ line: listed.line, path: `${nameOf(listed)}: ${path}` },
      problem: `found ${found}, expected ${expected}`,
    }));
    faults.push(...unnamed, ...own);
  }
  faults.push(...repeated(gateways), ...secondBrokers(cards));
  return { cards, faults: faults.sort((left, right) => left.line - right.line) };
}

/** Any: nothing is stored while a list is judged. */
const STATE = "/var/lib/tallystick";

/** What no two gateways may share. Names are those of hosts, too, which know no capitals. */
const UNIQUE = ["name", "network.hostname", "network.address", "meter.serial_number"];

function repeated(gateways: readonly ListedGateway[]): readonly ListFault[] {
  return UNIQUE.flatMap((path) => {
    const first = new Map<string, ListedGateway>();
    return gateways.flatMap((listed): readonly ListFault[] => {
      const value = valueAt(listed.card, path);
      if (typeof value !== "string" || value === "dhcp") return [];
      const before = first.get(value.toLowerCase());
      if (before === undefined) first.set(value.toLowerCase(), listed);
      if (before === undefined) return [];
      return [{ line: listed.line, path, problem: `"${value}" is that of line ${before.line}, too` }];
    });
  });
}

/** Two brokers at one site are two meshes that do not hear each other, unless a gateway is connected to both. */
function secondBrokers(cards: readonly PlannedCard[]): readonly ListFault[] {
  const first = new Map<string, PlannedCard>();
  return cards.flatMap((card): readonly ListFault[] => {
    const { broker, region } = card.judged.config;
    if (broker.embedded === undefined || broker.second !== undefined) return [];
    const before = first.get(region.site);
    if (before === undefined) first.set(region.site, card);
    if (before === undefined || before.judged.config.broker.second !== undefined) return [];
    const problem =
      `${card.name} would run a second broker at site ${region.site}; ` +
      `give it the broker.url of ${before.name} (line ${before.listed.line}), a broker.second, or a site of its own`;
    return [{ line: card.listed.line, path: "broker.url", problem }];
  });
}
