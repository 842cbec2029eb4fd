/** Why a text cannot be read on, and where: thrown inside a reader, a fault outside. */
export class TextRefusal extends Error {
  /** In UTF-16 units. */
  readonly at: { readonly offset: number; readonly reason: string };

  constructor(offset: number, reason: string) {
    super(reason);
    this.at = { offset, reason };
  }
}
