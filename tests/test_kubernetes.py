"""deploy/kubernetes, as kubectl builds it: every document matches its schema, and the documents match each other."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.urls import resolve

from common.http.middleware import PROBES
from tests.test_compose import DOCKERFILE, ROOT, SERVICES, _image_environment, _names, _tool

FOLDER = ROOT / "deploy" / "kubernetes"
PRODUCTION = FOLDER / "overlays" / "production"
README = (FOLDER / "README.md").read_text()
KUBERNETES = "1.37"
CUSTOM = {"PodMonitor"}  # from the Prometheus operator: Kubernetes has no schema for it
STORE_PORTS = {3306, 27017, 6379}
COMPONENT = "app.kubernetes.io/component"

Document = dict[str, Any]


@cache
def _secrets() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=$", (PRODUCTION / "secrets.env.example").read_text(), re.MULTILINE))


def _build(folder: Path) -> str:
    command = [_tool("kubectl"), "kustomize", str(folder)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The production overlay with every secret filled in."""
    copy = tmp_path_factory.mktemp("kubernetes") / "kubernetes"
    shutil.copytree(FOLDER, copy)
    filled = "".join(f"{name}=filled-in\n" for name in _secrets())
    (copy / "overlays" / "production" / "secrets.env").write_text(filled)
    return _build(copy / "overlays" / "production")


@pytest.fixture(scope="module")
def documents(built: str) -> list[Document]:
    return list(yaml.safe_load_all(built))


def _of_kind(documents: list[Document], kind: str) -> list[Document]:
    return [document for document in documents if document["kind"] == kind]


def _only(documents: list[Document], kind: str) -> Document:
    (document,) = _of_kind(documents, kind)
    return document


def _pods(documents: list[Document]) -> Iterator[Document]:
    """The pod template of every document that creates pods."""
    for kind in ("StatefulSet", "Job"):
        yield _only(documents, kind)["spec"]["template"]


def _container(pod: Document) -> Document:
    (container,) = pod["spec"]["containers"]
    return dict(container)


def _app(documents: list[Document]) -> Document:
    return _container(_only(documents, "StatefulSet")["spec"]["template"])


def _settings(documents: list[Document]) -> dict[str, str]:
    return dict(_only(documents, "ConfigMap")["data"])


