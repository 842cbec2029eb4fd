/**
 * Cuts the adapter's bytes into replies. A reply ends with the prompt `>`; nothing else is an end, and a chunk is
 * neither a line nor a reply. NULs, which some adapters sprinkle in, are dropped (ELM327 data sheet, "Interpreting").
 */

/** More than the longest honest reply: 15 lines of 24 characters many times over. */
export const REPLY_BYTES_MAX = 8 * 1024;

export type CollectedReply =
  | { readonly kind: "reply"; readonly text: string }
  /** The limit was passed without a prompt. What came is dropped, and so is the rest up to the next prompt. */
  | { readonly kind: "overflow" }
  /** The prompt after an overflow. */
  | { readonly kind: "promptAfterOverflow" };

export class ReplyCollector {
  #text = "";
  #overflowing = false;

  accept(bytes: Uint8Array): readonly CollectedReply[] {
    const collected: CollectedReply[] = [];
    for (const byte of bytes) {
      if (byte === PROMPT) collected.push(this.#endReply());
      else if (byte !== NUL && !this.#overflowing) this.#append(CHARACTERS[byte] ?? "", collected);
    }
    return collected;
  }

  /** What has come since the last prompt; a banner may stand there before its prompt does. */
  get unfinishedText(): string {
    return this.#text;
  }

  clear(): void {
    this.#text = "";
    this.#overflowing = false;
  }

  #append(character: string, collected: CollectedReply[]): void {
    if (this.#text.length < REPLY_BYTES_MAX) {
      this.#text += character;
      return;
    }
    this.#text = "";
    this.#overflowing = true;
    collected.push({ kind: "overflow" });
  }

  #endReply(): CollectedReply {
    const wasOverflowing = this.#overflowing;
    const text = this.#text;
    this.clear();
    return wasOverflowing ? { kind: "promptAfterOverflow" } : { kind: "reply", text };
  }
}

const PROMPT = 0x3e;
const NUL = 0x00;

/** Bytes beyond ASCII are line noise; they must not become anything that means something. */
const CHARACTERS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte < 0x80 ? String.fromCharCode(byte) : "\u00b7",
);
