"""fastlr for Keras: drop-in schedules, the rate of any optimizer, tables, and a logger.

Needs Keras 3; the backend is Keras's. Import it by name: ``import fastlr`` does not.

>>> import fastlr.keras
>>> schedule = fastlr.keras.CosineDecay(0.1, 1000)
>>> float(schedule(500))
0.04999999701976776
"""

from fastlr.keras._requirement import require_keras

require_keras()

from fastlr.keras.conversion import from_keras, to_keras  # noqa: E402
from fastlr.keras.logger import LearningRateLogger  # noqa: E402
from fastlr.keras.rate import learning_rate  # noqa: E402
from fastlr.keras.schedules import (  # noqa: E402
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
from fastlr.keras.table import TableSchedule  # noqa: E402

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateLogger",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "TableSchedule",
    "from_keras",
    "learning_rate",
    "to_keras",
]


def __dir__() -> list[str]:
    return __all__
