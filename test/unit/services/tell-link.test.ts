/** What is told of a block that has come into the head's chain. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { toHex } from "#base/bytes.ts";
import type { ChainLink } from "#core/ledger/chain.ts";
import { tellLink } from "#services/tell-link.ts";
import { stateless } from "#test/builders/bare-links.ts";
import { LedgerBuilder, STATION, VEHICLE } from "#test/builders/ledger-builder.ts";

const test = suite("news of a block");

test("a block of a long branch is told as any other, without its state", () => {
  const builder = new LedgerBuilder();
  builder.join(STATION, VEHICLE);
  builder.seal();
  const charge = builder.charge();
  builder.submit(...charge.whole({ milliWh: 5_000_000 }));
  builder.seal();
  const link = builder.chain.head;
  const told = (of: ChainLink): readonly (readonly [string, unknown])[] => {
    const news: (readonly [string, unknown])[] = [];
    tellLink((name, event) => void news.push([name, event]), of, false);
    return news;
  };
  assert.equal(told(stateless(link)), told(link));
  const [appended, recorded] = told(link);
  assert.equal([appended?.[0], recorded?.[0]], ["blockAppended", "resultRecorded"]);
  const { address, serial } = recorded?.[1] as { readonly address: string; readonly serial: number };
  assert.equal([address, serial], [toHex(charge.address), link.serial]);
});

test.run();
