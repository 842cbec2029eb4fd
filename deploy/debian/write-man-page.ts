/** `write-man-page.ts VERSION`: tallystick(1) in roff, from the table of commands, on standard output. */
import { commands } from "#firmware/commands/commands.ts";
import type { Command } from "#firmware/commands/command.ts";

const [version = ""] = process.argv.slice(2);
process.stdout.write(manPage(version));

function manPage(release: string): string {
  return [
    `.TH TALLYSTICK 1 "" "tallystick ${escaped(release)}" "Tallystick"`,
    ".SH NAME",
    "tallystick \\- gateway that measures a charge twice and signs both readings",
    ".SH SYNOPSIS",
    ".B tallystick",
    "\\fICOMMAND\\fR [\\fIOPTION\\fR\\&...]",
    ".SH DESCRIPTION",
    "The gateway of a charger, a vehicle or an arbiter, and the commands around it. As a service it is run by",
    "tallystick.service with the configuration in /etc/tallystick/tallystick.toml, as the user tallystick; its keys and",
    "its ledger are in /var/lib/tallystick. A new gateway on such a machine is made with",
    ".PP",
    ".nf",
    "sudo tallystick init \\-\\-role charger \\-\\-config /etc/tallystick/tallystick.toml \\-\\-state /var/lib/tallystick",
    "sudo systemctl enable \\-\\-now tallystick.service",
    ".fi",
    ".SH COMMANDS",
    ...commands.flatMap(commandLines),
    ".SH FILES",
    ".TP",
    "/etc/tallystick/tallystick.toml",
    "The configuration; every key has its comment.",
    ".TP",
    "/var/lib/tallystick/gateway.key",
    "The private keys. Whoever has this file is this gateway.",
    ".TP",
    "/var/lib/tallystick/flash",
    "The ledger.",
    ".SH EXIT STATUS",
    "0 on success, 1 when something was verified and does not hold, 64 for a wrong command line, 78 for a wrong",
    "configuration, else as in sysexits.h.",
    "",
  ].join("\n");
}

function commandLines({ name, summary, usage, options, details = [] }: Command): readonly string[] {
  return [
    `.SS "${escaped(name)} ${escaped(usage).replaceAll('"', '""')}"`,
    text(summary),
    ...(details.length === 0 ? [] : [".PP", ...details.map(text)]),
    ...Object.entries(options).flatMap(([option, { value, summary: says }]) => [
      ".TP",
      `\\fB\\-\\-${escaped(option)}\\fR${value === undefined ? "" : ` \\fI${escaped(value)}\\fR`}`,
      text(says),
    ]),
  ];
}

/** A line that begins with a dot or an apostrophe would be a request to roff. */
function text(line: string): string {
  return escaped(line).replace(/^([.'])/, "\\&$1");
}

function escaped(line: string): string {
  return line.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "\\&...");
}
