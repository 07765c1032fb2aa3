"""The picture of a schedule of fastlr.keras."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fastlr._parameters import Execution
    from fastlr.schedules.base import LearningRateSchedule


class Drawn:
    """Adds ``plot`` to a schedule of Keras."""

    def _as_fastlr(self) -> LearningRateSchedule:
        """The fastlr schedule with the same rates; an error says why there is none."""
        raise NotImplementedError

    def plot(
        self,
        ax: Axes | None = None,
        *,
        start: int = 0,
        stop: int | None = None,
        execution: Execution = "eager",
        steps_per_epoch: float | None = None,
        log_scale: bool = False,
        label: str | None = None,
    ) -> Axes:
        """Draw the rates over the steps, with Matplotlib.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; by default the current axes.
        start, stop : int, optional
            Steps to draw, by default all in which something happens.
        execution : {"eager", "graph", "xla"}
            The Keras execution mode whose rates are drawn.
        steps_per_epoch : float, optional
            Draw over epochs of this many steps instead of over steps.
        log_scale : bool, default False
            Whether rates are on a logarithmic axis.
        label : str, optional
            Name for the legend, which is drawn, too.

        Returns
        -------
        matplotlib.axes.Axes
            The axes that were drawn on.

        Raises
        ------
        ImportError
            If Matplotlib is not installed.
        ValueError, TypeError
            If fastlr does not compute what Keras computes from this schedule's arguments, or an
            argument is not as described.

        Examples
        --------
        >>> from matplotlib.figure import Figure
        >>> ax = fastlr.keras.CosineDecay(0.1, 1000).plot(Figure().subplots())
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('step', 'learning rate')
        """
        return self._as_fastlr().plot(
            ax,
            start=start,
            stop=stop,
            execution=execution,
            steps_per_epoch=steps_per_epoch,
            log_scale=log_scale,
            label=label,
        )
