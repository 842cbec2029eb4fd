/**
 * Stands in for `uvu` while mutants are tried: keeps the tests, to run any of them again and again in one process.
 * `uvu/assert` stays what it is.
 */
export interface CollectedTest {
  /** File and title. */
  readonly name: string;
  readonly run: () => Promise<void>;
}

export const collected: CollectedTest[] = [];

/** The file whose tests are being loaded. */
export const loading = { file: "" };

type Handler = (context: object) => unknown;

interface Suite {
  (title: string, handler: Handler): void;
  readonly before: ((handler: Handler) => void) & { readonly each: (handler: Handler) => void };
  readonly after: ((handler: Handler) => void) & { readonly each: (handler: Handler) => void };
  readonly skip: () => void;
  readonly run: () => void;
}

export function suite(_name: string, context: object = {}): Suite {
  const { file } = loading;
  const [before, after]: [Handler[], Handler[]] = [[], []];
  const runAll = async (handlers: readonly Handler[]): Promise<void> => {
    for (const handler of handlers) await handler(context);
  };
  const add = (title: string, handler: Handler): void => {
    const run = async (): Promise<void> => {
      await runAll(before);
      try {
        await handler(context);
      } finally {
        await runAll(after);
      }
    };
    collected.push({ name: `${file} › ${title}`, run });
  };
  const keepIn =
    (handlers: Handler[]) =>
    (handler: Handler): void => {
      handlers.push(handler);
    };
  // What a suite does once, each test does here: one alone must find the world that it expects.
  const [beforeEach, afterEach] = [keepIn(before), keepIn(after)];
  return Object.assign(add, {
    before: Object.assign(keepIn(before), { each: beforeEach }),
    after: Object.assign(keepIn(after), { each: afterEach }),
    skip: () => undefined,
    run: () => undefined,
  });
}
