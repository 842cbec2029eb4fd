/** JSON whose numbers are digits of ours: an amount goes through no float on its way out. */
export type JsonOut =
  | string
  | boolean
  | { readonly digits: string }
  | readonly JsonOut[]
  | { readonly [name: string]: JsonOut | undefined };

/** A number by its decimal digits. */
export function number(digits: string): { readonly digits: string } {
  return { digits };
}

/** Members that are undefined are left out. Two blanks a level, so that people can read it. */
export function writeJson(value: JsonOut, indent = ""): string {
  if (typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  const inner = `${indent}  `;
  if (isList(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((item) => `${inner}${writeJson(item, inner)}`).join(",\n")}\n${indent}]`;
  }
  if (isNumber(value)) return value.digits;
  const members = Object.entries(value).filter((entry): entry is [string, JsonOut] => entry[1] !== undefined);
  if (members.length === 0) return "{}";
  const written = members.map(([name, member]) => `${inner}${JSON.stringify(name)}: ${writeJson(member, inner)}`);
  return `{\n${written.join(",\n")}\n${indent}}`;
}

function isList(value: JsonOut): value is readonly JsonOut[] {
  return Array.isArray(value);
}

function isNumber(value: JsonOut): value is { readonly digits: string } {
  return typeof value === "object" && "digits" in value && typeof value.digits === "string";
}
