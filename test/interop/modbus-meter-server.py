#!/usr/bin/python3
"""An energy meter as pymodbus serves it: an implementation of Modbus that is not ours.

usage: modbus-meter-server.py (sdm630|b23) (tcp PORT | rtu DEVICE) [--baud N] [--parity N|E|O] [--stopbits 1|2]
       [--unit N] [--volts A,B,C] [--amperes A,B,C] [--watts W] [--hertz F] [--kwh E] [--export-kwh E] [--serial N]
       [--delay-ms N]

All values come from the command line. Prints `serving` when it listens.

Frames, messages, registers and exceptions are pymodbus'; the loop around them is here, because Debian's pymodbus can
import its own servers only where python3-serial-asyncio is installed too.
"""
import argparse
import socket
import struct
import threading
import time

import serial
from pymodbus.datastore import ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.factory import ServerDecoder
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.framer.socket_framer import ModbusSocketFramer


def words(packed):
    """Big-endian bytes as registers, high word first."""
    return list(struct.unpack(">%dH" % (len(packed) // 2), packed))


def sdm630(values):
    """Eastron SDM630: floats in input registers, kWh and W."""
    def number(value):
        return words(struct.pack(">f", value))

    inputs = {address: 0 for address in range(0x0000, 0x0182)}
    for phase in range(3):
        place(inputs, 0x00 + 2 * phase, number(values.volts[phase]))
        place(inputs, 0x06 + 2 * phase, number(values.amperes[phase]))
        place(inputs, 0x0C + 2 * phase, number(values.volts[phase] * values.amperes[phase]))
    place(inputs, 0x34, number(values.watts))
    place(inputs, 0x46, number(values.hertz))
    place(inputs, 0x48, number(values.kwh))
    place(inputs, 0x4A, number(values.export_kwh))
    holdings = {}
    place(holdings, 0xFC00, words(struct.pack(">I", values.serial)))
    return inputs, holdings


def b23(values):
    """ABB B23: integers in holding registers, energy in 0.01 kWh, power in 0.01 W; nothing between the blocks."""
    holdings = {}
    place(holdings, 0x5000, words(struct.pack(">Q", round(values.kwh * 100))))
    place(holdings, 0x5004, words(struct.pack(">Q", round(values.export_kwh * 100))))
    for phase in range(3):
        place(holdings, 0x5B00 + 2 * phase, words(struct.pack(">I", round(values.volts[phase] * 10))))
        place(holdings, 0x5B0C + 2 * phase, words(struct.pack(">I", round(values.amperes[phase] * 100))))
    place(holdings, 0x5B14, words(struct.pack(">i", round(values.watts * 100))))
    place(holdings, 0x5B2C, [round(values.hertz * 100)])
    place(holdings, 0x8900, words(struct.pack(">I", values.serial)))
    return {0: 0}, holdings


def place(registers, address, its_words):
    for offset, word in enumerate(its_words):
        registers[address + offset] = word


class SlowBlock(ModbusSparseDataBlock):
    """Registers of a meter that takes its time."""

    delay_s = 0.0

    def getValues(self, address, count=1):
        time.sleep(self.delay_s)
        return super().getValues(address, count)


def answer(framer, data, slave, unit, send):
    """Feeds bytes to pymodbus and sends what it answers; silence for another unit, as on a line."""

    def execute(request):
        response = request.execute(slave)
        response.transaction_id = request.transaction_id
        response.unit_id = request.unit_id
        send(framer.buildPacket(response))

    framer.processIncomingPacket(data, execute, [unit], single=False)


def serve_tcp(port, slave, unit):
    server = socket.create_server(("127.0.0.1", port))
    print("serving", flush=True)
    while True:
        connection, _ = server.accept()
        threading.Thread(target=serve_connection, args=(connection, slave, unit), daemon=True).start()


def serve_connection(connection, slave, unit):
    framer = ModbusSocketFramer(ServerDecoder())
    with connection:
        while True:
            try:
                data = connection.recv(1024)
            except OSError:
                return
            if not data:
                return
            answer(framer, data, slave, unit, connection.sendall)


def serve_rtu(options, slave):
    framer = ModbusRtuFramer(ServerDecoder())
    line = serial.Serial(
        options.target,
        baudrate=options.baud,
        parity=options.parity,
        stopbits=options.stopbits,
        timeout=0.02,
    )
    print("serving", flush=True)
    while True:
        data = line.read(256)
        if data:
            answer(framer, data, slave, options.unit, line.write)
        else:
            # Silence ends a frame, also one that never was one.
            framer.resetFrame()


def three(text):
    numbers = [float(part) for part in text.split(",")]
    if len(numbers) != 3:
        raise argparse.ArgumentTypeError("three numbers, one a phase")
    return numbers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", choices=["sdm630", "b23"])
    parser.add_argument("kind", choices=["tcp", "rtu"])
    parser.add_argument("target", help="TCP port or serial device")
    parser.add_argument("--baud", type=int, default=9600)
    parser.add_argument("--parity", choices=["N", "E", "O"], default="N")
    parser.add_argument("--stopbits", type=int, choices=[1, 2], default=1)
    parser.add_argument("--unit", type=int, default=1)
    parser.add_argument("--volts", type=three, default=[230.0, 230.0, 230.0])
    parser.add_argument("--amperes", type=three, default=[0.0, 0.0, 0.0])
    parser.add_argument("--watts", type=float, default=0.0)
    parser.add_argument("--hertz", type=float, default=50.0)
    parser.add_argument("--kwh", type=float, default=0.0)
    parser.add_argument("--export-kwh", type=float, default=0.0)
    parser.add_argument("--serial", type=int, default=1)
    parser.add_argument("--delay-ms", type=float, default=0)
    options = parser.parse_args()

    SlowBlock.delay_s = options.delay_ms / 1000
    inputs, holdings = {"sdm630": sdm630, "b23": b23}[options.model](options)
    slave = ModbusSlaveContext(ir=SlowBlock(inputs), hr=SlowBlock(holdings), zero_mode=True)
    if options.kind == "tcp":
        serve_tcp(int(options.target), slave, options.unit)
    else:
        serve_rtu(options, slave)


main()
