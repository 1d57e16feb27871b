"""An authority of the tests' own, what it signed, and servers that speak TLS.

Everything is made once per run by the program openssl, and is gone with it.
"""
import atexit
import functools
import os
import shutil
import ssl
import subprocess
import tempfile

from servers import Server
from tool import Skip, bide


class Authority:
    """Paths of PEM files: ca; server and client, each with its key in it."""

    def __init__(self, path):
        self.path = path
        self.ca = self.sign("ca", "basicConstraints=critical,CA:TRUE", "keyUsage=keyCertSign")
        leaf = "basicConstraints=critical,CA:FALSE"
        names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
        self.server = self.sign("server", leaf, names, "extendedKeyUsage=serverAuth")
        self.client = self.sign("client", leaf, "extendedKeyUsage=clientAuth")

    def sign(self, name, *extensions):
        file, key = (os.path.join(self.path, f"{name}.{end}") for end in ("pem", "key"))
        words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                 "-keyout", key, "-out", file]
        if name != "ca":
            words += ["-CA", self.ca, "-CAkey", os.path.join(self.path, "ca.key")]
        for extension in extensions:
            words += ["-addext", extension]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise Skip(f"openssl: {done.stdout!r}")
        with open(file, "ab") as both, open(key, "rb") as secret:
            both.write(secret.read())
        return file

    def pin(self):
        """The hash of the server's public key, as curl writes it."""
        command = f"openssl x509 -in {self.server} -pubkey -noout | openssl pkey -pubin " \
                  "-outform der | openssl dgst -sha256 -binary | openssl base64"
        return "sha256//" + subprocess.check_output(command, shell=True, text=True).strip()


@functools.lru_cache(maxsize=1)
def authority():
    """Skip: there is no openssl, or bide was built without TLS."""
    if not shutil.which("openssl"):
        raise Skip("needs openssl")
    path = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, path)
    made = Authority(path)
    if b"TLS" in bide("get", "--cacert", made.ca, "http://127.0.0.1:1/").err:
        raise Skip("built without TLS")
    return made


class TlsServer(Server):
    """Shows the authority's certificate for localhost; may want one of the client."""

    def __init__(self, behave, client=False):
        super().__init__(behave)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(authority().server)
        if client:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(authority().ca)

    def __enter__(self):
        super().__enter__()
        self.url = "https://localhost:%d" % self.listener.getsockname()[1]
        return self

    def serve(self, connection):
        try:
            secure = self.context.wrap_socket(connection, server_side=True)
        except OSError:
            return                              # refused: that is what is tested
        super().serve(secure)
