"""The build folder: is it one whose figures mean something?"""
import json
import subprocess

from driver.turns import say


def options_of(folder):
    """Meson's options of the build folder, name to value."""
    try:
        text = subprocess.run(["meson", "introspect", "--buildoptions", folder], check=True,
                              capture_output=True, text=True).stdout
        return {option["name"]: option["value"] for option in json.loads(text)}
    except (OSError, subprocess.SubprocessError, ValueError):
        return {}


def warn(folder):
    options = options_of(folder)
    if options.get("optimization") in ("0", "g"):
        say("warning: this build is not optimised; its figures mean nothing")
    if options.get("b_sanitize", "none") != "none":
        say("warning: this build has sanitizers in it; its figures mean nothing")
