# Copyright (c) softwareone.marketplace contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds an execution environment with this collection, and runs its playbooks there: python -m tests.tools.ee

No registry is asked: the base image is a Debian of its own, made of packages by mmdebstrap. Without podman,
mmdebstrap or the rights that they need, says what is missing. Images and caches stay in .venv/ee.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.integration.lab import Account, simulator
from tests.tools import check
from tests.tools.devtree import ROOT
from tests.tools.sanity import SKIPPED

STATE = ROOT / ".venv" / "ee"
BASE, IMAGE = "localhost/marketplace-base:latest", "localhost/marketplace-ee:latest"
NEEDED = ("podman", "runc", "mmdebstrap")
INSTALL = "apt-get install --no-install-recommends podman buildah runc mmdebstrap uidmap netavark"
PACKAGES = "python3,python3-pip,python3-venv,python3-wheel,ca-certificates,git,openssh-client,dumb-init"
CERTIFICATES = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))
# crun refuses hybrid cgroups, and runc limits above those of the session.
CONTAINERS = """\
[containers]
default_ulimits = ["nofile=1024:20000", "nproc=4096:4096"]
netns = "host"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
"""
STORAGE = '[storage]\ndriver = "overlay"\ngraphroot = "{state}/graph"\nrunroot = "{state}/run"\n'
CONTAINERFILE = f"""\
FROM scratch
ADD rootfs.tar /
COPY ca.crt {CERTIFICATES}
RUN rm -f /usr/lib/python3*/EXTERNALLY-MANAGED
"""


def missing() -> str:
    """Why no image can be built here; empty if one can."""
    lacking = [name for name in NEEDED if not shutil.which(name)]
    if lacking:
        return f"{', '.join(lacking)} not found; on Debian: {INSTALL}"
    if os.geteuid() != 0:
        return "mmdebstrap and the storage of images in .venv are set up for root"
    return ""


def run(*command: str | Path, cwd: Path = STATE) -> None:
    """Run it quietly; what it says goes to standard output if it fails."""
    done = subprocess.run(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stdout[-4000:])
        sys.exit(f"{command[0]} ended with code {done.returncode}")


def prepare() -> None:
    STATE.mkdir(parents=True, exist_ok=True)
    for name, text in {"containers": CONTAINERS, "storage": STORAGE.format(state=STATE)}.items():
        (STATE / f"{name}.conf").write_text(text, encoding="utf-8")
    os.environ["CONTAINERS_CONF"] = str(STATE / "containers.conf")
    os.environ["CONTAINERS_STORAGE_CONF"] = str(STATE / "storage.conf")


def build_base() -> None:
    """The base image, unless it is there."""
    if subprocess.run(["podman", "image", "exists", BASE], check=False).returncode == 0:
        return
    base = STATE / "base"
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir()
    shutil.copy(CERTIFICATES, base / "ca.crt")
    (base / "Containerfile").write_text(CONTAINERFILE, encoding="utf-8")
    options = ("--mode=root", "--variant=minbase", f"--include={PACKAGES}")
    run("mmdebstrap", *options, "bookworm", base / "rootfs.tar")
    run("podman", "build", "--tag", BASE, base)


def definition(artifact: str) -> dict[str, object]:
    """That of docs/examples/aap on this base, with the collection as a file, as it is in the tree."""
    example = yaml.safe_load((ROOT / "docs/examples/aap/execution-environment.yml").read_text(encoding="utf-8"))
    return {
        "version": example["version"],
        "images": {"base_image": {"name": BASE}},
        "dependencies": {
            **{name: example["dependencies"][name] for name in ("ansible_core", "ansible_runner")},
            "python_interpreter": {"python_path": "/usr/bin/python3"},
            "galaxy": {"collections": [{"name": f"configs/{artifact}", "type": "file"}]},
        },
        "additional_build_files": [{"src": artifact, "dest": "configs"}],
        # Debian has no ensurepip; pip is in the base.
        "options": {"package_manager_path": "/usr/bin/apt-get", "skip_pip_install": True},
    }


def build() -> None:
    context = STATE / "context"
    shutil.rmtree(context, ignore_errors=True)
    context.mkdir()
    run(check.BIN / "ansible-galaxy", "collection", "build", "--output-path", context, ROOT)
    (artifact,) = context.glob("*.tar.gz")
    (context / "execution-environment.yml").write_text(yaml.safe_dump(definition(artifact.name)), encoding="utf-8")
    tagged = ("--tag", IMAGE, "--container-runtime", "podman", "--extra-build-cli-args=--pull=never")
    run(check.BIN / "ansible-builder", "build", "--context", context / "build", *tagged, cwd=context)


def play(name: str, project: Path, environment: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """The exit code of a playbook in the image, and what it has printed."""
    variables = [word for key, value in environment.items() for word in ("--env", f"{key}={value}")]
    where = ("--rm", "--network=host", "--user=0", f"--volume={project}:/work", "--workdir=/work")
    command = ["podman", "run", *where, *variables, IMAGE, "ansible-playbook", f"softwareone.marketplace.{name}"]
    done = subprocess.run([*command, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def go_through(account: Account, project: Path) -> int:
    """Validate, provision twice, find nothing and then something with drift; how often it was otherwise."""
    (project / "people.yml").write_text("contacts: [{email: ann@contoso.example, name: Ann}]\n", encoding="utf-8")
    environment = {"SWO_API_URL": account.api_url, "SWO_API_TOKEN": account.tokens["ops"]}
    wrong = 0
    for name, code, recap in (
        ("validate", 0, "changed=0"),
        ("provision", 0, "changed=1"),
        ("provision", 0, "changed=0"),
        ("drift", 0, "changed=0"),
        ("drift", 2, "failed=1"),
    ):
        if code:
            account.put(id=account.live("ann@contoso.example")[0]["id"], name="Anna")
        began = time.monotonic()
        ended, printed = play(name, project, environment, "-e", "swo_contacts_src=people.yml")
        is_right = ended == code and recap in printed
        wrong += not is_right
        print(f"{'ok' if is_right else 'FAILED'} {name}: code {ended} ({time.monotonic() - began:.0f} s)", flush=True)
        print("" if is_right else printed[-4000:], end="")
    names = [contact["name"] for contact in account.live("ann@contoso.example")]
    return wrong + (names != ["Anna"])


def main() -> int:
    check.prepare()
    if missing():
        print(missing())
        return SKIPPED
    prepare()
    began = time.monotonic()
    build_base()
    build()
    print(f"ok {IMAGE} ({time.monotonic() - began:.0f} s)", flush=True)
    project = STATE / "project"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir()
    with simulator(STATE / "simulator.log") as account:
        return int(go_through(account, project) > 0)


if __name__ == "__main__":
    sys.exit(main())
