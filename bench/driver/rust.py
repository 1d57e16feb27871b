"""The peers in Rust: compiled by cargo from the distribution's sources, without the network."""
import os
import shutil

PEERS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "peers")
CRATES = "/usr/share/cargo/registry"            # where the distribution's Rust sources lie
TOKIO = 'tokio = { version = "1", default-features = false, features = ["rt", "sync", "time"] }'
NETWORK = TOKIO.replace('"rt"', '"net", "rt"')
HYPER = 'hyper = { version = "0.14", features = ["%s", "http1", "runtime", "tcp"] }'
# Program to what it is built on.
NEEDS = {
    "runtime_tokio": ['libc = "0.2"', TOKIO],
    "client_hyper": ['libc = "0.2"', NETWORK, HYPER % "client"],
    "server_hyper": [NETWORK, HYPER % "server", 'rustls-pemfile = "1"', 'serde_json = "1"',
                     'tokio-rustls = "0.23"'],
}
PACKAGES = {"runtime_tokio": "librust-tokio-dev, librust-libc-dev",
            "client_hyper": "librust-hyper-dev",
            "server_hyper": "librust-hyper-dev, librust-tokio-rustls-dev, "
                            "librust-rustls-pemfile-dev, librust-serde-json-dev"}


def is_here():
    return bool(shutil.which("cargo")) and os.path.isdir(CRATES)


def manifest(name):
    return "\n".join(["[package]", f'name = "{name}"', 'version = "0.0.0"', 'edition = "2021"',
                      "[dependencies]", *NEEDS[name],
                      "[profile.release]", "lto = true", "codegen-units = 1", 'panic = "abort"',
                      "debug = false", ""])


def prepare(name, folder):
    """Makes the package that cargo wants; (the program that will be, command, environment)."""
    own = os.path.join(folder, "rust", name)
    os.makedirs(os.path.join(own, "src"), exist_ok=True)
    with open(os.path.join(own, "Cargo.toml"), "w") as file:
        file.write(manifest(name))
    # With its time, so that cargo knows it again.
    shutil.copy2(os.path.join(PEERS, name + ".rs"), os.path.join(own, "src", "main.rs"))
    command = ["cargo", "build", "--release", "--offline", "--quiet",
               "--manifest-path", os.path.join(own, "Cargo.toml"),
               "--config", 'source.crates-io.replace-with="distribution"',
               "--config", f'source.distribution.directory="{CRATES}"']
    shared = os.path.join(folder, "rust", "target")
    return os.path.join(shared, "release", name), command, {"CARGO_TARGET_DIR": shared}
