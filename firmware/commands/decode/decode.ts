/** `meter decode`: every telegram in a recorded file, intact or not, with its values. */
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { CommandArguments } from "../command.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { describeFailure } from "../describe-failure.ts";
import { EXIT } from "../exit-code.ts";
import { givenMeterKeys, type GivenKeys } from "../meter-key-options.ts";
import { jsonLine, tableLines, type Finding } from "./finding.ts";
import { readModbusRecording } from "./modbus-recording.ts";
import { makeDecoder, PROTOCOLS, type Protocol } from "./protocols.ts";
import { readPieces } from "./read-pieces.ts";

/** Exit code 0 when at least one telegram is intact. */
export async function runDecode(given: CommandArguments, io: CommandIo): Promise<number> {
  const [, file] = given.words;
  const protocol = given.oneOf("protocol", PROTOCOLS);
  if (protocol === undefined) throw usage(`--protocol is missing: one of ${PROTOCOLS.join(", ")}`);
  if (file === undefined) throw usage("decode which file?");
  const keys = keysOf(given, protocol);
  const tell = given.flag("json") ? (finding: Finding) => [jsonLine(finding)] : tableLines;

  let telegrams = 0;
  let intact = 0;
  try {
    for await (const finding of findingsIn({
      path: resolve(io.cwd, file),
      protocol,
      keys,
      seed: given.text("chunks"),
    })) {
      telegrams += 1;
      intact += finding.problem === undefined ? 1 : 0;
      for (const line of tell(finding)) io.out(line);
    }
  } catch (error) {
    throw describedReadError(error, file);
  }
  if (!given.flag("json") || intact === 0) io.err(`${file}: ${telegrams} telegrams of ${protocol}, ${intact} intact`);
  return intact > 0 ? EXIT.ok : EXIT.badData;
}

interface DecodeTask {
  readonly path: string;
  readonly protocol: Protocol;
  readonly keys: GivenKeys | undefined;
  readonly seed: string | undefined;
}

async function* findingsIn({ path, protocol, keys, seed }: DecodeTask): AsyncGenerator<Finding, void, undefined> {
  const recording = protocol === "modbus" ? await modbusRecordingAt(path) : undefined;
  if (recording !== undefined) {
    yield* recording;
    return;
  }
  const decoder = await makeDecoder(protocol, keys);
  for await (const piece of readPieces(path, seed)) yield* decoder.push(piece);
  yield* decoder.end();
}

/** Larger ones are not written down by hand, and are taken for bytes of a line. */
const RECORDING_BYTES_MAX = 16 * 1024 * 1024;

/** Only a regular file can be looked at before it is read. */
async function modbusRecordingAt(path: string): Promise<readonly Finding[] | undefined> {
  const about = await stat(path);
  return about.isFile() && about.size <= RECORDING_BYTES_MAX ? readModbusRecording(await readFile(path)) : undefined;
}

function keysOf(given: CommandArguments, protocol: Protocol): GivenKeys | undefined {
  const keys = givenMeterKeys(given);
  if (keys !== undefined && protocol !== "dlms") throw usage("--key: only dlms telegrams are encrypted");
  return keys;
}

function usage(message: string): CommandError {
  return new CommandError(EXIT.usage, message);
}

/** Errors of the file system get the file's name as it was given; anything else is a bug and stays what it is. */
function describedReadError(error: unknown, file: string): unknown {
  const isOfSystem = error instanceof Error && "syscall" in error;
  if (!isOfSystem) return error;
  const { exitCode, message } = describeFailure(error);
  const isKnown = exitCode !== EXIT.software;
  return new CommandError(isKnown ? exitCode : EXIT.io, `cannot read ${file}: ${message}`, error);
}
