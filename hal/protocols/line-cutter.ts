/** Cuts a stream of text into lines. */
export class LineCutter {
  readonly #charactersMax: number;
  #rest = "";

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  /** @returns the lines that this piece has completed, or undefined once one is longer than it may be */
  cut(piece: string): readonly string[] | undefined {
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop() ?? "";
    const isTooLong = [...lines, this.#rest].some(({ length }) => length > this.#charactersMax);
    return isTooLong ? undefined : lines;
  }
}
