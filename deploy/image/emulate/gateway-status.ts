/** What the tests read of `tallystick status --json`, of a guest's gateway or one of this machine. */
export interface GatewayStatus {
  readonly did: string;
  readonly serial: number;
  readonly head: string;
  readonly waitingFacts: number;
  readonly isCharging: boolean;
  readonly isMeshConnected: boolean;
}

/** @returns undefined for what is no answer: a gateway that is starting has none yet */
export function readStatus(text: string): GatewayStatus | undefined {
  const start = text.indexOf("{");
  if (start < 0) return undefined;
  try {
    const value: unknown = JSON.parse(text.slice(start, text.lastIndexOf("}") + 1));
    return isStatus(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isStatus(value: unknown): value is GatewayStatus {
  if (typeof value !== "object" || value === null) return false;
  const types = {
    did: "string",
    serial: "number",
    head: "string",
    waitingFacts: "number",
    isCharging: "boolean",
    isMeshConnected: "boolean",
  };
  return Object.entries(types).every(
    ([key, type]) => typeof (value as Readonly<Record<string, unknown>>)[key] === type,
  );
}
