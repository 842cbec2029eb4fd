#!/usr/bin/python3
"""Devices with SunSpec chains as pymodbus serves them. Chains and values are laid out here, from SunSpec's lists of
points, so that a slip in the driver's offsets shows.

usage: sunspec-server.py (tcp PORT | rtu DEVICE) CHAIN [--baud N]

CHAIN is JSON: {"unit", "base", "models": [{"id", …}], "end": true}. Model 1 takes "maker", "product", "version" and
"serial"; 201 to 204 and 211 to 214 take "A", "V" (one a phase), "Hz", "W", "exp", "imp" in A, V, Hz, W and Wh, and
"sf" for the integer ones; any other takes "len". "L" is a length to claim in place of the true one. Prints `serving`.

Each line of the standard input is another CHAIN: the device restarts with it, and its connections end.
"""
import argparse
import json
import socket
import struct
import sys
import threading

import serial
from pymodbus.datastore import ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.factory import ServerDecoder
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.framer.socket_framer import ModbusSocketFramer

NOT_IMPLEMENTED = 0x8000
NAN = [0x7FC0, 0]

COMMON = [("maker", 16), ("product", 16), ("options", 8), ("version", 8), ("serial", 16)]

# Each point with its registers, as the models list them.
INTEGER_POINTS = (
    "A AphA AphB AphC A_SF PhV PhVphA PhVphB PhVphC PPV PhVphAB PhVphBC PhVphCA V_SF Hz Hz_SF "
    "W WphA WphB WphC W_SF VA VAphA VAphB VAphC VA_SF VAR VARphA VARphB VARphC VAR_SF PF PFphA PFphB PFphC PF_SF "
    "TotWhExp:2 ExpA:2 ExpB:2 ExpC:2 TotWhImp:2 ImpA:2 ImpB:2 ImpC:2 TotWh_SF rest:52"
).split()
FLOAT_POINTS = (
    "A:2 AphA:2 AphB:2 AphC:2 PhV:2 PhVphA:2 PhVphB:2 PhVphC:2 PPV:2 PPVphAB:2 PPVphBC:2 PPVphCA:2 Hz:2 W:2 "
    "WphA:2 WphB:2 WphC:2 VA:8 VAR:8 PF:8 TotWhExp:2 ExpA:2 ExpB:2 ExpC:2 TotWhImp:2 rest:56"
).split()


def text(value, registers):
    return list(struct.unpack(">%dH" % registers, value.encode().ljust(2 * registers, b"\0")))


def common(model):
    words = []
    for name, registers in COMMON:
        words += text(model.get(name, ""), registers)
    return words + [1, NOT_IMPLEMENTED]


def phases(model, name, key):
    return {name + letter: value for letter, value in zip("ABC", model[key])}


def values_of(model):
    named = {"Hz": model["Hz"], "W": model["W"], "TotWhExp": model["exp"], "TotWhImp": model["imp"]}
    return {**named, **phases(model, "Aph", "A"), **phases(model, "PhVph", "V")}


def integers(model):
    values, factors = values_of(model), {"A": -2, "V": -1, "Hz": -2, "W": 0, "TotWh": 0, **model.get("sf", {})}
    words = []
    for point in INTEGER_POINTS:
        name, _, registers = point.partition(":")
        registers = int(registers or 1)
        if name.endswith("_SF"):
            factor = factors.get(name[:-3])
            words.append(NOT_IMPLEMENTED if factor is None else factor & 0xFFFF)
        elif name in values:
            kind = next(each for each in ("Hz", "TotWh", "PhV", "A", "W") if name.startswith(each))
            factor = factors["V" if kind == "PhV" else kind] or 0
            raw = round(values[name] / 10**factor)
            words += [raw >> 16 & 0xFFFF, raw & 0xFFFF] if registers == 2 else [raw & 0xFFFF]
        else:
            words += [0] * registers if registers == 2 else [NOT_IMPLEMENTED] * registers
    return words


def floats(model):
    values, words = values_of(model), []
    for point in FLOAT_POINTS:
        name, _, registers = point.partition(":")
        if name in values:
            words += struct.unpack(">HH", struct.pack(">f", values[name]))
        else:
            words += NAN * (int(registers) // 2)
    return words


def payload(model):
    number = model["id"]
    if number == 1:
        return common(model)
    if 201 <= number <= 204:
        return integers(model)
    if 211 <= number <= 214:
        return floats(model)
    return [0] * model["len"]


def registers(chain):
    words = text("SunS", 2)
    for model in chain["models"]:
        its = payload(model)
        words += [model["id"], model.get("L", len(its))] + its
    if chain.get("end", True):
        words += [0xFFFF, 0]
    return {chain["base"] + offset: word for offset, word in enumerate(words)}


class Device:
    def __init__(self, chain):
        self.connections = []
        self.load(chain)

    def load(self, chain):
        self.unit = chain["unit"]
        self.context = ModbusSlaveContext(hr=ModbusSparseDataBlock(registers(chain)), zero_mode=True)

    def answer(self, framer, data, send):
        def execute(request):
            response = request.execute(self.context)
            response.transaction_id = request.transaction_id
            response.unit_id = request.unit_id
            send(framer.buildPacket(response))

        framer.processIncomingPacket(data, execute, [self.unit], single=False)

    def listen_for_restarts(self):
        for line in sys.stdin:
            self.load(json.loads(line))
            for connection in self.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.connections = []
            print("restarted", flush=True)


def serve_connection(connection, device):
    framer = ModbusSocketFramer(ServerDecoder())
    with connection:
        while True:
            try:
                data = connection.recv(1024)
            except OSError:
                return
            if not data:
                return
            device.answer(framer, data, connection.sendall)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["tcp", "rtu"])
    parser.add_argument("target")
    parser.add_argument("chain", type=json.loads)
    parser.add_argument("--baud", type=int, default=9600)
    options = parser.parse_args()
    device = Device(options.chain)
    threading.Thread(target=device.listen_for_restarts, daemon=True).start()
    if options.kind == "tcp":
        server = socket.create_server(("127.0.0.1", int(options.target)))
        print("serving", flush=True)
        while True:
            connection, _ = server.accept()
            device.connections.append(connection)
            threading.Thread(target=serve_connection, args=(connection, device), daemon=True).start()
    line = serial.Serial(options.target, baudrate=options.baud, timeout=0.01)
    framer = ModbusRtuFramer(ServerDecoder())
    print("serving", flush=True)
    while True:
        data = line.read(256)
        if data:
            device.answer(framer, data, line.write)
        else:
            framer.resetFrame()


main()
