/** One thing that the paper names, and where a chain has it. */
export interface PaperElement {
  /** Of the paper, such as `II.C`. */
  readonly section: string;
  /** In the paper's words. */
  readonly name: string;
  /** The place in what is signed. */
  readonly where: string;
  /** What stands there; empty where this chain has none. */
  readonly found: readonly string[];
}
