/** From the text of a list, CSV or TOML, to its gateways. */
import { parse, TomlError } from "smol-toml";
import { fail, ok, type Result } from "#base/result.ts";
import { isTable, overlaid } from "../first-boot/gives-way.ts";
import type { Table } from "../first-boot/read-card.ts";
import { GATEWAYS_MAX, type ListedGateway, type ListFault } from "./gateway-list.ts";
import { parseCsv, type CsvRow } from "./parse-csv.ts";
import { typedCell } from "./typed-cell.ts";

type ReadList = Result<readonly ListedGateway[], readonly ListFault[]>;

/** @param name of the file, whose ending says which of the two it is */
export function readList(name: string, text: string): ReadList {
  const read = /\.toml$/i.test(name) ? readToml(text) : readCsv(text);
  if (!read.ok) return read;
  if (read.value.length === 0) return fail([{ line: 1, path: "", problem: "no gateway is listed" }]);
  if (read.value.length <= GATEWAYS_MAX) return read;
  const line = read.value[GATEWAYS_MAX]?.line ?? 1;
  return fail([{ line, path: "", problem: `more than ${GATEWAYS_MAX} gateways: make two lists` }]);
}

function readCsv(text: string): ReadList {
  const rows = parseCsv(text);
  if (!rows.ok) return fail([rows.fault]);
  const [header, ...others] = rows.value;
  if (header === undefined) return fail([{ line: 1, path: "", problem: "the list is empty" }]);
  const faults = [...headerFaults(header), ...others.flatMap((row) => lengthFaults(row, header))];
  if (faults.length > 0) return fail(faults);
  return ok(others.map(({ line, fields }) => ({ line, card: cardOf(header.fields, fields) })));
}

const COLUMN = /^[a-z_]+(\.[a-z_]+){0,2}$/;

function headerFaults({ line, fields }: CsvRow): readonly ListFault[] {
  return fields.flatMap((column, index): readonly ListFault[] => {
    if (column === "") return [];
    const isTwice = fields.indexOf(column) < index;
    if (isTwice) return [{ line, path: column, problem: "this column is there twice" }];
    if (COLUMN.test(column)) return [];
    const expected = "a key of tallystick.toml with its table, such as name, role or meter.unit";
    return [{ line, path: column, problem: `the head of a column is ${expected}` }];
  });
}

function lengthFaults({ line, fields }: CsvRow, header: CsvRow): readonly ListFault[] {
  const stray = fields.findIndex((field, index) => field !== "" && (header.fields[index] ?? "") === "");
  if (stray < 0) return [];
  const place = `"${fields[stray] ?? ""}" stands in column ${stray + 1}`;
  const problem = `${place}, which has no head; is a cell in quotes missing?`;
  return [{ line, path: "", problem }];
}

/** Empty cells leave a key out. */
function cardOf(columns: readonly string[], cells: readonly string[]): Table {
  return columns.reduce<Table>((card, column, index) => {
    const cell = cells[index] ?? "";
    return cell === "" ? card : overlaid(card, nested(column, typedCell(column, cell)));
  }, {});
}

function nested(path: string, value: unknown): Table {
  return path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Table;
}

/** `[every]` is said of all gateways, `[every_charger]` and `[every_vehicle]` of those, `[[gateway]]` of one. */
function readToml(text: string): ReadList {
  const parsed = tryParse(text);
  if (!parsed.ok) return parsed;
  const { gateway, ...others } = parsed.value;
  const lines = text.split("\n");
  const lineOf = (pattern: RegExp): number => Math.max(1, lines.findIndex((line) => pattern.test(line)) + 1);
  const faults = Object.entries(others).flatMap(([name, table]): readonly ListFault[] => {
    if (COMMON.includes(name) && isTable(table)) return [];
    const problem = "expected [[gateway]] for each, and for what they share [every], [every_charger], [every_vehicle]";
    return [{ line: lineOf(new RegExp(`^\\s*\\[*\\s*${name}\\b`)), path: name, problem }];
  });
  if (faults.length > 0) return fail(faults);
  if (!Array.isArray(gateway) || !gateway.every(isTable)) {
    return fail([
      { line: lineOf(/gateway/), path: "gateway", problem: "expected [[gateway]], with two brackets, for each" },
    ]);
  }
  const heads = lines.flatMap((line, index) => (/^\s*\[\[\s*gateway\s*\]\]/.test(line) ? [index + 1] : []));
  const shared = (name: string): Table => (isTable(others[name]) ? others[name] : {});
  return ok(
    gateway.map((own, index) => {
      const role = typeof own["role"] === "string" ? own["role"] : "";
      const card = overlaid(overlaid(shared("every"), shared(`every_${role}`)), own);
      return { line: heads[index] ?? 1, card };
    }),
  );
}

const COMMON: readonly string[] = ["every", "every_charger", "every_vehicle"];

function tryParse(text: string): Result<Table, readonly ListFault[]> {
  try {
    return ok(parse(text));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const problem = (error.message.split("\n")[0] ?? "").replace("Invalid TOML document: ", "");
    return fail([{ line: error.line, path: "", problem }]);
  }
}