def _mebibytes(size: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([MG])i", size).groups()  # type: ignore[union-attr]
    return int(number) * (1024 if unit == "G" else 1)


def test_every_file_is_in_its_kustomization() -> None:
    for kustomization in FOLDER.rglob("kustomization.yaml"):
        content = yaml.safe_load(kustomization.read_text())
        files = {*content["resources"], *(patch["path"] for patch in content.get("patches", []))}
        existing = {path.name for path in kustomization.parent.glob("*.yaml")} - {"kustomization.yaml"}
        assert {name for name in files if name.endswith(".yaml")} == existing, kustomization


def test_base_can_be_built_alone() -> None:
    kinds = {document["kind"] for document in yaml.safe_load_all(_build(FOLDER / "base"))}
    assert kinds >= {"StatefulSet", "Service", "Ingress", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Job"}


def test_every_document_matches_its_schema(documents: list[Document], tmp_path: Path) -> None:
    file = tmp_path / "built.yaml"
    file.write_text(yaml.safe_dump_all(document for document in documents if document["kind"] not in CUSTOM))
    command = [_tool("kubernetes-validate"), "--strict", "-k", KUBERNETES, str(file)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0, result.stdout
    assert len(re.findall("^INFO .* passed ", result.stdout, re.MULTILINE)) == len(documents) - len(CUSTOM), (
        result.stdout
    )


def test_repository_contains_no_secret() -> None:
    assert _secrets() == {"SECRET_KEY", "FACE_KEYS", "DATABASE_URL", "MONGODB_URI", "REDIS_URL"}
    assert _names((PRODUCTION / "secrets.env.example").read_text()) == _secrets()  # none has a value
    assert "/secrets.env" in (PRODUCTION / ".gitignore").read_text().splitlines()
    assert not any(_of_kind(list(yaml.safe_load_all(path.read_text())), "Secret") for path in FOLDER.rglob("*.yaml"))


def test_app_gets_only_known_settings(documents: list[Document]) -> None:
    known = _names((ROOT / ".env.example").read_text())
    assert set(_settings(documents)) <= known
    assert set(_only(documents, "Secret")["data"]) == _secrets() <= known
    assert not set(_settings(documents)) & _secrets()


def test_app_and_prepare_share_settings_and_image(documents: list[Document]) -> None:
    names = {kind: _only(documents, kind)["metadata"]["name"] for kind in ("ConfigMap", "Secret")}
    for pod in _pods(documents):
        container = _container(pod)
        assert container["envFrom"] == [
            {"configMapRef": {"name": names["ConfigMap"]}},
            {"secretRef": {"name": names["Secret"]}},
        ]
        assert re.fullmatch(r"docker\.io/example/posesmart:[0-9a-f]{12}", container["image"])
    # The name changes with the content: otherwise no pod would be replaced.
    assert all(re.fullmatch(r"posesmart-\w+-\w{10}", name) for name in names.values())
    assert len({_container(pod)["image"] for pod in _pods(documents)}) == 1


def test_prepare_command_matches_compose(documents: list[Document]) -> None:
    command = _container(_only(documents, "Job")["spec"]["template"])["command"][-1]
    assert SERVICES["prepare"]["command"][-1].startswith(f"{command} &&")


def test_every_selector_matches_only_the_app(documents: list[Document]) -> None:
    stateful, job = _pods(documents)
    labels = stateful["metadata"]["labels"]
    chosen = [
        _only(documents, "StatefulSet")["spec"]["selector"]["matchLabels"],
        _only(documents, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        _only(documents, "PodMonitor")["spec"]["selector"]["matchLabels"],
        *(service["spec"]["selector"] for service in _of_kind(documents, "Service")),
        *(spread["labelSelector"]["matchLabels"] for spread in stateful["spec"]["topologySpreadConstraints"]),
    ]
    for selector in chosen:
        assert selector.items() <= labels.items()
        assert not selector.items() <= job["metadata"]["labels"].items()


def test_ingress_leads_to_the_images_port(
    documents: list[Document],
) -> None:
    (port,) = _app(documents)["ports"]
    listens = _image_environment()["BIND"].rpartition(":")[2]
    assert str(port["containerPort"]) == listens
    assert f"\nEXPOSE {listens}\n" in DOCKERFILE
    services = {service["metadata"]["name"]: service["spec"] for service in _of_kind(documents, "Service")}
    for service in services.values():
        assert [service_port["targetPort"] for service_port in service["ports"]] == [port["name"]]
    assert services[_only(documents, "StatefulSet")["spec"]["serviceName"]]["clusterIP"] == "None"
    for path in _paths(documents):
        backend = path["backend"]["service"]
        assert backend["port"]["name"] in [named["name"] for named in services[backend["name"]]["ports"]]
    (endpoint,) = _only(documents, "PodMonitor")["spec"]["podMetricsEndpoints"]
    assert (endpoint["port"], endpoint["path"]) == (port["name"], "/metrics")


def _paths(documents: list[Document]) -> list[Document]:
    (rule,) = _only(documents, "Ingress")["spec"]["rules"]
    assert rule["host"] in _settings(documents)["ALLOWED_HOSTS"].split(",")
    assert _only(documents, "Ingress")["spec"]["tls"][0]["hosts"] == [rule["host"]]
    return list(rule["http"]["paths"])


def _is_open(path: str, documents: list[Document]) -> bool:
    """True if the ingress accepts a path."""
    return any(
        path == rule["path"] if rule["pathType"] == "Exact" else f"{path}/".startswith(f"{rule['path']}/")
        for rule in _paths(documents)
    )


def test_ingress_exposes_the_api_but_no_probes(documents: list[Document]) -> None:
    for path in ("/", "/api/detections/neck/", "/api/admin/", "/admin/", "/static/admin/css/base.css"):
        assert _is_open(path, documents), path
    for path in PROBES:
        assert not _is_open(path, documents), path


def test_ingress_limits_match_the_apps(
    documents: list[Document],
) -> None:
    annotations = _only(documents, "Ingress")["metadata"]["annotations"]
    size = int(annotations["nginx.org/client-max-body-size"].removesuffix("m"))
    assert size * 2**20 == settings.FRAME_MAX_BYTES
    assert int(annotations["nginx.org/proxy-read-timeout"].removesuffix("s")) > 30  # WORKER_TIMEOUT


def test_probe_paths_need_no_host_name(
    documents: list[Document],
) -> None:
    app = _app(documents)
    probes = {name: app[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    assert probes == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    for path in probes.values():
        assert path in PROBES
        assert resolve(path)


def test_ending_pod_finishes_its_requests(documents: list[Document]) -> None:
    pod = _only(documents, "StatefulSet")["spec"]["template"]
    pause = _container(pod)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pause >= 10
    grace = pod["spec"]["terminationGracePeriodSeconds"]
    assert grace > pause + int(_settings(documents)["GRACEFUL_TIMEOUT"])


def test_spool_is_on_a_persistent_volume(documents: list[Document]) -> None:
    stateful = _only(documents, "StatefulSet")["spec"]
    (claim,) = stateful["volumeClaimTemplates"]
    mounts = {mount["mountPath"]: mount["name"] for mount in _app(documents)["volumeMounts"]}
    assert mounts[_image_environment()["SPOOL_DIR"]] == claim["metadata"]["name"]
    assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
    assert set(stateful["persistentVolumeClaimRetentionPolicy"].values()) == {"Retain"}
    room = _mebibytes(claim["spec"]["resources"]["requests"]["storage"])
    assert room >= 1.2 * int(_settings(documents)["SPOOL_MAX_MB"])


def test_only_the_autoscaler_sets_the_pod_count(documents: list[Document]) -> None:
    scaler, stateful = _only(documents, "HorizontalPodAutoscaler")["spec"], _only(documents, "StatefulSet")
    assert scaler["scaleTargetRef"] == {
        "apiVersion": stateful["apiVersion"],
        "kind": stateful["kind"],
        "name": stateful["metadata"]["name"],
    }
    assert "replicas" not in stateful["spec"]
    # One is replaced, one is evicted, and one remains.
    assert scaler["minReplicas"] >= 3
    assert _only(documents, "PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


def test_every_pod_meets_the_restricted_standard(documents: list[Document]) -> None:
    (user,) = re.findall(r"^USER (\d+):\1$", DOCKERFILE, re.MULTILINE)
    assert _only(documents, "Namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for pod in _pods(documents):
        security = pod["spec"]["securityContext"]
        assert security["runAsNonRoot"] is True
        assert {security[name] for name in ("runAsUser", "runAsGroup", "fsGroup")} == {int(user)}
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert _container(pod)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert _container(pod)["resources"]["limits"]["memory"]


def test_network_policy_allows_only_known_traffic(documents: list[Document]) -> None:
    policies = {policy["metadata"]["name"]: policy["spec"] for policy in _of_kind(documents, "NetworkPolicy")}
    assert policies.pop("posesmart-nothing") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert set(policies) == {"posesmart-in", "posesmart-out"}
    (requests,) = policies["posesmart-in"]["ingress"]
    assert requests["ports"] == [{"protocol": "TCP", "port": _app(documents)["ports"][0]["name"]}]
    names, stores = policies["posesmart-out"]["egress"]
    assert {port["port"] for port in names["ports"]} == {53}
    assert {port["port"] for port in stores["ports"]} == STORE_PORTS
    assert all("to" in rule for rule in (names, stores))
    (expression,) = policies["posesmart-out"]["podSelector"]["matchExpressions"]
    assert {pod["metadata"]["labels"][expression["key"]] for pod in _pods(documents)} == set(expression["values"])


def test_release_prepares_before_it_replaces(documents: list[Document]) -> None:
    # The README applies the documents with these labels first, and waits for the Job.
    found = re.search(rf"-l '{COMPONENT} in \(([\w,]+)\)'", README)
    assert found
    first = [document for document in documents if document["metadata"]["labels"].get(COMPONENT) in found[1].split(",")]
    kinds = {document["kind"] for document in first}
    assert kinds == {"Namespace", "ServiceAccount", "ConfigMap", "Secret", "NetworkPolicy", "Job"}
    assert f"job/{_only(documents, 'Job')['metadata']['name']}" in README
    # Argo CD goes by the sync waves; without an annotation the wave is 0, the first.
    waves = {document["kind"]: _wave(document) for document in documents}
    assert waves["Secret"] == waves["ConfigMap"] == waves["Namespace"] == waves["NetworkPolicy"] == 0
    assert 0 < waves["Job"] < waves["StatefulSet"]


def _wave(document: Document) -> int:
    return int(document["metadata"].get("annotations", {}).get("argocd.argoproj.io/sync-wave", 0))
