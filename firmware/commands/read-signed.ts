/** `meter read --signed`: the meter signs its present values, and what it says is checked here. */
import { NodeCryptography } from "#adapters/crypto/node-cryptography.ts";
import { fromHex, toHex } from "#base/bytes.ts";
import type { BsmSnapshot } from "#hal/meters/bsm/decode-snapshot.ts";
import { takeSnapshot, type SnapshotFault, type TakenSnapshot } from "#hal/meters/bsm/take-snapshot.ts";
import { fatalEvents, holdsSignature } from "#hal/meters/bsm/verify-snapshot.ts";
import { bauerBsmWs36a } from "#hal/meters/models/bauer-bsm-ws36a.ts";
import type { BusEndpoint } from "#hal/linux/modbus/open-register-bus.ts";
import { EXIT, planOf, type CommandOutcome, type MeterOptions, type MeterTools } from "./meter.ts";
import { energyText, faultLines, lineSettingsText, row } from "./meter-report.ts";

export interface SignedOptions extends MeterOptions {
  /** SubjectPublicKeyInfo in hexadecimal digits; undefined takes the key that the meter gives. */
  readonly publicKey: string | undefined;
}

/** Exit 0 when the signature holds and the meter says nothing against its values, 65 when not. */
export async function readSigned(options: SignedOptions, tools: MeterTools): Promise<CommandOutcome> {
  const plan = planOf(options);
  if ("problem" in plan) return { lines: [plan.problem], exitCode: EXIT.usage };
  if (options.model !== bauerBsmWs36a.model) {
    return { lines: [`--signed: only ${bauerBsmWs36a.model} is known to sign`], exitCode: EXIT.usage };
  }
  const given = options.publicKey === undefined ? undefined : fromHex(options.publicKey.toLowerCase());
  if (options.publicKey !== undefined && given === undefined) {
    return { lines: ["--public-key: expected hexadecimal digits, two a byte"], exitCode: EXIT.usage };
  }
  const bus = tools.openBus(plan.endpoint);
  const taken = await takeSnapshot({ bus, clock: tools.clock }, options.unit);
  await bus.close();
  return taken.ok
    ? judged(taken.value, given, { options, endpoint: plan.endpoint })
    : failed(taken.fault, { options, endpoint: plan.endpoint });
}

interface Circumstances {
  readonly options: SignedOptions;
  readonly endpoint: BusEndpoint;
}

function judged(taken: TakenSnapshot, given: Uint8Array | undefined, circumstances: Circumstances): CommandOutcome {
  const { snapshot, publicKey } = taken;
  const { options, endpoint } = circumstances;
  const crypto = new NodeCryptography();
  const holds = holdsSignature(snapshot, given ?? publicKey, crypto.verify.bind(crypto));
  const warnings = fatalEvents(snapshot);
  const exitCode = holds && warnings.length === 0 ? EXIT.ok : EXIT.badData;
  if (options.json) {
    const { message, signature, ...values } = snapshot;
    const hex = { message: toHex(message), signature: toHex(signature), publicKey: toHex(publicKey) };
    const keyFrom = given === undefined ? "meter" : "given";
    return { lines: [JSON.stringify({ ...values, ...hex, keyFrom, signatureHolds: holds, warnings })], exitCode };
  }
  const head = `${bauerBsmWs36a.model}, unit ${options.unit}, signs as ${snapshot.meterAddress}`;
  const lines = [
    `${head} (${lineSettingsText(endpoint)})`,
    ...valueLines(snapshot),
    row("public key", toHex(publicKey)),
    row("signature", toHex(snapshot.signature)),
    ...warnings.map((warning) => `the meter itself says that its values are not to be believed: ${warning}`),
    ...verdictLines(holds, given !== undefined),
  ];
  return { lines, exitCode };
}

function valueLines(snapshot: BsmSnapshot): readonly string[] {
  const { importedMilliWh, sinceTurnOnMilliWh, stepMilliWh, powerW, responseCounter, epochSeconds } = snapshot;
  const time = epochSeconds === null ? "not set" : new Date(epochSeconds * 1000).toISOString();
  return [
    row("snapshot", `number ${responseCounter}`),
    row("imported", energyText(importedMilliWh, stepMilliWh)),
    row("since on", energyText(sinceTurnOnMilliWh, stepMilliWh)),
    row("power", `${Number(powerW.toPrecision(7))} W`),
    row("time", `${time}, set ${snapshot.timeSetCount} times`),
    row("operated", `${snapshot.operatingSeconds} s, time last set at ${snapshot.timeSetAtSeconds} s`),
    row("inputs", `${snapshot.inputs}, outputs ${snapshot.outputs}`),
    ...snapshot.texts.flatMap((text, index) => (text === "" ? [] : [row(`text ${index + 1}`, text)])),
    row("events", snapshot.events === 0 ? "none" : `0x${snapshot.events.toString(16).padStart(8, "0")}`),
  ];
}

function verdictLines(holds: boolean, isGiven: boolean): readonly string[] {
  const whose = isGiven ? "the given key" : "the key that the meter itself gives";
  if (!holds) return [`THE SIGNATURE DOES NOT HOLD with ${whose} (ECDSA, P-256, SHA-256)`];
  const told = `the signature holds with ${whose} (ECDSA, P-256, SHA-256)`;
  return isGiven
    ? [told]
    : [told, "  whose key that is, its plate or its owner tells: compare, or give it by --public-key"];
}

function failed(fault: SnapshotFault, { options, endpoint }: Circumstances): CommandOutcome {
  const isUnheard = fault.code === "METER_SILENT" || fault.code === "METER_UNREACHABLE";
  const exitCode = isUnheard || fault.code === "METER_BAD_FRAME" ? EXIT.unavailable : EXIT.badData;
  return { lines: options.json ? [JSON.stringify({ fault })] : textLines(fault, endpoint), exitCode };
}

function textLines(fault: SnapshotFault, endpoint: BusEndpoint): readonly string[] {
  if (fault.code === "SNAPSHOT_FAILED") {
    return [`the meter made no signed snapshot: ${fault.reason} (status ${fault.status})`];
  }
  if (fault.code === "SNAPSHOT_LATE") {
    return [`the meter made no signed snapshot within ${Math.round(fault.waitedMs / 1000)} s`];
  }
  if (fault.code === "SNAPSHOT_UNUSABLE") return [`what the meter shows is no new signed snapshot: ${fault.reason}`];
  return faultLines(fault, endpoint);
}
