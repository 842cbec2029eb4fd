/** The protocols that `meter decode` knows, and what decodes each. Decoders are loaded when they are asked for. */
import type { GivenKeys } from "../meter-key-options.ts";
import type { Finding } from "./finding.ts";

export const PROTOCOLS = ["sml", "dsmr", "iec62056", "dlms", "modbus"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What all decoders have in common, in the terms of this command. */
export interface FindingDecoder {
  push(bytes: Uint8Array): readonly Finding[];
  end(): readonly Finding[];
}

export async function makeDecoder(protocol: Protocol, keys: GivenKeys | undefined): Promise<FindingDecoder> {
  switch (protocol) {
    case "sml":
      return new (await import("#hal/protocols/sml/sml-decoder.ts")).SmlDecoder();
    case "dsmr":
      return new (await import("#hal/protocols/dsmr/dsmr-decoder.ts")).DsmrDecoder();
    case "iec62056": {
      const { Iec62056Decoder } = await import("#hal/protocols/iec62056-21/iec62056-decoder.ts");
      // A line of 7 bits with parity is often recorded with 8.
      return new Iec62056Decoder({ clearsParityBit: true });
    }
    case "dlms": {
      const { DlmsDecoder } = await import("#hal/protocols/dlms/dlms-decoder.ts");
      if (keys === undefined) return new DlmsDecoder();
      return new DlmsDecoder({ ...keys, decipher: (await import("#hal/linux/decipher-gcm.ts")).decipherGcm });
    }
    case "modbus":
      return new (await import("./modbus-line.ts")).ModbusLine();
  }
}
