/** The decoder that a model needs, behind one interface: values with their units, and who sent them. */
import { DlmsDecoder, type DlmsTelegram } from "#hal/protocols/dlms/dlms-decoder.ts";
import { physicalValues } from "#hal/protocols/dlms/physical-values.ts";
import type { MeterKeys } from "#hal/protocols/dlms/ciphering.ts";
import { DsmrDecoder } from "#hal/protocols/dsmr/dsmr-decoder.ts";
import { Iec62056Decoder } from "#hal/protocols/iec62056-21/iec62056-decoder.ts";
import { serverIdOf, SmlDecoder } from "#hal/protocols/sml/sml-decoder.ts";
import type { DecodedTelegram, TelegramDecoder } from "#hal/protocols/telegram.ts";
import { octetsText } from "./identity-text.ts";
import type { TelegramModel, TelegramProtocol } from "./telegram-model.ts";

export interface MeterTelegram extends DecodedTelegram {
  /** Whom the telegram itself names as its sender, as a serial number is written. */
  readonly sender?: string;
}

export interface MeterDecoder extends TelegramDecoder {
  push(bytes: Uint8Array): readonly MeterTelegram[];
  end(): readonly MeterTelegram[];
}

export function makeMeterDecoder(
  { protocol, check }: Pick<TelegramModel, "protocol" | "check">,
  keys?: MeterKeys,
): MeterDecoder {
  const make: Readonly<Record<TelegramProtocol, () => MeterDecoder>> = {
    sml: () => smlMeterDecoder(),
    dsmr: () => new DsmrDecoder(),
    iec62056: () => new Iec62056Decoder({ clearsParityBit: true, requiresBlockCheck: check === "bcc" }),
    dlms: () => dlmsMeterDecoder(keys),
  };
  return make[protocol]();
}

function smlMeterDecoder(): MeterDecoder {
  const decoder = new SmlDecoder();
  const named = (telegrams: ReturnType<SmlDecoder["push"]>): readonly MeterTelegram[] =>
    telegrams.map((telegram) => {
      const serverId = serverIdOf(telegram);
      return serverId === undefined || serverId === "" ? telegram : { ...telegram, sender: octetsText(serverId) };
    });
  return { push: (bytes) => named(decoder.push(bytes)), end: () => named(decoder.end()) };
}

function dlmsMeterDecoder(keys: MeterKeys | undefined): MeterDecoder {
  const decoder = new DlmsDecoder(keys ?? {});
  const scaled = (telegrams: readonly DlmsTelegram[]): readonly MeterTelegram[] =>
    telegrams.map((telegram) => {
      const { layout, values } = telegram;
      return layout === undefined ? telegram : { ...telegram, values: physicalValues({ layout, values }) };
    });
  return { push: (bytes) => scaled(decoder.push(bytes)), end: () => scaled(decoder.end()) };
}
