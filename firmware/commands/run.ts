/**
 * `run`: one gateway until it is stopped. Everything that can be known to be wrong is said before anything starts. What
 * goes wrong later and belongs to nobody (a write to flash that fails under a service) stops the gateway, and takes the
 * power back.
 */
import { join } from "node:path";
import { DEVICE_ROLE_OF } from "#config/gateway-config.ts";
import type { KeepDays } from "#config/keep-days.ts";
import type { ControlAnswer } from "#adapters/control/control-message.ts";
import { startControlServer, type ControlServer } from "#adapters/control/control-server.ts";
import { openFlash } from "#hal/linux/flash.ts";
import { SystemClock } from "#hal/linux/system-clock.ts";
import { FlashError } from "#hal/ports/flash.ts";
import { clockText } from "#records/quantity-text.ts";
import type { EmitEvent } from "#services/events.ts";
import { GatewayEventEmitter } from "../gateway-events.ts";
import { startGateway, type StartedGateway } from "../gateway.ts";
import { gatewayPlaces } from "../gateway-places.ts";
import { placesInUse } from "../pseudonym-places.ts";
import { chargingMeterModel } from "../load-meter-model.ts";
import { configuredProfile } from "../load-vehicle-profile.ts";
import { answerControl } from "./answer-control.ts";
import { checkDevices } from "./check-devices.ts";
import type { CommandArguments } from "./command.ts";
import { CommandError } from "./command-error.ts";
import type { CommandIo } from "./command-io.ts";
import { configProblem, readConfigFile, type ConfigFile } from "./config-file.ts";
import { describeFailure } from "./describe-failure.ts";
import { eventText } from "./event-text.ts";
import { EXIT } from "./exit-code.ts";
import { FLASH_FOLDERS } from "./gateway-folder.ts";
import { keepDaysOption } from "./keep-days-option.ts";
import { openSupervision, type Supervision } from "./supervision.ts";

/** After a failure a gateway gets so long to take the power back and to close; then it ends all the same. */
const LAST_STEPS_MS_MAX = 15_000;
/** A card may tidy up for seconds. One that takes longer than this will not come back. */
const FLASH_DELAY_MS_MAX = 30_000;

export async function runGateway(given: CommandArguments, io: CommandIo): Promise<number> {
  const file = withKeepDays(await readConfigFile(io.cwd, given.required("config")), keepDaysOption(given));
  const unknownDevice = checkDevices(file.config);
  if (unknownDevice !== undefined) throw new CommandError(EXIT.configuration, configProblem(unknownDevice));
  if (file.config.role === "charger") await chargingMeterModel(file.config.meter, file.home);
  if (file.config.role === "vehicle") await configuredProfile(file.config.vehicle, file.home);
  await tryFlash(file);
  const ending = watchForEnd(io);
  const supervision = await openSupervision(io);
  const parts = { file, ending, supervision, print: printEvents(given.flag("json"), io) };
  let running = await begin(parts);
  if (running.control !== undefined) supervision.ready(() => troubleOf(running.gateway));
  let end = await endOf(running, ending);
  while (end.kind === "left") {
    ending.expectClosedStores();
    await running.control?.close().catch(() => undefined);
    await running.gateway.stop();
    running = await begin(parts, end.at);
    end = await endOf(running, ending);
  }
  if (end.kind === "stopped") supervision.stop();
  else supervision.fail(describeFailure(end.error).message);
  const { gateway, control } = running;
  await control?.close().catch(() => undefined);
  return end.kind === "stopped" ? await stop(gateway, ending) : await stopAfter(end.error, gateway, given, io);
}

interface RunParts {
  readonly file: ConfigFile;
  readonly ending: Ending;
  readonly supervision: Supervision;
  readonly print: EmitEvent;
}

interface Running {
  readonly gateway: StartedGateway;
  /** Undefined where it could not be started, which is a failure. */
  readonly control: ControlServer | undefined;
}

/** @param leftAt of a gateway that goes on as another identity: since when, unix seconds */
async function begin({ file, ending, supervision, print }: RunParts, leftAt?: number): Promise<Running> {
  const events = new GatewayEventEmitter();
  events.listen(print);
  events.listen(supervision.take);
  const gateway = await startOrFail(file, { events, ending, leftAt });
  const answer = async (request: unknown): Promise<ControlAnswer> => {
    try {
      return await answerControl(gateway, file.config, request);
    } catch (error) {
      // What was asked for could not be stored: the one who asked gets no answer, and the gateway must not go on.
      ending.fail(error);
      throw error;
    }
  };
  const control = await startControlServer(gatewayPlaces(file.config, file.home).state, answer).catch(
    (error: unknown) => {
      ending.fail(error);
      return undefined;
    },
  );
  return { gateway, control };
}

