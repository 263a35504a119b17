"""Fetch the browser libraries named in deploy/assets.lock and verify them before a byte is used."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import os
import tarfile
import tomllib
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "deploy" / "assets.lock"
VENDOR = ROOT / "api" / "static" / "vendor"
PUBLIC_REGISTRY = "https://registry.npmjs.org"
PACKAGE_MAX_BYTES = 20 * 2**20
TIMEOUT_S = 20


class AssetNotVerified(Exception):
    """The registry's package, or what is in it, is not what the lock names."""


def registry(environment: Mapping[str, str] = os.environ) -> str:
    """Return the registry's base address.

    The environment's, else the person's .npmrc, else the public one.
    """
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        if environment.get(name):
            return environment[name].rstrip("/")
    for npmrc in (ROOT / ".npmrc", Path(environment.get("HOME", "/")) / ".npmrc"):
        lines = npmrc.read_text(encoding="utf-8").splitlines() if npmrc.is_file() else []
        for line in lines:
            key, found, value = line.partition("=")
            if found and key.strip() == "registry":
                return value.strip().strip("\"'").rstrip("/")
    return PUBLIC_REGISTRY


def verified(package: Mapping[str, Any], archive: bytes) -> dict[str, bytes]:
    """Return target name → content of the files that the lock wants from `archive`, a gzipped tar.

    Raises AssetNotVerified when the archive's digest is another one, or a wanted member is missing.
    """
    algorithm, _, expected = package["integrity"].partition("-")
    actual = base64.b64encode(hashlib.new(algorithm, archive).digest()).decode()
    if algorithm != "sha512" or not hmac.compare_digest(actual, expected):
        raise AssetNotVerified(
            f"{package['name']} {package['version']}: digest is {actual}, the lock says {expected}"
        )
    contents = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as members:
        for member, target in package["files"].items():
            try:
                stream = members.extractfile(f"package/{member}")
            except KeyError:
                stream = None
            if stream is None:
                raise AssetNotVerified(
                    f"{package['name']} {package['version']} holds no file {member}"
                )
            contents[target] = stream.read()
    return contents


def fetch(package: Mapping[str, Any], base: str) -> bytes:
    """Return the package's archive from the registry at `base`.

    Raises OSError when it can't be reached.
    """
    name, version = package["name"], package["version"]
    address = f"{base}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"
    if not address.startswith("https://") and not address.startswith("http://"):
        raise AssetNotVerified(f"not a registry's address: {base}")
    # The scheme is checked above
    with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer:  # noqa: S310
        archive: bytes = answer.read(PACKAGE_MAX_BYTES + 1)
    if len(archive) > PACKAGE_MAX_BYTES:
        raise AssetNotVerified(f"{name} {version} is larger than {PACKAGE_MAX_BYTES} bytes")
    return archive


def install(vendor: Path = VENDOR) -> list[str]:
    """Fetch what is missing or of another version into `vendor`.

    Return the packages that were fetched.

    Raises OSError when the registry can't be reached, AssetNotVerified when it serves something
    else. A file arrives whole or not at all.
    """
    packages = tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"]
    fetched = []
    for package in packages:
        label = f"{package['name']} {package['version']}"
        mark = vendor / f"{next(iter(package['files'].values()))}.version"
        targets = [vendor / target for target in package["files"].values()]
        if (
            all(target.is_file() for target in targets)
            and mark.is_file()
            and mark.read_text("utf-8") == label
        ):
            continue
        contents = verified(package, fetch(package, registry()))
        vendor.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            aside = vendor / f".{name}.new"
            aside.write_bytes(content)
            aside.replace(vendor / name)
        mark.write_text(label, encoding="utf-8")
        fetched.append(label)
    return fetched


if __name__ == "__main__":
    print("\n".join(install()) or "nothing to fetch")
