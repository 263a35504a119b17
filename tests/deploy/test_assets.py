"""Browser libraries: what the registry serves is used only when it is what the lock names."""

import base64
import gzip
import hashlib
import importlib.util
import io
import tarfile
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


@pytest.fixture(scope="module")
def assets() -> ModuleType:
    spec = importlib.util.spec_from_file_location("deploy_assets", DEPLOY / "assets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(buffer.getvalue())


def package(content: bytes, files: dict[str, str]) -> dict[str, Any]:
    digest = base64.b64encode(hashlib.sha512(content).digest()).decode()
    return {"name": "x", "version": "1", "integrity": f"sha512-{digest}", "files": files}


def test_wanted_members_come_out(assets: ModuleType) -> None:
    content = archive({"dist/a.js": b"let a", "dist/b.js": b"let b"})
    assert assets.verified(package(content, {"dist/a.js": "a.js"}), content) == {"a.js": b"let a"}


def test_other_bytes_are_refused(assets: ModuleType) -> None:
    content = archive({"dist/a.js": b"let a"})
    with pytest.raises(assets.AssetNotVerified, match="digest"):
        assets.verified(package(content, {"dist/a.js": "a.js"}), content + b"\0")


def test_a_missing_member_is_refused(assets: ModuleType) -> None:
    content = archive({"dist/a.js": b"let a"})
    with pytest.raises(assets.AssetNotVerified, match=r"no file dist/b\.js"):
        assets.verified(package(content, {"dist/b.js": "b.js"}), content)


def test_the_registry_is_configurable(assets: ModuleType, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert assets.registry(home) == assets.PUBLIC_REGISTRY
    (tmp_path / ".npmrc").write_text('fund=false\nregistry = "https://mirror.example/npm/"\n')
    assert assets.registry(home) == "https://mirror.example/npm"
    assert (
        assets.registry({**home, "NPM_CONFIG_REGISTRY": "https://other.example/"})
        == "https://other.example"
    )


def test_the_lock_pins_every_package_by_sha512() -> None:
    for locked in tomllib.loads((DEPLOY / "assets.lock").read_text("utf-8"))["package"]:
        assert len(base64.b64decode(locked["integrity"].removeprefix("sha512-"))) == 64
        assert locked["files"]
        assert locked["version"]


@pytest.mark.parametrize("name", ["requirements.lock", "dev.lock", "weights.lock", "headless.lock"])
def test_locks_hold_hashes_and_no_host(name: str) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    pins = [line for line in text.splitlines() if "==" in line and not line.startswith(("#", " "))]
    assert pins
    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(pins)


def test_the_headless_twin_is_of_the_same_release() -> None:
    def release(name: str, of: str) -> str:
        lines = (DEPLOY / name).read_text("utf-8").splitlines()
        return next(line.split("==")[1].split()[0] for line in lines if line.startswith(f"{of}=="))

    assert release("headless.lock", "opencv-python-headless") == release(
        "requirements.lock", "opencv-python"
    )
