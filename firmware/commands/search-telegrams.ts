/** Listens at the usual settings of a serial line for telegrams of any kind, where the configured ones gave none. */
import { SerialLink } from "#hal/linux/serial-link.ts";
import { guessProtocol } from "#hal/meters/telegram/guess-protocol.ts";
import { UnheardBytes } from "#hal/meters/telegram/unheard-bytes.ts";
import type { TelegramProtocol } from "#hal/meters/telegram/telegram-model.ts";
import type { ByteLink, SerialSettings } from "#hal/ports/byte-link.ts";
import type { Clock } from "#hal/ports/clock.ts";

export interface TelegramSearchTools {
  readonly clock: Clock;
  readonly openLink?: (settings: SerialSettings) => ByteLink;
}

export interface FoundTelegrams {
  readonly protocol: TelegramProtocol;
  readonly settings: SerialSettings;
}

type Settings = Omit<SerialSettings, "path">;

/**
 * Eight bits and no parity hear seven bits and even parity as well: the parity is one more bit. Where telegrams come
 * every 10 s at most, so long is listened.
 */
const USUAL: readonly { readonly settings: Settings; readonly listenMs: number }[] = [
  { settings: { baudRate: 9600, dataBits: 8, parity: "none", stopBits: 1 }, listenMs: 4_500 },
  { settings: { baudRate: 115_200, dataBits: 8, parity: "none", stopBits: 1 }, listenMs: 10_500 },
  { settings: { baudRate: 2400, dataBits: 8, parity: "even", stopBits: 1 }, listenMs: 10_500 },
];
/** Bytes are looked at so often. */
const LOOK_MS = 500;

export async function searchTelegrams(
  configured: SerialSettings,
  { clock, openLink = (settings) => new SerialLink(settings) }: TelegramSearchTools,
): Promise<FoundTelegrams | undefined> {
  for (const { settings: usual, listenMs } of USUAL) {
    const settings = { ...usual, path: configured.path };
    if (isSame(settings, configured)) continue;
    const protocol = await listen(openLink(settings), listenMs, clock);
    if (protocol !== undefined) return { protocol, settings };
  }
  return undefined;
}

function isSame(left: Settings, right: Settings): boolean {
  return left.baudRate === right.baudRate && left.dataBits === right.dataBits && left.parity === right.parity;
}

async function listen(link: ByteLink, listenMs: number, clock: Clock): Promise<TelegramProtocol | undefined> {
  const heard = new UnheardBytes();
  const opened = await link.open({
    onData: (bytes) => {
      heard.add(bytes, clock.monotonicMs());
    },
    onClose: () => undefined,
  });
  if (!opened.ok) return undefined;
  const untilMs = clock.monotonicMs() + listenMs;
  try {
    while (link.isOpen && clock.monotonicMs() < untilMs) {
      await new Promise<void>((resolve) => {
        clock.wakeAt(clock.monotonicMs() + LOOK_MS, resolve);
      });
      const guess = guessProtocol(heard.tail);
      if (guess.kind === "protocol" && guess.isWhole) return guess.protocol;
    }
    return undefined;
  } finally {
    await link.close();
  }
}
