#!/usr/bin/python3
"""Energy meters as pymodbus serves them: an implementation of Modbus that is not ours.

usage: modbus-meter-server.py (tcp PORT | rtu DEVICE) METERS [--baud N] [--parity N|E|O] [--stopbits 1|2] [--delay-ms N]

METERS is JSON: a list of {"unit", "model", "values"}, with "lacks" (registers that this unit does not have) and
"readMax" (registers that it gives at once) where it differs from its model. The models are those of
meter-register-sets.json, the values are named as there: V, A, W, Hz, and kWh for all energy. Prints `serving` when it
listens.

Each line of the standard input is a fault that a unit has from then on:
  UNIT none | silent | half | crc | unit N | exception N | longest N (silent to longer reads)

Frames, messages, registers and exceptions are pymodbus'; the loop around them is here, because Debian's pymodbus can
import its own servers only where python3-serial-asyncio is installed too.
"""
import argparse
import json
import math
import os
import socket
import struct
import sys
import threading
import time

import serial
from pymodbus.datastore import ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.factory import ServerDecoder
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.framer.socket_framer import ModbusSocketFramer
from pymodbus.pdu import ExceptionResponse

KWH = {"kWh": 1.0, "Wh": 1000.0}
SETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "meter-register-sets.json")


def say(line):
    """As one piece, whichever thread says something beside it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def words_of(packed):
    return list(struct.unpack(">%dH" % (len(packed) // 2), packed))


def encode(value, kind, order):
    """A raw number, or a text, as registers."""
    if kind.startswith("str"):
        return words_of(str(value).encode().ljust(2 * int(kind[3:]), b"\0"))
    if kind in ("t5", "t6"):
        exponent = -3 if abs(value) < 8000 else -1
        digits = round(value * 10 ** -exponent) & 0xFFFFFF
        return words_of(struct.pack(">bBH", exponent, digits >> 16, digits & 0xFFFF))
    codes = {"f32": "f", "f64": "d", "u16": "H", "i16": "h", "u32": "I", "i32": "i", "u64": "Q", "i64": "q"}
    number = value if kind in ("f32", "f64") else round(value)
    words = words_of(struct.pack(">" + codes[kind], number))
    return words if order == "high-first" else words[::-1]


class Meter:
    """The registers of one unit, as its model says them."""

    def __init__(self, given, sets):
        model = sets[given["model"]]
        self.read_max = given.get("readMax", model["readMax"])
        self.even_only = model.get("evenOnly", False)
        self.whole = model.get("whole", [])
        self.fault = ["none"]
        self.blocks = {3: {}, 4: {}}
        for function, first, last in model["filled"]:
            self.put(function, first, [0] * (last - first + 1))
        for function, first, words in model.get("constants", []):
            self.put(function, first, words)
        for name, function, address, kind, scale, unit in model["registers"]:
            if name not in given["values"]:
                continue
            value = given["values"][name]
            raw = value if kind.startswith("str") else value * KWH.get(unit, 1.0) / self.scale(scale, function)
            self.put(function, address, encode(raw, kind, model["order"]))
        for address in given.get("lacks", []):
            for block in self.blocks.values():
                block.pop(address, None)

    def put(self, function, address, words):
        for offset, word in enumerate(words):
            self.blocks[function][address + offset] = word

    def scale(self, scale, function):
        """A number, or `10^R` and `10^R-3`, where R is the register that holds the exponent."""
        if not isinstance(scale, str):
            return scale
        register, _, less = scale[3:].partition("-")
        word = self.blocks[function][int(register)]
        exponent = word - 0x10000 if word >= 0x8000 else word
        return math.pow(10, exponent - int(less or 0))

    def context(self):
        inputs, holdings = (RefusingBlock(self, function) for function in (4, 3))
        return ModbusSlaveContext(ir=inputs, hr=holdings, zero_mode=True)

    def allows(self, function, address, count):
        if count > self.read_max or (self.even_only and (address % 2 or count % 2)):
            return False
        for whole_function, first, length in self.whole:
            touches = function == whole_function and address < first + length and address + count > first
            if touches and (address, count) != (first, length):
                return False
        return True


class RefusingBlock(ModbusSparseDataBlock):
    def __init__(self, meter, function):
        super().__init__(meter.blocks[function] or {0: 0})
        self.meter = meter
        self.function = function

    def validate(self, address, count=1):
        return self.meter.allows(self.function, address, count) and super().validate(address, count)


class Units:
    """Feeds bytes to pymodbus and sends what it answers, with the faults of the unit that was asked."""

    def __init__(self, given, delay_ms):
        with open(SETS, encoding="utf-8") as file:
            sets = json.load(file)
        self.meters = {each["unit"]: Meter(each, sets) for each in given}
        self.contexts = {unit: meter.context() for unit, meter in self.meters.items()}
        self.delay_s = delay_ms / 1000

    def answer(self, framer, data, send):
        def execute(request):
            response = request.execute(self.contexts[request.unit_id])
            response.transaction_id = request.transaction_id
            response.unit_id = request.unit_id
            time.sleep(self.delay_s)
            self.send(framer, request, response, send)

        framer.processIncomingPacket(data, execute, list(self.meters), single=False)

    def send(self, framer, request, response, send):
        kind, *numbers = self.meters[request.unit_id].fault
        if kind == "silent" or (kind == "longest" and request.count > int(numbers[0])):
            return
        if kind == "exception":
            response = ExceptionResponse(request.function_code, int(numbers[0]))
            response.transaction_id = request.transaction_id
            response.unit_id = request.unit_id
        if kind == "unit":
            response.unit_id = int(numbers[0])
        packet = framer.buildPacket(response)
        if kind == "half":
            packet = packet[: len(packet) // 2]
        if kind == "crc":
            packet = packet[:-1] + bytes([packet[-1] ^ 0x55])
        send(packet)

    def listen_for_faults(self):
        for line in sys.stdin:
            unit, *fault = line.split()
            self.meters[int(unit)].fault = fault
            say("has " + line.strip())


def serve_tcp(port, units):
    server = socket.create_server(("127.0.0.1", port))
    say("serving")
    while True:
        connection, _ = server.accept()
        threading.Thread(target=serve_connection, args=(connection, units), daemon=True).start()


def serve_connection(connection, units):
    framer = ModbusSocketFramer(ServerDecoder())
    with connection:
        while True:
            try:
                data = connection.recv(1024)
            except OSError:
                return
            if not data:
                return
            units.answer(framer, data, connection.sendall)


def serve_rtu(options, units):
    framer = ModbusRtuFramer(ServerDecoder())
    settings = {"baudrate": options.baud, "parity": options.parity, "stopbits": options.stopbits, "timeout": 0.01}
    line = serial.Serial(options.target, **settings)
    say("serving")
    while True:
        try:
            data = read_until_silence(line)
            if data:
                units.answer(framer, data, line.write)
            else:
                # Silence ends a frame, also one that never was one.
                framer.resetFrame()
        except (OSError, serial.SerialException):
            line = reopen(options.target, settings)


def read_until_silence(line):
    """pymodbus throws half a request away, so it gets none."""
    data = piece = line.read(256)
    while piece:
        piece = line.read(256)
        data += piece
    return data


def reopen(target, settings):
    """The line vanished: it is opened again as soon as it is back."""
    while True:
        time.sleep(0.05)
        try:
            return serial.Serial(target, **settings)
        except (OSError, serial.SerialException):
            pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["tcp", "rtu"])
    parser.add_argument("target", help="TCP port or serial device")
    parser.add_argument("meters", type=json.loads)
    parser.add_argument("--baud", type=int, default=9600)
    parser.add_argument("--parity", choices=["N", "E", "O"], default="N")
    parser.add_argument("--stopbits", type=int, choices=[1, 2], default=1)
    parser.add_argument("--delay-ms", type=float, default=0)
    options = parser.parse_args()

    units = Units(options.meters, options.delay_ms)
    threading.Thread(target=units.listen_for_faults, daemon=True).start()
    if options.kind == "tcp":
        serve_tcp(int(options.target), units)
    else:
        serve_rtu(options, units)


main()
