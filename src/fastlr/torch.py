"""fastlr for PyTorch: any schedule as a learning-rate scheduler.

Needs PyTorch 2.4. Import it by name: ``import fastlr`` does not.

>>> import torch, fastlr.torch
>>> optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))])
>>> scheduler = fastlr.torch.ScheduleLR(optimizer, fastlr.CosineDecay(0.1, 1000))
>>> optimizer.param_groups[0]["lr"]
0.10000000149011612
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastlr._errors import received
from fastlr.schedules.base import LearningRateSchedule, checked_rate
from fastlr.schedules.parts import check_schedule

try:
    import torch
    from torch.optim.lr_scheduler import LRScheduler
except ImportError as error:
    raise ImportError(
        f"fastlr.torch needs PyTorch 2.4 or later, which cannot be imported ({error}). "
        "Install it: pip install 'torch>=2.4'"
    ) from error

__all__ = ["ScheduleLR"]


class ScheduleLR(LRScheduler):  # type: ignore[misc]
    """Sets the rate of an optimizer to that of a schedule, bit for bit.

    The rate is the schedule's alone: the rate that the optimizer was made with has no influence.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        Whose rates are set. A rate that is a tensor, as compiled and captured optimizers have it,
        is filled, not replaced.
    schedule : LearningRateSchedule or sequence of LearningRateSchedule
        One schedule for all parameter groups, also those that are added later, or one for each.
    last_epoch : int, default -1
        The step before the first: the optimizer's rates are set to those of step
        ``last_epoch + 1``, whichever it is, by one call of the schedule.

    Raises
    ------
    TypeError
        If an argument is not as described. ``fastlr.keras.from_keras`` makes a schedule of Keras's,
        and ``fastlr.Constant`` a number, one that can be given.
    ValueError
        If there are not as many schedules as parameter groups.

    Notes
    -----
    ``state_dict()`` is plain data, which ``torch.load(weights_only=True)`` reads. It holds the step
    and the rates, not the schedules, as `LambdaLR` does not save its functions: give the
    constructor the same ones. Save and load the state of the optimizer, too, which has its rates.

    In a `SequentialLR` each schedule begins with its own step 0. In a `ChainedScheduler` it comes
    first: each step sets the rates anew, whatever other schedulers have made of them before.

    Examples
    --------
    >>> import torch, fastlr.torch
    >>> optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))])
    >>> schedule = fastlr.CosineDecay(0.1, 1000)
    >>> scheduler = fastlr.torch.ScheduleLR(optimizer, schedule)
    >>> optimizer.step()
    >>> scheduler.step()
    >>> optimizer.param_groups[0]["lr"] == schedule(1)
    True
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        schedule: LearningRateSchedule | Sequence[LearningRateSchedule],
        last_epoch: int = -1,
    ) -> None:
        if not isinstance(optimizer, torch.optim.Optimizer):
            raise TypeError(
                "Argument `optimizer` must be a torch.optim.Optimizer. "
                f"{received('optimizer', optimizer)}"
            )
        self._schedule = _checked(schedule)
        self._check_groups(optimizer)
        # PyTorch demands it where training goes on; a schedule needs no rate to begin with.
        for group in optimizer.param_groups:
            rate = group["lr"]
            group.setdefault("initial_lr", rate.clone() if isinstance(rate, torch.Tensor) else rate)
        super().__init__(optimizer, last_epoch)

    # Traced, a schedule in Python would be compiled anew for each step, and might lose its bits.
    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def get_lr(self) -> list[float]:
        """The rates at step ``last_epoch``, for ``step``; ``get_last_lr`` has those that are set.

        Returns
        -------
        list of float
            One for each parameter group.

        Raises
        ------
        ValueError
            If parameter groups were added, and each has its own schedule.

        Examples
        --------
        >>> import torch, fastlr.torch
        >>> optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))])
        >>> fastlr.torch.ScheduleLR(optimizer, fastlr.Constant(0.5)).get_lr()
        [0.5]
        """
        step = self.last_epoch
        if isinstance(self._schedule, LearningRateSchedule):
            return [_rate(self._schedule, step)] * len(self.optimizer.param_groups)
        self._check_groups(self.optimizer)
        return [_rate(schedule, step) for schedule in self._schedule]

    def state_dict(self) -> dict[str, Any]:
        """The step, and the rates at it.

        Returns
        -------
        dict
            What ``load_state_dict`` takes.

        Examples
        --------
        >>> import torch, fastlr.torch
        >>> optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))])
        >>> fastlr.torch.ScheduleLR(optimizer, fastlr.Constant(0.5)).state_dict()["last_epoch"]
        0
        """
        state: dict[str, Any] = super().state_dict()
        del state["_schedule"]
        return state

    def _check_groups(self, optimizer: torch.optim.Optimizer) -> None:
        groups = len(optimizer.param_groups)
        if isinstance(self._schedule, list) and len(self._schedule) != groups:
            raise ValueError(
                "Argument `schedule` must have one schedule for each parameter group of the "
                f"optimizer, or be one schedule for all. Received: {len(self._schedule)} schedules "
                f"for {groups} parameter groups. Where groups were added, make another ScheduleLR, "
                "with `last_epoch=scheduler.last_epoch - 1`"
            )


def _checked(schedule: Any) -> LearningRateSchedule | list[LearningRateSchedule]:
    if isinstance(schedule, Sequence):
        for index, part in enumerate(schedule):
            check_schedule(f"`schedule[{index}]`", part)
        return list(schedule)
    check_schedule("`schedule`", schedule)
    one: LearningRateSchedule = schedule
    return one


def _rate(schedule: LearningRateSchedule, step: int) -> float:
    return float(checked_rate(schedule, schedule(step)))
