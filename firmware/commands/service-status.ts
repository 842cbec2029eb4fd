/** A running gateway in one line, for whoever looks at the service: `block 12, mesh connected, 1 charge`. */
import type { EmitEvent, GatewayEvents } from "#services/events.ts";

type EventOf<Name extends keyof GatewayEvents> = Parameters<GatewayEvents[Name]>[0];

export class ServiceStatus {
  #serial: number | undefined;
  #isConnected = false;
  /** Addresses of charges that are not over. */
  readonly #charges = new Set<string>();
  /** What does not work, by part, with the code of its fault. */
  readonly #troubles = new Map<string, string>();

  get text(): string {
    if (this.#serial === undefined) return "starting";
    const count = this.#charges.size;
    return [
      `block ${this.#serial}`,
      this.#isConnected ? "mesh connected" : "no mesh",
      ...(count === 0 ? [] : [count === 1 ? "1 charge" : `${count} charges`]),
      ...[...this.#troubles].map(([part, code]) => `${part}: ${code}`),
    ].join(", ");
  }

  readonly take: EmitEvent = (name, event) => {
    const take: ((event: never) => void) | undefined = this.#takes[name];
    take?.(event as never);
  };

  readonly #takes: { readonly [Name in keyof GatewayEvents]?: (event: EventOf<Name>) => void } = {
    started: ({ serial }) => void (this.#serial = serial),
    blockAppended: ({ serial }) => void (this.#serial = serial),
    branchAbandoned: ({ serial }) => void (this.#serial = serial),
    snapshotTaken: ({ serial }) => void (this.#serial = serial),
    meshConnected: ({ up }) => void (this.#isConnected = up),
    // It may start again in this process, as another identity.
    stopped: () => void (this.#isConnected = false),
    contractSigned: ({ address }) => {
      this.#charges.add(address);
      this.#troubles.delete("cable");
    },
    // Stands until the next contract: the driver has to come and look where the car is plugged in.
    bindingChecked: ({ outcome, code }) => {
      if (outcome === "contradicted") this.#troubles.set("cable", code);
    },
    completed: ({ address }) => void this.#charges.delete(address),
    meterLost: ({ code }) => void this.#troubles.set("meter", code),
    meterBack: () => void this.#troubles.delete("meter"),
    chargePointFailed: ({ code }) => void this.#troubles.set("charge point", code),
    chargePointBack: () => void this.#troubles.delete("charge point"),
    tariffLost: ({ code }) => void this.#troubles.set("tariff", code),
    tariffBack: () => void this.#troubles.delete("tariff"),
    codeOutdated: () => void this.#troubles.set("software", "BLOCK_NEWER_CODE"),
    boardFailed: ({ part, code }) => void this.#troubles.set(part, code),
  };
}
