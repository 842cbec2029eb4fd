/** The licences of everything that is shipped, in one file, each text once. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Licensed {
  readonly name: string;
  readonly version: string;
  readonly licence: string | undefined;
  /** Absolute; its licence texts are looked for there. */
  readonly folder: string;
}

const FILE_NAME = /^(licen[cs]e|copying|notice|copyright)([.-].*)?$/i;
const RULE = "=".repeat(100);

/** Packages with the same text stand together above it. Those that bring none are named with what they state. */
export function licenceTexts(all: readonly Licensed[]): string {
  const byText = new Map<string, string[]>();
  const bare: string[] = [];
  for (const { name, version, licence, folder } of [...all].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const label = `${name} ${version} (${licence ?? "states no licence"})`;
    const text = textIn(folder);
    if (text === undefined) bare.push(label);
    else byText.set(text, [...(byText.get(text) ?? []), label]);
  }
  const parts = [...byText].map(([text, labels]) => `${labels.join("\n")}\n\n${text}\n`);
  if (bare.length > 0) parts.push(`${bare.join("\n")}\n\nTheir archives state the licence and bring no text of it.\n`);
  return `What this firmware contains of others, and under which terms.\n\n${RULE}\n${parts.join(`\n${RULE}\n`)}`;
}

function textIn(folder: string): string | undefined {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && FILE_NAME.test(entry.name))
    .map(({ name }) => name)
    .sort();
  if (files.length === 0) return undefined;
  return files.map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim()).join("\n\n");
}
