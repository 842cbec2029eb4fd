/** Recorded replies of real cars, kept beside the checkout because their licence (CC BY-SA) is not ours. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { RecordedRequest } from "#hal/vehicles/replay-exchange.ts";

export interface ObdRecord {
  readonly id: string;
  readonly model: string;
  readonly kind: "clean" | "recoverable" | "reject" | "multi";
  readonly model_years: readonly string[];
  readonly command_id: string;
  readonly request: RecordedRequest;
  readonly response: readonly string[];
  readonly payload?: string;
  readonly derived?: Readonly<Record<string, number | string | boolean | null>>;
}

const FOLDER = fileURLToPath(new URL("../../../shared/data/obdb/records", import.meta.url));

/** Undefined when the recordings are not there; the caller says so. */
export function readObdRecords(): readonly ObdRecord[] | undefined {
  if (!existsSync(FOLDER)) return undefined;
  return (["clean", "recoverable", "reject", "multi"] as const).flatMap((kind) =>
    readdirSync(join(FOLDER, kind)).flatMap((file) =>
      readFileSync(join(FOLDER, kind, file), "utf8")
        .split("\n")
        .filter((line) => line.length > 0)
        .map((line): ObdRecord => ({ ...(JSON.parse(line) as ObdRecord), model: file.replace(".jsonl", "") })),
    ),
  );
}
