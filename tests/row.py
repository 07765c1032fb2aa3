"""What a row of the registry is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt
from hypothesis import strategies as st

Config = dict[str, Any]

#: Any rate.
RATES = st.one_of(
    st.floats(1e-8, 10),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.integers(-5, 5),
)


@dataclass(frozen=True)
class Row:
    """How the suites exercise one schedule."""

    class_name: str
    #: Configurations in every regime, the awkward ones above all. Parts of a composition are the
    #: dicts of `fastlr.serialize`, which `from_config` of any copy of the package takes.
    configs: list[Config]
    #: Any valid configuration.
    random: st.SearchStrategy[Config]
    #: The steps at and around which a configuration changes its behaviour.
    landmarks: Callable[[Config], list[float]]
    #: (configuration, argument that must be named in the error, exception)
    refused: list[tuple[Config, str, type[Exception]]] = field(default_factory=list)
    #: The rates of a schedule that Keras does not have, in an execution mode.
    formula: Callable[[Config, list[Any], str], npt.NDArray[Any]] | None = None
    #: Indices of awkward configurations that the full run trains with, besides random ones.
    trained: tuple[int, ...] = ()

    @property
    def oracle(self) -> str:
        """What `expected` asks, as the counts of compared values say it."""
        return "Keras eager" if self.formula is None else "its formula in NumPy"

    def expected(
        self, config: Config, steps: list[Any], execution: str = "eager"
    ) -> npt.NDArray[Any]:
        """The rates at steps, one call for each: of Keras eagerly, or of the formula."""
        if self.formula is not None:
            return self.formula(config, steps, execution)
        from fastlr._verify import keras_oracle

        return keras_oracle.rates(keras_oracle.make(self.class_name, config), steps)

    @property
    def training(self) -> st.SearchStrategy[Config]:
        """Random configurations without subnormal rates, which were never compared in training."""
        return self.random.filter(_trains)


def _trains(config: Config) -> bool:
    rates = [config.get(name) for name in ("initial_learning_rate", "warmup_target")]
    rates += [config.get("end_learning_rate"), *config.get("values", [])]
    return all(not rate or 1e-30 < abs(rate) < 1e30 for rate in rates)
