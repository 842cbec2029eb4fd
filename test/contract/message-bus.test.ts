import { embeddedWorld, simulatedWorld } from "#test/builders/bus-worlds.ts";
import { messageBusContract } from "./message-bus.ts";

messageBusContract("simulated", () => Promise.resolve(simulatedWorld(1)));
messageBusContract("embedded broker", embeddedWorld);