/** Or that the gateway is to go on as another identity, from that time on. */
async function endOf({ gateway }: Running, { ended }: Ending): Promise<End | { kind: "left"; at: number }> {
  const left = gateway.pseudonym?.left.then((at) => ({ kind: "left" as const, at }));
  return left === undefined ? ended : Promise.race([ended, left]);
}

/** The command line has the last word. */
function withKeepDays(file: ConfigFile, keepDays: KeepDays | undefined): ConfigFile {
  return keepDays === undefined ? file : { ...file, config: { ...file.config, keep_days: keepDays } };
}

/** A store that fails ends the gateway by itself; one that never answers does not. */
function troubleOf(gateway: StartedGateway): string | undefined {
  const delayMs = gateway.flashDelayMs();
  return delayMs > FLASH_DELAY_MS_MAX ? `flash has not answered for ${Math.round(delayMs / 1000)} s` : undefined;
}

/** Takes each flash folder for a moment: whoever else owns it is better found before a broker has been started. */
async function tryFlash({ config, home }: ConfigFile): Promise<void> {
  const { flash: folder } = await placesInUse(config, home);
  for (const name of FLASH_FOLDERS[DEVICE_ROLE_OF[config.role]]) {
    const flash = await openFlash(join(folder, name));
    await flash.close();
  }
}

type End = { readonly kind: "stopped" } | { readonly kind: "failed"; readonly error: unknown };

interface Ending {
  readonly ended: Promise<End>;
  /** Failures that came after the end, such as a service's last write to a store that is closed. */
  readonly late: readonly unknown[];
  fail(error: unknown): void;
  /** One gateway is stopped and another follows: what the first still wanted to write is no failure. */
  expectClosedStores(): void;
}

function watchForEnd(io: CommandIo): Ending {
  const late: unknown[] = [];
  let resolveEnd: ((end: End) => void) | undefined;
  const ended = new Promise<End>((resolvePromise) => {
    resolveEnd = resolvePromise;
  });
  const settle = (end: End): void => {
    if (resolveEnd === undefined && end.kind === "failed") late.push(end.error);
    resolveEnd?.(end);
    resolveEnd = undefined;
  };
  let isClosedExpected = false;
  const fail = (error: unknown): void => {
    if (isClosedExpected && isOfClosedStore(error)) return;
    settle({ kind: "failed", error });
  };
  io.onStop(() => {
    settle({ kind: "stopped" });
  });
  io.onFailure(fail);
  const expectClosedStores = (): void => {
    isClosedExpected = true;
  };
  return { ended, late, fail, expectClosedStores };
}

/** A failure that nobody awaits may come while the gateway is starting, too. */
async function startOrFail(
  file: ConfigFile,
  {
    events,
    ending,
    leftAt,
  }: { readonly events: GatewayEventEmitter; readonly ending: Ending; readonly leftAt: number | undefined },
): Promise<StartedGateway> {
  const failed = ending.ended.then((end) => {
    if (end.kind === "failed") throw asError(end.error);
    return new Promise<never>(() => undefined);
  });
  return await Promise.race([startGateway(file.config, file.home, events, leftAt), failed]);
}

async function stop(gateway: StartedGateway, ending: Ending): Promise<number> {
  await gateway.stop();
  const lost = ending.late.find((error) => !isOfClosedStore(error));
  if (lost !== undefined) throw asError(lost);
  return EXIT.ok;
}

/** The power is taken back before the process ends, if that is still possible. */
async function stopAfter(
  error: unknown,
  gateway: StartedGateway,
  given: CommandArguments,
  io: CommandIo,
): Promise<number> {
  const { message } = describeFailure(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (given.flag("json")) io.out(JSON.stringify({ event: "failed", code, message }));
  const clock = new SystemClock();
  const isOver = new Promise<void>((resolvePromise) => {
    clock.wakeAt(clock.monotonicMs() + LAST_STEPS_MS_MAX, resolvePromise);
  });
  // What also fails on the way out follows from the first failure, which is the one that is told.
  await Promise.race([gateway.stop("failed").catch(() => undefined), isOver]);
  throw asError(error);
}

/** A store that was closed on purpose refuses what a service had still wanted to write; nobody was told of that. */
function isOfClosedStore(error: unknown): boolean {
  if (error instanceof FlashError) return error.cause instanceof Error && error.cause.message.endsWith("is closed");
  return error instanceof Error && "code" in error && error.code === "STORE_CLOSED";
}

function printEvents(isJson: boolean, io: CommandIo): EmitEvent {
  const clock = new SystemClock();
  return (name, event) => {
    io.out(
      isJson
        ? JSON.stringify({ event: name, ...event })
        : `${clockText(clock.wallMs() / 1000)} ${eventText(name, event)}`,
    );
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
