/**
 * Reading a JSON object field by field: what is there and wrong is refused with its path, and so is what nobody asked
 * for. Refusals are thrown inside and become one value at the edge, where `reading` is.
 */
import { fail, ok, type Result } from "#base/result.ts";
import { refused, type OcpiFault } from "./ocpi-tariff.ts";

/** What `read` returns, or the first refusal. */
export function reading<Value>(read: () => Value): Result<Value, OcpiFault> {
  try {
    return ok(read());
  } catch (refusal) {
    if (refusal instanceof Refusal) return fail(refusal.fault);
    throw refusal;
  }
}

/** @throws Refusal, which never leaves `reading`. */
export function refuse(path: string, reason: string): never {
  throw new Refusal(refused(path, reason));
}

class Refusal extends Error {
  readonly fault: OcpiFault;

  constructor(fault: OcpiFault) {
    super(fault.reason);
    this.fault = fault;
  }
}

export class Fields {
  readonly path: string;
  readonly #fields: ReadonlyMap<string, unknown>;

  /** @param known every name that the object may have */
  constructor(value: unknown, path: string, known: readonly string[]) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(path, "must be an object");
    this.path = path;
    // OCPI: a field that is null is a field that is absent.
    this.#fields = new Map(Object.entries(value).filter(([, content]) => content !== null));
    for (const name of this.#fields.keys()) {
      if (!known.includes(name)) refuse(this.at(name), "is not known, and might change the price");
    }
  }

  at(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** As it is; refused when absent. */
  required(name: string): unknown {
    return this.has(name) ? this.#fields.get(name) : refuse(this.at(name), "is missing");
  }

  optional(name: string): unknown {
    return this.#fields.get(name);
  }

  text(name: string): string {
    const value = this.required(name);
    return typeof value === "string" ? value : refuse(this.at(name), "must be a text");
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  list(name: string): readonly unknown[] {
    const value = this.required(name);
    return Array.isArray(value) ? (value as readonly unknown[]) : refuse(this.at(name), "must be a list");
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word {
    const value = this.required(name);
    return words.find((word) => word === value) ?? refuse(this.at(name), `must be one of ${words.join(", ")}`);
  }

  /** A number that is not negative, in units of 10^-digits, exactly. */
  decimal(name: string, digits: number, max: number): number {
    const value = this.required(name);
    if (typeof value !== "number" || !Number.isFinite(value)) return refuse(this.at(name), "must be a number");
    if (value < 0) return refuse(this.at(name), "is negative");
    // The shortest text of a double is what was written, as long as that had no more than 15 digits.
    const [, whole, fraction = ""] = /^(\d+)(?:\.(\d+))?$/.exec(String(value)) ?? [];
    if (whole === undefined || fraction.length > digits) {
      return refuse(this.at(name), `${value} has more than ${digits} digits after the point, which would be lost`);
    }
    const scaled = Number(whole + fraction.padEnd(digits, "0"));
    if (!Number.isSafeInteger(scaled) || scaled > max) return refuse(this.at(name), `${value} is too large`);
    return scaled;
  }

  optionalDecimal(name: string, digits: number, max: number): number | undefined {
    return this.has(name) ? this.decimal(name, digits, max) : undefined;
  }
}
