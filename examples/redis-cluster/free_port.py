# SPDX-License-Identifier: MIT
# Prints a port that is free, and free 10,000 above it too, where redis has its cluster's bus. Both are
# below those that the kernel gives to who asks for any.
import random
import socket

while True:
    port = random.randint(10000, 22000)
    try:
        for number in (port, port + 10000):
            with socket.socket() as probe:
                probe.bind(('127.0.0.1', number))
        break
    except OSError:
        pass
print(port)
