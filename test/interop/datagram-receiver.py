"""Hears what services tell their supervisor: prints one JSON line for each datagram, with the second it came at.

Its argument is the address to hear at: a path, or a name of the abstract space after an @.
"""

import json
import socket
import sys
import time

address = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
receiver.bind("\0" + address[1:] if address.startswith("@") else address)
print(json.dumps({"listening": True}), flush=True)
while True:
    data, ancillary, _, _ = receiver.recvmsg(4096, socket.CMSG_SPACE(12))
    pid = int.from_bytes(ancillary[0][2][:4], sys.byteorder)
    print(json.dumps({"at": time.monotonic(), "pid": pid, "text": data.decode()}), flush=True)
