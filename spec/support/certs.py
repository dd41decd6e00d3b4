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


def _request(directory, name, subject, extension):
    path = os.path.join(directory, name)
    _write(path + ".ext", extension + "\n")
    _openssl("req", "-new", *_KEY, "-keyout", path + ".key",
             "-out", path + ".csr", "-subj", subject)
    return path


def _signed(directory, name, ca, subject, extension):
    path = _request(directory, name, subject, extension)
    _openssl("x509", "-req", "-in", path + ".csr", "-CA", ca[0],
             "-CAkey", ca[1], "-CAcreateserial", "-days", "2",
             "-extfile", path + ".ext", "-out", path + ".pem")
    return path + ".pem", path + ".key"


def _expired(directory, name, ca, subject, extension):
    """Only `openssl ca` takes an end in the past in every version."""
    path = _request(directory, name, subject, extension)
    _write(path + ".index", "")
    _write(path + ".cnf", "[ca]\ndefault_ca = c\n[c]\ndatabase = %s.index\n"
           "new_certs_dir = %s\npolicy = p\ndefault_md = sha256\n"
           "rand_serial = yes\n"
           "[p]\ncommonName = supplied\n" % (path, directory))
    _openssl("ca", "-batch", "-config", path + ".cnf", "-in", path + ".csr",
             "-cert", ca[0], "-keyfile", ca[1], "-notext",
             "-startdate", "20200101000000Z", "-enddate", "20200102000000Z",
             "-extfile", path + ".ext", "-out", path + ".pem")
    return path + ".pem", path + ".key"


def make_good(directory):
    """An authority and one good certificate; gives {name: (certificate, key)}."""
    ca = _self_signed(directory, "ca", "/CN=spec private CA",
                      "basicConstraints=critical,CA:TRUE")
    return {
        "ca": ca,
        "good": _signed(directory, "good", ca, "/CN=localhost", _LOOPBACK),
    }


_NAMES = ("ca", "good", "expired", "wrong_host", "self_signed")


def make(directory):
    """Everything, as {name: (certificate, key)}: from the directory that
    SPEC_CERTIFICATES names, or else written into `directory`."""
    made = os.environ.get("SPEC_CERTIFICATES")
    if made:
        return {name: tuple(os.path.join(made, name + suffix)
                            for suffix in (".pem", ".key"))
                for name in _NAMES}
    good = make_good(directory)
    ca = good["ca"]
    return {
        **good,
        "expired": _expired(directory, "expired", ca, "/CN=localhost",
                            _LOOPBACK),
        "wrong_host": _signed(directory, "wrong_host", ca,
                              "/CN=elsewhere.example",
                              "subjectAltName=DNS:elsewhere.example"),
        "self_signed": _self_signed(directory, "self_signed", "/CN=localhost",
                                    _LOOPBACK),
    }


if __name__ == "__main__":
    os.environ.pop("SPEC_CERTIFICATES", None)
    os.makedirs(sys.argv[1], exist_ok=True)
    make(sys.argv[1])
