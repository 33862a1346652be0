#!/usr/bin/env python3
"""Greets whoever calls: the one caller that it was started for, or everybody on port 7020 when it was started alone."""
import os
import socket
import stat

if stat.S_ISSOCK(os.fstat(0).st_mode):
    print(f"Hello from process {os.getpid()}, started for you.")
else:
    listener = socket.create_server(("127.0.0.1", 7020))
    while True:
        connection, _ = listener.accept()
        connection.sendall(f"Hello from process {os.getpid()}, which stays.\n".encode())
        connection.close()
