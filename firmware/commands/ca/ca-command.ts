/** How `ca` is called; what it does is loaded when it is. */
import type { Command, CommandOption } from "../command.ts";

/** @param shared the options that several commands have */
export function caCommand(shared: Readonly<Record<"config" | "json", CommandOption>>): Command {
  return {
    name: "ca",
    summary: "Enrols devices: an office that vouches for the members of a region, and the requests of devices.",
    usage: "init | request | issue REQUEST… | renew [DEVICE…] | revoke DEVICE | recover ROTATION… | list [OPTION…]",
    words: [1, 1000],
    options: {
      folder: { value: "DIR", summary: "of the office: its key, and the list of what it has issued (default: here)" },
      "passphrase-file": { value: "FILE", summary: "the office's key is, or is to be, under the passphrase in it" },
      config: { value: "FILE", summary: "request: the tallystick.toml of the device that asks" },
      out: { value: "PLACE", summary: "request, revoke: the file to write; issue, renew: the folder" },
      caps: { value: "LIST", summary: "issue: rights, such as charge,seal (default: what the role usually has)" },
      days: { value: "N", summary: "issue, renew: for how long, 1 to 30 (default: 30)" },
      every: { value: "DAYS", summary: "issue: each so many days after the one before it: one car's identities" },
      from: { value: "TIME", summary: "issue, renew, revoke: from then on, 2026-11-22T08:30Z (default: now)" },
      organisation: { value: "TEXT", summary: "issue: who runs it (default: what the request says)" },
      mpe: { value: "PPM", summary: "issue: largest error of its meter; contracts may claim no larger one" },
      point: { value: "PLACE", summary: "issue: with --mpe: mains, charger-output, vehicle-inlet or battery" },
      within: { value: "DAYS", summary: "renew: all that end within so many days (default: 7)" },
      reason: { value: "WORD", summary: "revoke: stolen, key-lost, retired, misconduct or other (default: other)" },
      json: shared.json,
    },
    details: [
      "init makes the office's key and ca.pub, the public half, which `tallystick init --ca ca.pub` puts into a new",
      "region. request writes enrol.tally beside the device's key. issue checks requests and writes certificate.tally",
      "beside each, or with --out DIR as DIR/ID.certificate.tally; with --every 90 the first begins now or at --from,",
      "and each further one, in the order of the words, 90 days after the one before; those are for one car, and each",
      "is renewed for 90 days longer than its turn, should the car be late. renew needs no request: it writes the next",
      "certificates from the list, and ID.renewal.tally beside each: tallystick submit *.renewal.tally --config … at",
      "any one gateway of the region takes them to all devices. A device also finds certificate.tally beside its key.",
      "revoke writes a fact that any gateway of the region takes: tallystick submit FILE --config …",
      "recover countersigns the rotation of a device whose key is lost and whose next key is not.",
    ],
    run: async (given, io) => (await import("./ca.ts")).runCa(given, io),
  };
}
