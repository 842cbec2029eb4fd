#!/usr/bin/python3
"""A serial line between two pseudo terminals that behaves like a wire.

usage: serial-line.py LINK_A LINK_B [--gap-every N --gap-ms M] [--flip-every N] [--drop-every N] [--echo]
                      [--other-parity] [--seed N]

A pseudo terminal hands bytes over at once and whatever the speed of its two ends. This line takes the time that the
sender's speed needs, and looks at both ends' settings for each byte: while they differ, what arrives is noise.

Linux does not keep the parity of a pseudo terminal (pty_set_termios clears PARENB), so a difference of parity cannot be
seen where it is set; `--other-parity` makes the line behave as if there were one. Where a system keeps it, it counts.

--gap-every, --gap-ms  a pause after each Nth byte from B to A, as USB adapters make inside a frame
--flip-every           one bit of each Nth byte from B to A is wrong
--drop-every           each Nth byte from B to A is lost
--echo                 A hears its own bytes, as with a half-duplex adapter
Prints `ready` when both links are there.
"""
import argparse
import os
import pty
import random
import select
import termios
import time
import tty

SPEEDS = {
    getattr(termios, "B%d" % speed): speed
    for speed in (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400)
}


class End:
    """One end: the master side of a pseudo terminal whose other side a program opens by its link."""

    def __init__(self, link):
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        if os.path.islink(link):
            os.unlink(link)
        os.symlink(os.ttyname(self.slave), link)
        self.queue = []
        self.next_at = 0.0

    def settings(self):
        """Speed, and parity as N, E or O."""
        attributes = termios.tcgetattr(self.master)
        flags, speed = attributes[2], SPEEDS.get(attributes[5], 9600)
        parity = ("O" if flags & termios.PARODD else "E") if flags & termios.PARENB else "N"
        return speed, parity

    def character_s(self):
        speed, parity = self.settings()
        return (10 if parity == "N" else 11) / speed


class Line:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.ends = [End(options.a), End(options.b)]
        self.answered = 0

    def run(self):
        print("ready", flush=True)
        while True:
            waiting = [end.next_at for end in self.ends if end.queue]
            timeout = max(0.0, min(waiting) - time.monotonic()) if waiting else 0.5
            readable, _, _ = select.select([end.master for end in self.ends], [], [], timeout)
            for index, end in enumerate(self.ends):
                if end.master in readable:
                    self.take(index)
            self.deliver()

    def take(self, index):
        """Bytes that the program at this end has sent."""
        sender, receiver = self.ends[index], self.ends[1 - index]
        try:
            data = os.read(sender.master, 4096)
        except OSError:
            time.sleep(0.02)
            return
        for byte in data:
            self.put(sender, receiver, byte, is_answer=index == 1)
            if self.options.echo and index == 0:
                self.queue(sender, byte, sender.character_s(), 0.0)

    def put(self, sender, receiver, byte, is_answer):
        speed, parity = sender.settings()
        other_speed, other_parity = receiver.settings()
        gap_s = 0.0
        if is_answer:
            self.answered += 1
            if self.is_nth(self.options.drop_every):
                return
            if self.is_nth(self.options.flip_every):
                byte ^= 1 << self.random.randrange(8)
            if self.is_nth(self.options.gap_every):
                gap_s = self.options.gap_ms / 1000
        if speed != other_speed:
            byte = self.at_other_speed(speed, other_speed)
        elif (parity != other_parity or self.options.other_parity) and self.random.random() < 0.5:
            byte = None
        if byte is not None:
            self.queue(receiver, byte, sender.character_s(), gap_s)

    def is_nth(self, every):
        return every > 0 and self.answered % every == 0

    def at_other_speed(self, speed, other_speed):
        """A receiver that is slower sees a few characters as one, a faster one sees noise for each."""
        if other_speed < speed and self.random.random() > other_speed / speed:
            return None
        return self.random.choice([0x00, 0x80, 0xE0, 0xF8, 0xFE, 0xFF, self.random.randrange(256)])

    def queue(self, receiver, byte, character_s, gap_s):
        if not receiver.queue:
            receiver.next_at = max(receiver.next_at, time.monotonic() + character_s)
        receiver.queue.append((byte, character_s + gap_s))

    def deliver(self):
        now = time.monotonic()
        for end in self.ends:
            due = bytearray()
            while end.queue and end.next_at <= now:
                byte, duration_s = end.queue.pop(0)
                end.next_at += duration_s
                due.append(byte)
            if due:
                os.write(end.master, due)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("a")
    parser.add_argument("b")
    parser.add_argument("--gap-every", type=int, default=0)
    parser.add_argument("--gap-ms", type=float, default=30)
    parser.add_argument("--flip-every", type=int, default=0)
    parser.add_argument("--drop-every", type=int, default=0)
    parser.add_argument("--echo", action="store_true")
    parser.add_argument("--other-parity", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    Line(parser.parse_args()).run()


main()
