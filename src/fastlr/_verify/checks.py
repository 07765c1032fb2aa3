"""The checks, as data: what is compared with what, and what cannot be compared here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from fastlr import _install
from fastlr._quiet_tensorflow import quiet_tensorflow
from fastlr._verify import backends, c_library, keras_parity
from fastlr._verify.outcome import Outcome
from fastlr.schedules.base import EXECUTIONS
from fastlr.schedules.kernel_schedule import SCHEDULES


@dataclass(frozen=True)
class Check:
    """One line of the report."""

    group: str
    what: str
    against: str
    #: About how many seconds it takes, for the progress bar.
    seconds: int
    compare: Callable[[Outcome], None]

    def run(self) -> Outcome:
        """Compare, and tell what was found."""
        outcome = Outcome()
        self.compare(outcome)
        return outcome


class LeftOut(NamedTuple):
    """What is not checked here, and why, or what would have to be installed."""

    group: str
    what: str
    why: str


def left_out(groups: tuple[str, ...]) -> list[LeftOut]:
    """Everything that is not checked for want of something."""
    found = []
    if "c-library" in groups and backends.core() is None:
        found.append(
            LeftOut("c-library", "the compiled core's cosine and powers", _install.THE_CORE)
        )
    if "c-library" in groups:
        found += _powers_left_out()
    if "backends" in groups:
        if backends.core() is None:
            found.append(LeftOut("backends", "the compiled core", _install.THE_CORE))
        if find_spec("numba") is None:
            found.append(LeftOut("backends", "the fallback", "install: pip install numba"))
    if "keras" in groups and keras_parity.missing():
        packages = " ".join(keras_parity.missing())
        found.append(LeftOut("keras", "parity with Keras", f"install: pip install {packages}"))
    return found


def _powers_left_out() -> list[LeftOut]:
    """The proofs of powers that do not run: there the kernels call the C library."""
    if c_library.library_power_is_fused():
        why = "its start-up check failed, so its kernels call the C library's powf"
    else:
        why = "the C library has another powf than the kernels copy, so they call it"
    found = [
        LeftOut("c-library", f"powf, {name}", why)
        for name, uses_its_own in c_library.power_users().items()
        if not uses_its_own()
    ]
    if backends.core() is not None and not c_library.own_powers() and not found:
        why = "this processor has only the baseline kernels, which call the C library's powf"
        found.append(LeftOut("c-library", "powf, cpp", why))
    return found


def checks(groups: tuple[str, ...], configurations: int, seed: int) -> Iterator[Check]:
    """Everything that can be checked here."""
    if "c-library" in groups:
        yield from _c_library_checks()
    if "backends" in groups and len(backends.names()) > 1:
        yield from _backend_checks(configurations, seed)
    if "keras" in groups and not keras_parity.missing():
        yield from _keras_checks(configurations, seed)


def _c_library_checks() -> Iterator[Check]:
    for name, uses_its_own in c_library.power_users().items():
        what = f"powf at start-up, {name}"
        yield _proof(what, 1, c_library.check_start_up, uses_its_own)
    core = backends.core()
    for isa in core.isas() if core else ():
        for form in c_library.COSINE_FORMS:
            what = f"cosf on [0, pi], {isa}, {form}"
            yield _proof(what, 2, c_library.prove, isa, core.prove_cosine, form, 0, np.pi)
    for isa in c_library.own_powers()[-1:]:
        of, to = core.prove_power_of, core.prove_power_to
        what = f"powf(0.96, p), p in [0, 64], {isa}"
        yield _proof(what, 5, c_library.prove, isa, of, 0.96, 0.0, 64.0)
        what = f"powf(x, 0.9), x in (0, 1], {isa}"
        yield _proof(what, 8, c_library.prove, isa, to, 0.9, 2.0**-126, 1.0)
    if find_spec("numba"):
        yield _proof("cosf on [0, pi], numba, both forms", 8, c_library.prove_numba_cosine)
        if c_library.power_users()["numba"]():
            what = "powf(x, 0.9), every 16th x in (0, 1], numba"
            yield _proof(what, 3, c_library.prove_numba_power)


def _proof(what: str, seconds: int, prove: Callable[..., dict[str, Any]], *arguments: Any) -> Check:
    def compare(outcome: Outcome) -> None:
        outcome.add_proof(prove(*arguments), what)

    return Check("c-library", what, "the C library", seconds, compare)


def _backend_checks(configurations: int, seed: int) -> Iterator[Check]:
    for at, name in enumerate(SCHEDULES):
        rng = np.random.default_rng([seed, at])
        compare = partial(backends.compare_backends, name, configurations, rng)
        yield Check("backends", name, ", ".join(backends.names()), 8, compare)


def _keras_checks(configurations: int, seed: int) -> Iterator[Check]:
    in_keras = [name for name, schedule in SCHEDULES.items() if schedule._in_keras]
    for execution, seconds in zip(EXECUTIONS, (2, 6, 8), strict=True):
        against = "Keras" if execution == "eager" else "Keras, model.fit"
        for at, name in enumerate(in_keras):
            rng = np.random.default_rng([seed, at, EXECUTIONS.index(execution)])
            compare = _with_keras(
                keras_parity.compare_with_keras, name, execution, configurations, rng
            )
            yield Check("keras", f"{name}, {execution}", against, seconds, compare)
    compare = _with_keras(keras_parity.compare_with_functions)
    yield Check("keras", "tf.function, graph", "Keras, a tf.function", 3, compare)


def _with_keras(compare: Callable[..., None], *arguments: Any) -> Callable[[Outcome], None]:
    def run(outcome: Outcome) -> None:
        keras_parity.start_keras()
        with quiet_tensorflow():
            compare(*arguments, outcome)

    return run
