/** How `bench` is called; what it does is loaded when it is. */
import type { Command, CommandOption } from "../command.ts";

export function benchCommand(json: CommandOption): Command {
  return {
    name: "bench",
    summary: "Charges from plug-in to verified receipt, over real protocols, in a simulated world.",
    usage: "[OPTION…]",
    words: [0, 0],
    options: {
      seed: { value: "N", summary: "another world: cars, meters, cables, mains (default: 1)" },
      speed: { value: "N", summary: "seconds of the world in each second, at most 60 (default: 30)" },
      minutes: { value: "M", summary: "how long a car charges, in minutes of the world (default: 18)" },
      stay: {
        value: "M",
        summary: "how long it stands on after that (default: 30 where the tariff has a price for it)",
      },
      tariff: { value: "FILE", summary: "an OCPI tariff of the stations (default: 0.35 EUR for each kWh)" },
      "time-zone": { value: "ZONE", summary: "of the stations' place (default: Europe/Amsterdam)" },
      "start-at": { value: "TIME", summary: "local time at which the first cars are plugged in, such as 21:55" },
      serial: { summary: "Modbus RTU and the OBD adapter on pseudo-terminals in place of TCP; needs socat" },
      watermark: { summary: "stations vary their current by a pattern, for the cars to find that they hang on them" },
      broker: { value: "URL", summary: "mqtt://host:port of a broker, in place of the first charger's own" },
      site: { value: "CxV", summary: "so many chargers and vehicles, each a process (default: 1x1, paper: 1x2)" },
      charges: { value: "K", summary: "charges of each vehicle, one after the other (default: 1)" },
      "station-lies": { value: "F", summary: "every station's meter shows F times the truth" },
      "vehicle-lies": { value: "F", summary: "every car's battery management shows F times the truth" },
      meter: { value: "MODEL", summary: "the stations' meter (default: eastron-sdm630)" },
      "charge-point": { value: "MODEL", summary: "the stations' charge controller (default: simple-evse-wb)" },
      car: { value: "PROFILE", summary: "the cars (default: hyundai-kona)" },
      profile: { value: "RULES", summary: "of the region: hardened (default) or paper" },
      keep: { value: "DIR", summary: "keep each gateway's folder below DIR, which must be empty" },
      json,
    },
    details: [
      "The world with its meters and cars is one process, and each gateway another, with keys, configuration and flash",
      "of its own. Exit 0 when every stored chain holds, all end with one block, and each charge ended as it must.",
      "With --profile paper the rules and the contract are the paper's: a block each T by the one miner, who does not",
      "trade (so there is a charger more than cars can occupy), and of amounts that do not match nothing is billed.",
      "`show paper` on a folder that was kept says where each thing that the paper names stands.",
    ],
    run: async (given, io) => (await import("./bench.ts")).runBenchCommand(given, io),
  };
}
