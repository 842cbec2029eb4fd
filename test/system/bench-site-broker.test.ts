/** Over the site's broker as an operator sets it up: TLS, a certificate and rights for each gateway. */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { decodeGenesis } from "#core/ledger/genesis.ts";
import { meshRoot } from "#core/mesh/topics.ts";
import { assertOneTrueChain, benchRun, isInstalled, onlyCharge } from "#test/builders/bench-run.ts";
import { freePort } from "#test/builders/free-port.ts";
import { SiteBroker } from "#test/builders/site-broker.ts";

const test = suite("bench over the site's broker");

const TLS_KEYS = 'ca_file = "broker-ca.pem"\ncertificate_file = "broker-client.pem"\nkey_file = "broker-client.key"';

if (isInstalled("mosquitto")) {
  test("two gateways with certificates of the site complete a charge; none is told that it may not", async () => {
    const port = await freePort();
    let broker: SiteBroker | undefined;
    try {
      const run = await benchRun(
        { broker: `mqtts://127.0.0.1:${port}` },
        {
          beforeStart: async ({ gateways }) => {
            const [first] = gateways;
            const genesis = decodeGenesis(
              new NodeCryptography(),
              readFileSync(join(first?.folder.path ?? "", "genesis.tally")),
            );
            if (!genesis.ok) throw new Error("the bench has no genesis");
            broker = await SiteBroker.setUp(meshRoot(genesis.value.network, "bench"), port);
            for (const { folder } of gateways) {
              broker.allow(folder.did);
              const files = broker.filesOf(folder.did);
              for (const name of readdirSync(files)) copyFileSync(join(files, name), join(folder.path, name));
              const config = readFileSync(folder.configPath, "utf8");
              writeFileSync(
                folder.configPath,
                config.replace(/^url = "mqtts:.*$/m, (url) => `${url}\n${TLS_KEYS}`),
              );
            }
            await broker.start();
          },
        },
      );
      assertOneTrueChain(run);
      assert.equal(run.report.problems, []);
      assert.is(onlyCharge(run).outcome, "agreed");
      assert.equal(
        run.news.filter(({ event }) => "code" in event && /^BUS_(FILTER_)?REFUSED$/.test(event.code)),
        [],
      );
    } finally {
      await broker?.close();
    }
  });
} else {
  test.skip("needs mosquitto: apt-get install mosquitto");
}

test.run();
