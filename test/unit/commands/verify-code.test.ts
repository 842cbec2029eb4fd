/** `verify` reads the code of a receipt: as a word, and from a file, whatever an editor put around it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isSlipText, verifyFile, verifySlip } from "#firmware/commands/verification.ts";
import { verificationData, verificationLines } from "#firmware/commands/verify.ts";
import { crypto } from "#test/builders/ledger-actors.ts";
import { paperCharge } from "#test/builders/paper-charge.ts";

const test = suite("verify a code");
const { view } = paperCharge({ vehicleShare: 0.912 });
const text = view.slip ?? "";

test("the text itself, with what it says and what it leaves open", () => {
  assert.ok(isSlipText(text) && !isSlipText("receipt.tally") && !isSlipText("./TALLY1"));
  const lines = verificationLines("the code", verifySlip(crypto, "the code", text)).join("\n");
  assert.match(lines, /^the code holds: both have signed the contract, .* in a block that its miner signed\./);
  assert.match(lines, /How the amount comes about, only the receipt file can show\./);
  assert.match(lines, /Charging receipt: The two meters agree/);
  assert.match(lines, /To pay +€6\.35 for 12\.403 kWh/);
});

test("a file with it, with a break at the end, a mark of the byte order, or broken lines", async () => {
  const broken = text.replace(/.{70}/g, "$&\r\n");
  for (const content of [text, `${text}\n`, `\uFEFF${text}\r\n`, broken, `\n  ${text}  \n`]) {
    const verification = await verifyFile(crypto, "code.txt", new TextEncoder().encode(content));
    assert.ok(verification.ok && "slip" in verification, content.slice(0, 20));
  }
});

test("one altered character is refused with the rule that does not hold", () => {
  const place = 700;
  const altered = text.slice(0, place) + (text[place] === "A" ? "B" : "A") + text.slice(place + 1);
  const verification = verifySlip(crypto, "the code", altered);
  assert.not(verification.ok);
  const lines = verificationLines("the code", verification).join("\n");
  assert.match(lines, /^the code: verification FAILED\n  the code: SLIP_[A-Z_]+: [A-Z][^]+\(\{/);
  assert.is(verificationData(verification)["ok"], false);
});

test("a paper is not taken for a proof, and the answer says what is", async () => {
  for (const paper of ["%PDF-1.4\n%", "<!doctype html>\n<html>"]) {
    const verification = await verifyFile(crypto, "paper", new TextEncoder().encode(paper));
    assert.match(
      verificationLines("paper", verification).join("\n"),
      /FILE_IS_PAPER: .* the code on it and the receipt file/,
    );
  }
});

test("as data: what was checked, and the receipt", () => {
  const data = verificationData(verifySlip(crypto, "the code", text));
  assert.equal([data["ok"], data["kind"], data["block"], data["isPriceShown"]], [true, "code", 2, false]);
  assert.match(JSON.stringify(data), /"billedMilliWh":12402838/);
});

test.run();
