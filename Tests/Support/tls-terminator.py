#!/usr/bin/env python3
"""Ends TLS in front of a server that speaks clear text, for tests: prints `PORT <number>` and serves until it is killed.

    tls-terminator.py TARGET_PORT CERTIFICATE KEY [CLIENT_CA]

With CLIENT_CA a client must present a certificate of that authority.
"""

import contextlib
import socket
import ssl
import sys
import threading


def copy(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def serve(client, context, target):
    try:
        with context.wrap_socket(client, server_side=True) as line, socket.create_connection(target) as server:
            thread = threading.Thread(target=copy, args=(line, server), daemon=True)
            thread.start()
            copy(server, line)
            thread.join()
    except OSError:
        # A client that refuses our certificate, or has none where one is asked for.
        client.close()


def main():
    target, certificate, key, *authority = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if authority:
        context.load_verify_locations(authority[0])
        context.verify_mode = ssl.CERT_REQUIRED
        # With TLS 1.3 a client learns only with its first read that its certificate was refused.
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(f"PORT {listener.getsockname()[1]}", flush=True)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, context, ("127.0.0.1", int(target))), daemon=True).start()


if __name__ == "__main__":
    main()
