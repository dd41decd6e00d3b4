"""Certificates for the TLS specs, made at run time with the openssl program."""

import os
import subprocess
import sys


def _openssl(*args):
    subprocess.run(("openssl",) + args, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _write(path, text):
    with open(path, "w", encoding="ascii") as f:
        f.write(text)


_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
_LOOPBACK = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def _self_signed(directory, name, subject, extension):
    key, pem = (os.path.join(directory, name + s) for s in (".key", ".pem"))
    _openssl("req", "-x509", *_KEY, "-keyout", key, "-out", pem, "-days", "2",
             "-subj", subject, "-addext", extension)
    return pem, key


def _signed(directory, name, ca, subject, extension, days):
    path = os.path.join(directory, name)
    _write(path + ".ext", extension + "\n")
    _openssl("req", "-new", *_KEY, "-keyout", path + ".key",
             "-out", path + ".csr", "-subj", subject)
    _openssl("x509", "-req", "-in", path + ".csr", "-CA", ca[0],
             "-CAkey", ca[1], "-CAcreateserial", "-days", days,
             "-extfile", path + ".ext", "-out", path + ".pem")
    return path + ".pem", path + ".key"


def make_good(directory):
    """An authority and one good certificate; gives {name: (certificate, key)}."""
    ca = _self_signed(directory, "ca", "/CN=spec private CA",
                      "basicConstraints=critical,CA:TRUE")
    return {
        "ca": ca,
        "good": _signed(directory, "good", ca, "/CN=localhost", _LOOPBACK, "2"),
    }


def make(directory):
    """Writes everything into `directory`; gives {name: (certificate, key)}."""
    good = make_good(directory)
    ca = good["ca"]
    return {
        **good,
        # -1 day: valid from now until yesterday.
        "expired": _signed(directory, "expired", ca, "/CN=localhost",
                           _LOOPBACK, "-1"),
        "wrong_host": _signed(directory, "wrong_host", ca,
                              "/CN=elsewhere.example",
                              "subjectAltName=DNS:elsewhere.example", "2"),
        "self_signed": _self_signed(directory, "self_signed", "/CN=localhost",
                                    _LOOPBACK),
    }


if __name__ == "__main__":
    make_good(sys.argv[1])
