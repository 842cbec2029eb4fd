#!/usr/bin/python3
"""A charge controller with a coil, as pymodbus serves it: an implementation of Modbus that is not ours.

usage: charge-controller-server.py (tcp PORT | rtu DEVICE) UNIT

Phoenix Contact's layout: input 100 holds the letter B, holding 528 the current, coil 400 enables. Prints `serving` when
it listens, and a line `coil ON current A` after each request that it has answered.
"""
import socket
import sys

import serial
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusSlaveContext
from pymodbus.factory import ServerDecoder
from pymodbus.framer.rtu_framer import ModbusRtuFramer
from pymodbus.framer.socket_framer import ModbusSocketFramer

UNIT = int(sys.argv[3])
CONTEXT = ModbusSlaveContext(
    co=ModbusSequentialDataBlock(400, [False] * 16),
    ir=ModbusSequentialDataBlock(100, [ord("B")]),
    hr=ModbusSequentialDataBlock(528, [16]),
    zero_mode=True,
)


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def answer(framer, data, send):
    def execute(request):
        response = request.execute(CONTEXT)
        response.transaction_id = request.transaction_id
        response.unit_id = request.unit_id
        send(framer.buildPacket(response))
        coil, current = CONTEXT.getValues(1, 400, 1)[0], CONTEXT.getValues(3, 528, 1)[0]
        say("coil %s current %d" % ("on" if coil else "off", current))

    framer.processIncomingPacket(data, execute, [UNIT], single=False)


def serve_tcp(port):
    server = socket.create_server(("127.0.0.1", port))
    say("serving")
    connection, _ = server.accept()
    framer = ModbusSocketFramer(ServerDecoder())
    while True:
        data = connection.recv(1024)
        if not data:
            return
        answer(framer, data, connection.sendall)


def serve_rtu(device):
    framer = ModbusRtuFramer(ServerDecoder())
    line = serial.Serial(device, baudrate=19200, timeout=0.02)
    say("serving")
    while True:
        data = piece = line.read(256)
        while piece:
            piece = line.read(256)
            data += piece
        if data:
            answer(framer, data, line.write)
        else:
            framer.resetFrame()


if sys.argv[1] == "tcp":
    serve_tcp(int(sys.argv[2]))
else:
    serve_rtu(sys.argv[2])
