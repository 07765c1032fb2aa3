"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fastlr._verify.bits import different


@dataclass
class Outcome:
    """Values compared, how many of them are other bits, and the first of those."""

    compared: int = 0
    different: int = 0
    first_difference: str | None = None

    def compare(self, ours: Any, theirs: npt.NDArray[Any], steps: Any, what: str) -> None:
        """Count the rates that differ. A zero may have either sign.

        TensorFlow caches constants by value, so that -0.0 may become 0.0, and a weight that was
        trained with a rate of -0.0 does not tell.
        """
        ours = np.asarray(ours, theirs.dtype)
        indices = different(ours + 0, theirs + 0)
        self.compared += ours.size
        self.different += indices.size
        if indices.size and self.first_difference is None:
            at = indices[0]
            self.first_difference = (
                f"{what}: {ours[at]!r} instead of {theirs[at]!r} at step {steps[at]}"
            )

    def add_proof(self, proof: dict[str, Any], what: str) -> None:
        """Count what a proof of the core found."""
        self.compared += proof["compared"]
        self.different += proof["different"]
        if proof["different"] and self.first_difference is None:
            argument = proof["first_difference"]
            self.first_difference = f"{what} at {argument!r} ({float(argument).hex()})"
