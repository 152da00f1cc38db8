"""Embedding over a Ray cluster of two nodes on this machine, with faults."""

import importlib.util
import socket
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.cluster.address import parse
from ingest.cluster.driver import connection_error
from ingest.cluster.worker import Opener
from ingest.cluster.writer import ClusterRun, embed_on_cluster
from ingest.embedding import embed_missing
from kg.errors import BadRequest, ClusterError
from kg.store.catalogue import Catalogue
from search.index.base import matrix
from tests.support.clusters import (
    Killing,
    OtherName,
    OtherWeights,
    broken,
    no_model,
)
from tests.support.embedders import HashedWords
from tests.support.factories import paper, put_all
from ui.cli import main

PAPERS = 120

needs_ray = [
    pytest.mark.slow,
    pytest.mark.xdist_group("ray"),
    pytest.mark.skipif(
        importlib.util.find_spec("ray") is None, reason="Ray is not installed: the extra `ray`"
    ),
]


@pytest.fixture(scope="module")
def environment() -> Iterator[None]:
    """Keep Ray's token out of the home folder, and Ray's own home page unasked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        yield


@pytest.fixture(scope="module")
def cluster(environment: None) -> Iterator[Any]:
    """A head and a second node, each with one CPU."""
    del environment
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray's own.
        from ray.cluster_utils import Cluster

        made = Cluster(
            initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
        )
        made.add_node(num_cpus=1)
        yield made
        made.shutdown()


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "atlas.sqlite") as opened:
        put_all(opened, *map(paper, range(PAPERS)))
        yield opened


def raylet(node: Any) -> int:
    (process,) = node.all_processes["raylet"]
    return int(process.process.pid)


def on(cluster: Any, catalogue: Catalogue, opener: Opener = HashedWords, **how: Any) -> ClusterRun:
    how = {"place_timeout_s": 20.0} | how
    return embed_on_cluster(catalogue, HashedWords(), opener, cluster.address, **how)


def check_whole(catalogue: Catalogue, tmp_path: Path) -> None:
    """Every paper has one vector, the one that it gets on one machine."""
    with Catalogue(tmp_path / "other.sqlite") as other:
        put_all(other, *map(paper, range(PAPERS)))
        embed_missing(other, HashedWords())
        expected = other.vectors.all(HashedWords.model)
    found = catalogue.vectors.all(HashedWords.model)
    assert [key for key, _ in found] == [key for key, _ in expected]
    both = (matrix([vector for _, vector in one], HashedWords.dim) for one in (found, expected))
    cosines = np.multiply(*both).sum(axis=1)
    assert cosines.min() >= 0.9999


class TestOnTwoNodes:
    pytestmark = needs_ray

    def test_every_paper_gets_the_vector_of_one_machine(
        self, cluster: Any, catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        run = on(cluster, catalogue)
        assert run == ClusterRun(embedded=PAPERS, workers=2, lost=0)
        check_whole(catalogue, tmp_path)
        revision = catalogue.revision
        assert on(cluster, catalogue) == ClusterRun()  # Nothing is missing: nobody is asked.
        assert catalogue.revision == revision
        assert capfd.readouterr() == ("", "")  # Nothing of what Ray says to the terminal.

    def test_each_piece_is_committed_alone(self, cluster: Any, catalogue: Catalogue) -> None:
        before = catalogue.revision
        on(cluster, catalogue, workers=1)
        # 120 papers, 8 pieces for each worker, 16 at least: 15 a piece are too few.
        assert catalogue.revision == before + 8

    def test_a_worker_that_dies_loses_no_paper_and_doubles_none(
        self, cluster: Any, catalogue: Catalogue, tmp_path: Path
    ) -> None:
        done = tmp_path / "killed"
        run = on(cluster, catalogue, Killing(done, sparing=0, node=False))
        assert done.exists()
        assert run == ClusterRun(embedded=PAPERS, workers=2, lost=1)
        check_whole(catalogue, tmp_path)

    def test_a_node_that_dies_loses_no_paper_and_doubles_none(
        self, cluster: Any, catalogue: Catalogue, tmp_path: Path
    ) -> None:
        done = tmp_path / "killed"
        (second,) = cluster.worker_nodes
        try:
            run = on(cluster, catalogue, Killing(done, raylet(cluster.head_node), node=True))
        finally:
            cluster.remove_node(second, allow_graceful=False)
            cluster.add_node(num_cpus=1)
        assert done.exists()
        assert run.embedded == PAPERS
        assert run.lost >= 1
        check_whole(catalogue, tmp_path)

    @pytest.mark.parametrize(
        ("opener", "words"),
        [
            (OtherName, "has another model: it has hashed-words-0a1b2c3d, not hashed-words"),
            (OtherWeights, "has another model: its hashed-words gives other vectors"),
            (no_model, "there is no model folder there"),
            (broken, "workers die at their start"),
        ],
    )
    def test_a_cluster_without_the_model_is_refused_in_one_line(
        self, cluster: Any, catalogue: Catalogue, opener: Opener, words: str
    ) -> None:
        with pytest.raises(ClusterError) as caught:
            on(cluster, catalogue, opener)
        assert words in str(caught.value)
        assert caught.value.mend or opener is no_model
        assert catalogue.vectors.all(HashedWords.model) == []

    def test_a_cluster_whose_cpus_are_taken_is_told_of(
        self, cluster: Any, catalogue: Catalogue
    ) -> None:
        import ray

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ray.init(cluster.address, log_to_driver=False, logging_level="ERROR")
            try:
                holding = ray.remote(_Nothing).options(num_cpus=1)
                taken = [holding.remote() for _ in range(2)]
                ray.get([one.__ray_ready__.remote() for one in taken])
                with pytest.raises(ClusterError, match="no worker is left on the cluster"):
                    on(cluster, catalogue, place_timeout_s=2.0)
            finally:
                ray.shutdown()

    @pytest.mark.model
    def test_the_command_embeds_with_the_real_model(
        self,
        cluster: Any,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        for name in ("here", "there"):
            with Catalogue(tmp_path / name / "atlas.sqlite") as catalogue:
                put_all(catalogue, *map(paper, range(20)))
        monkeypatch.setenv("LFM_HOME", str(tmp_path / "here"))
        assert main.main(["embed"]) == 0
        monkeypatch.setenv("LFM_HOME", str(tmp_path / "there"))
        assert main.main(["embed", "--ray", cluster.address, "--workers", "2"]) == 0
        assert capsys.readouterr().out.splitlines() == [
            "20 embedded; 20 of 20 papers indexed",
            "20 embedded by 2 workers of the cluster; 20 of 20 papers indexed",
        ]
        vectors = []
        for name in ("here", "there"):
            with Catalogue(tmp_path / name / "atlas.sqlite") as catalogue:
                rows = catalogue.vectors.all("all-MiniLM-L6-v2")
                vectors.append(matrix([vector for _, vector in rows], 384))
        assert np.multiply(*vectors).sum(axis=1).min() >= 0.9999


class _Nothing:
    pass


class TestWithoutACluster:
    def test_without_ray_the_line_says_how_to_install_it(
        self, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(__import__("sys").modules, "ray", None)
        with pytest.raises(ClusterError) as caught:
            embed_on_cluster(catalogue, HashedWords(), HashedWords, "local")
        assert str(caught.value) == "Ray is not installed: pip install 'lfm-atlas[ray]'"

    @pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
    def test_an_address_where_nobody_listens_is_told_of(self, catalogue: Catalogue) -> None:
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))  # Bound, so that nobody else listens there.
            address = f"127.0.0.1:{held.getsockname()[1]}"
            with pytest.raises(ClusterError, match="cannot be reached") as caught:
                embed_on_cluster(catalogue, HashedWords(), HashedWords, address)
        assert address in str(caught.value)

    @pytest.mark.slow
    @pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
    def test_a_port_of_something_else_is_told_of(self, catalogue: Catalogue) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            address = f"127.0.0.1:{other.getsockname()[1]}"
            with pytest.raises(ClusterError, match=f"{address} cannot be reached .no answer"):
                embed_on_cluster(catalogue, HashedWords(), HashedWords, address)

    @pytest.mark.parametrize(
        "address", ["", "nonsense", "host:0", "host:65536", "host:port", "ray://host:10001"]
    )
    def test_what_is_no_address_is_refused(self, address: str) -> None:
        with pytest.raises(BadRequest) as caught:
            parse(address)
        assert caught.value.mend

    def test_other_versions_are_named_in_one_line(self) -> None:
        text = (
            "Version mismatch: The cluster was started with:\n    Ray: 2.60.0\n    Python: 3.11.7\n"
            "This process on node 10.0.0.1 was started with:\n    Ray: 2.59.0\n    Python: 3.12.1\n"
        )
        assert str(connection_error("10.0.0.1:6379", RuntimeError(text))) == (
            "the cluster at 10.0.0.1:6379 runs Ray 2.60.0 on Python 3.11.7, and this machine"
            " Ray 2.59.0 on Python 3.12.1: install the same versions on both"
        )

    @pytest.mark.parametrize(
        "arguments", [("--workers", "2"), ("--ray", "local", "--workers", "0"), ("--ray", "x")]
    )
    def test_bad_usage_of_the_command_is_a_line(
        self,
        arguments: tuple[str, ...],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("LFM_HOME", str(tmp_path))
        Catalogue(tmp_path / "atlas.sqlite").close()
        assert main.main(["embed", *arguments]) == 2
        assert capsys.readouterr().err.count("\n") == 1
