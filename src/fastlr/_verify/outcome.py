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
    #: What else the report says.
    note: str | None = None

    def compare(
        self,
        ours: Any,
        theirs: npt.NDArray[Any],
        steps: Any,
        what: str,
        *,
        signed_zeros: bool = False,
    ) -> None:
        """Count the rates that differ. A zero may have either sign, unless `signed_zeros`.

        TensorFlow caches constants by value, so that -0.0 may become 0.0, and a weight that was
        trained with a rate of -0.0 does not tell.

        A list of Python floats must hold the very values, without a rounding of their own.
        """
        if isinstance(ours, list):
            ours, theirs = np.array(ours, np.float64), theirs.astype(np.float64)
        zero = -0.0 if signed_zeros else 0.0  # x + -0.0 is x, and -0.0 + 0.0 is 0.0
        indices = different(ours + zero, theirs + zero)
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
