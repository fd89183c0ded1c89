"""The container, the compose file and the manifests: linted, in agreement with each other, and without a secret."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from compose_spec import ComposeSpecification

from deploy.serve import TEMPLATE, end, free_ports
from mbgd.ui.frame.menu import PAGES
from tests.browser.app import ROOT, wait_for
from tests.protocol.client import Client
from tests.protocol.test_bursts import run

DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
KUSTOMIZATION = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text(encoding="utf-8"))
MANIFESTS = [
    manifest
    for name in KUSTOMIZATION["resources"]
    for manifest in yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8"))
]
NAMES = [f"{manifest['kind']} {manifest['metadata']['name']}" for manifest in MANIFESTS]


def manifest(name: str) -> dict:
    """The manifest of a kind and a name."""
    return MANIFESTS[NAMES.index(name)]


def container(name: str) -> dict:
    """The only container of a workload."""
    (found,) = manifest(name)["spec"]["template"]["spec"]["containers"]
    return found


def environment(name: str) -> dict:
    """What a workload's container finds in its environment: values, and where they come from."""
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container(name)["env"]}


def servers(text: str) -> list[str]:
    """The names of the servers between which nginx chooses."""
    return re.findall(r"server ([\w.-]+):8501 resolve", text)


def test_the_container_file_has_no_fault_that_hadolint_knows():
    found = subprocess.run(
        ["hadolint", "-f", "json", str(DEPLOY / "Dockerfile")],
        capture_output=True,
        text=True,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )
    assert json.loads(found.stdout) == []
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", DOCKERFILE, flags=re.MULTILINE)
    assert "OPENBLAS_NUM_THREADS=1" in DOCKERFILE


def test_the_compose_file_is_one_and_its_servers_are_those_that_nginx_chooses_between():
    ComposeSpecification.model_validate({name: part for name, part in COMPOSE.items() if not name.startswith("x-")})
    nginx = COMPOSE["services"]["nginx"]
    names = [name for name in COMPOSE["services"] if name != "nginx"]
    assert len(names) >= 3
    assert servers(nginx["environment"]["UPSTREAM"]) == names == nginx["depends_on"]
    assert all(service["read_only"] for service in COMPOSE["services"].values())


@pytest.mark.parametrize("name", NAMES)
def test_a_manifest_is_one_of_its_kind(name):
    kubernetes_validate.validate(manifest(name), kubernetes_validate.latest_version(), strict=True)


def test_nginx_names_as_many_servers_as_the_autoscaler_may_start():
    most = manifest("HorizontalPodAutoscaler mbgd")["spec"]["maxReplicas"]
    found = servers(environment("Deployment nginx")["UPSTREAM"])
    assert found == [f"mbgd-{number}.mbgd.mbgd.svc.cluster.local" for number in range(most)]
    assert manifest("StatefulSet mbgd")["spec"]["serviceName"] == "mbgd"


@pytest.mark.parametrize("name", ["StatefulSet mbgd", "Deployment nginx"])
def test_a_container_of_the_cluster_may_do_no_more_than_it_must(name):
    pod, own = manifest(name)["spec"]["template"]["spec"], container(name)["securityContext"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert own["readOnlyRootFilesystem"] is True
    assert own["allowPrivilegeEscalation"] is False
    assert set(container(name)["resources"]) == {"requests", "limits"}
    assert {"readinessProbe", "livenessProbe"} <= set(container(name))


def test_what_nginx_must_be_told_is_told_everywhere():
    asked = set(re.findall(r"\$\{(\w+)\}", TEMPLATE.read_text(encoding="utf-8")))
    assert set(COMPOSE["services"]["nginx"]["environment"]) == asked
    assert set(environment("Deployment nginx")) == asked
    (template,) = KUSTOMIZATION["configMapGenerator"][0]["files"]
    assert (DEPLOY / template.partition("=")[2]) == TEMPLATE


def test_no_file_holds_a_secret():
    for name in ("server1", "server2", "server3"):
        secret = COMPOSE["services"][name]["environment"]["STREAMLIT_SERVER_COOKIE_SECRET"]
        assert secret.startswith("${MBGD_COOKIE_SECRET:?")  # without it, compose refuses to start
    assert "secretKeyRef" in environment("StatefulSet mbgd")["STREAMLIT_SERVER_COOKIE_SECRET"]
    assert not any(name.startswith("Secret") for name in NAMES)


async def visited(address: str) -> list[str]:
    """The errors on all pages, in one session after the other."""
    errors = []
    for page in PAGES:
        async with Client(address, page=page.name) as client:
            errors += client.errors
            assert client.title.startswith(page.title)
    return errors


def test_the_container_holds_all_that_the_pages_need(tmp_path):
    copied = [line.split()[1] for line in DOCKERFILE.splitlines() if line.startswith("COPY")]
    for name in copied:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    (command,) = re.findall(r"^CMD (.*)$", DOCKERFILE, flags=re.MULTILINE)
    (port,) = free_ports(1)
    started = [argument.replace("8501", str(port)) for argument in json.loads(command)]
    server = subprocess.Popen(
        [sys.executable, *started[1:]],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    before = sorted(tmp_path.rglob("*"))
    try:
        wait_for(port, server)
        assert run(visited(f"http://127.0.0.1:{port}")) == []
    finally:
        end(server)
    assert sorted(tmp_path.rglob("*")) == before  # it writes nothing beside itself
