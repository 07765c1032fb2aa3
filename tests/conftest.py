"""What all suites share."""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import pytest

_compared: dict[str, int] = {}


def pytest_configure():
    try:
        import hypothesis

        import fastlr  # noqa: F401
    except ImportError as error:
        raise pytest.UsageError(
            f"{error}. The tests run the installed package, and need tests/requirements.txt"
        ) from error
    hypothesis.settings.register_profile("fastlr", deadline=None, print_blob=True)
    hypothesis.settings.load_profile("fastlr")


@pytest.fixture(scope="session")
def count_compared():
    """Adds to the numbers of compared values that the end of the run prints."""

    def add(what: str, values: int) -> None:
        _compared[what] = _compared.get(what, 0) + values

    return add


def pytest_generate_tests(metafunc):
    """Run a test that takes `fastlr` on every backend."""
    if "fastlr" in metafunc.fixturenames:
        from backends import BACKENDS

        metafunc.parametrize("fastlr", BACKENDS, indirect=True)


@pytest.fixture
def fastlr(request):
    """The package on one backend; what a test imports is on it, too."""
    from backends import using

    with using(request.param) as package:
        yield package


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Add what a process of pytest-xdist has compared."""
    for what, values in node.workeroutput.get("compared", {}).items():
        _compared[what] = _compared.get(what, 0) + values


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["compared"] = _compared


def pytest_terminal_summary(terminalreporter):
    for what, values in _compared.items():
        terminalreporter.write_line(f"compared bit by bit, {what}: {values:,} values, 0 differ")
