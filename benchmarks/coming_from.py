"""Compares schedules of other frameworks with the way to write them in fastlr.

    python benchmarks/coming_from.py            # prints the tables of docs/coming_from.md
    python benchmarks/coming_from.py --write    # and writes them into it

Each row is one schedule with one set of arguments. Its fastlr expression, which the page shows, is
evaluated in eager mode at every step from 0 on and compared with the framework's own code, where it
is installed, or with its published formula, computed here in float64. Frameworks that are not
installed are left out, and --write keeps what the page says of them.
"""

from __future__ import annotations

import argparse
import importlib
import math
import re
import sys
import types
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import fastlr
from fastlr import recipes

PAGE = Path(__file__).parents[1] / "docs" / "coming_from.md"
NAMES = {"np": np, "recipes": recipes, **{name: getattr(fastlr, name) for name in fastlr.__all__}}

Rates = Callable[[int], Iterable[Any]]


@dataclass(frozen=True)
class Row:
    """One schedule of a framework."""

    theirs: str
    ours: str
    rates: Rates
    """The framework's rates of the first steps, as many as asked for."""
    steps: int = 1101

    def difference(self) -> tuple[float, float]:
        """The largest, and its ratio to the largest rate."""
        schedule = eval(self.ours, dict(NAMES))
        theirs = np.array([float(rate) for rate in self.rates(self.steps)], np.float64)
        assert theirs.shape == (self.steps,), self.theirs
        largest = np.abs(schedule.table(self.steps) - theirs).max()
        return float(largest), float(largest / np.abs(theirs).max())


# ---- optax --------------------------------------------------------------------------------------


def optax_rows() -> list[Row]:
    import optax

    def of(name: str, /, *arguments: Any, **keywords: Any) -> Rates:
        schedule = getattr(optax, name)(*arguments, **keywords)
        return lambda count: [schedule(step) for step in range(count)]

    warm = {"init_value": 0.0, "peak_value": 0.1, "warmup_steps": 100}
    cycles = [{**warm, "decay_steps": 400}, {**warm, "peak_value": 0.05, "decay_steps": 600}]
    parts = [optax.linear_schedule(0.0, 0.1, 100), optax.exponential_decay(0.1, 500, 0.5)]
    return [
        Row("constant_schedule(0.1)", "Constant(0.1)", of("constant_schedule", 0.1)),
        Row("linear_schedule(0.1, 0.01, 1000)",
            "PolynomialDecay(0.1, 1000, end_learning_rate=0.01)",
            of("linear_schedule", 0.1, 0.01, 1000)),
        Row("polynomial_schedule(0.1, 0.01, 2, 900, transition_begin=100)",
            "Join([Constant(0.1), PolynomialDecay(0.1, 900, end_learning_rate=0.01, power=2.0)], "
            "[100])",
            of("polynomial_schedule", 0.1, 0.01, 2, 900, transition_begin=100)),
        Row("piecewise_constant_schedule(0.1, {300: 0.5, 600: 0.2})",
            "PiecewiseConstantDecay([299, 599], [0.1, 0.05, 0.01])",
            of("piecewise_constant_schedule", 0.1, {300: 0.5, 600: 0.2})),
        Row("piecewise_interpolate_schedule('linear', 0.1, {300: 0.5, 600: 0.2})",
            "Join([PolynomialDecay(0.1, 300, end_learning_rate=0.05), "
            "PolynomialDecay(0.05, 300, end_learning_rate=0.01)], [300])",
            of("piecewise_interpolate_schedule", "linear", 0.1, {300: 0.5, 600: 0.2})),
        Row("piecewise_interpolate_schedule('cosine', 0.1, {300: 0.5, 600: 0.2})",
            "Join([CosineDecay(0.1, 300, alpha=0.5), CosineDecay(0.05, 300, alpha=0.2)], [300])",
            of("piecewise_interpolate_schedule", "cosine", 0.1, {300: 0.5, 600: 0.2})),
        Row("exponential_decay(0.1, 100, 0.5)", "ExponentialDecay(0.1, 100, 0.5)",
            of("exponential_decay", 0.1, 100, 0.5)),
        Row("exponential_decay(0.1, 100, 0.5, 50, staircase=True, end_value=0.01)",
            "Join([Constant(0.1), ExponentialDecay(0.1, 100, 0.5, staircase=True)], [50])"
            ".clipped(minimum=0.01)",
            of("exponential_decay", 0.1, 100, 0.5, 50, staircase=True, end_value=0.01)),
        Row("cosine_decay_schedule(0.1, 1000, alpha=0.1)", "CosineDecay(0.1, 1000, alpha=0.1)",
            of("cosine_decay_schedule", 0.1, 1000, alpha=0.1)),
        Row("cosine_decay_schedule(0.1, 1000, exponent=2.0)",
            "Table(np.float32(0.1 * (0.5 + 0.5 * np.cos(np.pi * np.arange(1001) / 1000)) ** 2))",
            of("cosine_decay_schedule", 0.1, 1000, exponent=2.0)),
        Row("warmup_constant_schedule(0.0, 0.1, 100)", "Constant(0.1).with_warmup(100)",
            of("warmup_constant_schedule", 0.0, 0.1, 100)),
        Row("warmup_cosine_decay_schedule(0.0, 0.1, 100, 1000, end_value=0.01)",
            "recipes.cosine_with_warmup(0.1, 1000, 100, end=0.01)",
            of("warmup_cosine_decay_schedule", 0.0, 0.1, 100, 1000, end_value=0.01)),
        Row("warmup_exponential_decay_schedule(0.0, 0.1, 100, 500, 0.5)",
            "ExponentialDecay(0.1, 500, 0.5).with_warmup(100)",
            of("warmup_exponential_decay_schedule", 0.0, 0.1, 100, 500, 0.5)),
        Row("cosine_onecycle_schedule(1000, 0.1)", "recipes.one_cycle(0.1, 1000)",
            of("cosine_onecycle_schedule", 1000, 0.1)),
        Row("linear_onecycle_schedule(1000, 0.1)",
            "Join([PolynomialDecay(0.004, 300, end_learning_rate=0.1), "
            "PolynomialDecay(0.1, 550, end_learning_rate=0.004), "
            "PolynomialDecay(0.004, 150, end_learning_rate=4e-7)], [300, 850])",
            of("linear_onecycle_schedule", 1000, 0.1)),
        Row("sgdr_schedule([dict(init_value=0, peak_value=0.1, warmup_steps=100, decay_steps=400), "
            "dict(init_value=0, peak_value=0.05, warmup_steps=100, decay_steps=600)])",
            "Join([recipes.cosine_with_warmup(0.1, 400, 100), "
            "recipes.cosine_with_warmup(0.05, 600, 100)], [400])", of("sgdr_schedule", cycles)),
        Row("join_schedules([linear_schedule(0.0, 0.1, 100), exponential_decay(0.1, 500, 0.5)], "
            "[100])",
            "Join([PolynomialDecay(0.0, 100, end_learning_rate=0.1), "
            "ExponentialDecay(0.1, 500, 0.5)], [100])", of("join_schedules", parts, [100])),
    ]  # fmt: skip


# ---- torch --------------------------------------------------------------------------------------


def stepped(make: Callable[[Any], Any]) -> Rates:
    """The rates that an optimizer of torch with the rate 0.1 has while a scheduler steps."""
    import torch

    def rates(count: int) -> Iterable[float]:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)
        scheduler = make(optimizer)
        optimizer.step()  # torch warns about schedulers that step first
        for step in range(count):
            if step:
                scheduler.step()
            yield optimizer.param_groups[0]["lr"]

    return rates


def torch_rows() -> list[Row]:
    from torch.optim import lr_scheduler

    def of(name: str, /, **keywords: Any) -> Rates:
        return stepped(lambda optimizer: getattr(lr_scheduler, name)(optimizer, **keywords))

    def warmed(optimizer: Any) -> Any:
        linear = lr_scheduler.LinearLR(optimizer, 0.01, total_iters=100)
        cosine = lr_scheduler.CosineAnnealingLR(optimizer, 900)
        return lr_scheduler.SequentialLR(optimizer, [linear, cosine], [100])

    def chained(optimizer: Any) -> Any:
        constant = lr_scheduler.ConstantLR(optimizer, 0.5, total_iters=100)
        return lr_scheduler.ChainedScheduler(
            [constant, lr_scheduler.ExponentialLR(optimizer, 0.999)]
        )

    return [
        Row("LambdaLR(lr_lambda=lambda step: 1 / (1 + step / 100))",
            "InverseTimeDecay(0.1, 100, 1.0)",
            of("LambdaLR", lr_lambda=lambda step: 1 / (1 + step / 100))),
        Row("MultiplicativeLR(lr_lambda=lambda step: 0.999)", "ExponentialDecay(0.1, 1, 0.999)",
            of("MultiplicativeLR", lr_lambda=lambda step: 0.999)),
        Row("StepLR(step_size=300, gamma=0.1)", "ExponentialDecay(0.1, 300, 0.1, staircase=True)",
            of("StepLR", step_size=300, gamma=0.1)),
        Row("MultiStepLR(milestones=[300, 800], gamma=0.1)",
            "PiecewiseConstantDecay([299, 799], [0.1, 0.01, 0.001])",
            of("MultiStepLR", milestones=[300, 800], gamma=0.1)),
        Row("ConstantLR(factor=0.5, total_iters=100)",
            "PiecewiseConstantDecay([99], [0.05, 0.1])",
            of("ConstantLR", factor=0.5, total_iters=100)),
        Row("LinearLR(start_factor=0.25, total_iters=100)",
            "PolynomialDecay(0.025, 100, end_learning_rate=0.1)",
            of("LinearLR", start_factor=0.25, total_iters=100)),
        Row("ExponentialLR(gamma=0.999)", "ExponentialDecay(0.1, 1, 0.999)",
            of("ExponentialLR", gamma=0.999)),
        Row("PolynomialLR(total_iters=1000, power=2.0)",
            "PolynomialDecay(0.1, 1000, end_learning_rate=0.0, power=2.0)",
            of("PolynomialLR", total_iters=1000, power=2.0)),
        Row("CosineAnnealingLR(T_max=1000, eta_min=0.01)", "CosineDecay(0.1, 1000, alpha=0.1)",
            of("CosineAnnealingLR", T_max=1000, eta_min=0.01), steps=1001),
        Row("CosineAnnealingWarmRestarts(T_0=100, T_mult=2, eta_min=0.01)",
            "CosineDecayRestarts(0.1, 100, t_mul=2.0, alpha=0.1)",
            of("CosineAnnealingWarmRestarts", T_0=100, T_mult=2, eta_min=0.01)),
        Row("CyclicLR(base_lr=0.01, max_lr=0.1, step_size_up=100)",
            "Join([PolynomialDecay(0.01, 100, end_learning_rate=0.1), "
            "PolynomialDecay(0.1, 100, end_learning_rate=0.01)] * 6, range(100, 1200, 100))",
            of("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=100)),
        Row("OneCycleLR(max_lr=0.1, total_steps=1000)",
            "recipes.one_cycle(0.1, 999, warmup_fraction=299 / 999)",
            of("OneCycleLR", max_lr=0.1, total_steps=1000), steps=1000),
        Row("SequentialLR([LinearLR(0.01, total_iters=100), CosineAnnealingLR(900)], [100])",
            "recipes.cosine_with_warmup(0.1, 1000, 100, start=0.001)",
            stepped(warmed), steps=1001),
        Row("ChainedScheduler([ConstantLR(0.5, total_iters=100), ExponentialLR(0.999)])",
            "Join([ExponentialDecay(0.05, 1, 0.999), ExponentialDecay(0.1, 1, 0.999)"
            ".shifted(100)], [100])", stepped(chained)),
    ]  # fmt: skip


# ---- transformers and timm ----------------------------------------------------------------------


def transformers_rows() -> list[Row]:
    from transformers import optimization

    def of(name: str, /, *arguments: Any, **keywords: Any) -> Rates:
        make = getattr(optimization, name)
        return stepped(lambda optimizer: make(optimizer, *arguments, **keywords))

    floor = {"min_lr": 0.01}
    wsd = {"num_stable_steps": 500, "min_lr_ratio": 0.1}
    stable = "recipes.warmup_stable_decay(0.1, 100, 500, 400, start=0.01, end=0.01"
    return [
        Row("get_constant_schedule()", "Constant(0.1)", of("get_constant_schedule")),
        Row("get_constant_schedule_with_warmup(100)", "Constant(0.1).with_warmup(100)",
            of("get_constant_schedule_with_warmup", 100)),
        Row("get_linear_schedule_with_warmup(100, 1000)",
            "recipes.linear_with_warmup(0.1, 1000, 100)",
            of("get_linear_schedule_with_warmup", 100, 1000)),
        Row("get_cosine_schedule_with_warmup(100, 1000)",
            "recipes.cosine_with_warmup(0.1, 1000, 100)",
            of("get_cosine_schedule_with_warmup", 100, 1000), steps=1001),
        Row("get_cosine_with_hard_restarts_schedule_with_warmup(100, 1000, num_cycles=3)",
            "Join([CosineDecayRestarts(0.1, 300, t_mul=1.0), Constant(0.0)], [900])"
            ".with_warmup(100)",
            of("get_cosine_with_hard_restarts_schedule_with_warmup", 100, 1000, num_cycles=3)),
        Row("get_cosine_with_min_lr_schedule_with_warmup(100, 1000, min_lr=0.01)",
            "recipes.cosine_with_warmup(0.1, 1000, 100, end=0.01)",
            of("get_cosine_with_min_lr_schedule_with_warmup", 100, 1000, **floor), steps=1001),
        Row("get_cosine_with_min_lr_schedule_with_warmup_lr_rate(100, 1000, min_lr=0.01)",
            "recipes.cosine_with_warmup(0.1, 1000, 100, end=0.01).shifted(1)",
            of("get_cosine_with_min_lr_schedule_with_warmup_lr_rate", 100, 1000, **floor),
            steps=1000),
        Row("get_polynomial_decay_schedule_with_warmup(100, 1000, lr_end=0.001, power=2.0)",
            "PolynomialDecay(0.1, 900, end_learning_rate=0.001, power=2.0).with_warmup(100)",
            of("get_polynomial_decay_schedule_with_warmup", 100, 1000, lr_end=0.001, power=2.0)),
        Row("get_inverse_sqrt_schedule(100)", "recipes.inverse_sqrt_with_warmup(0.1, 100)",
            of("get_inverse_sqrt_schedule", 100)),
        Row("get_inverse_sqrt_schedule(100, timescale=500)",
            "InverseSquareRootDecay(0.1, 500).with_warmup(100)",
            of("get_inverse_sqrt_schedule", 100, timescale=500)),
        Row("get_wsd_schedule(100, 400, num_stable_steps=500, min_lr_ratio=0.1)",
            f"{stable}, shape='cosine')", of("get_wsd_schedule", 100, 400, **wsd)),
        Row("get_wsd_schedule(100, 400, num_stable_steps=500, min_lr_ratio=0.1, "
            "decay_type='linear')", f"{stable})",
            of("get_wsd_schedule", 100, 400, **wsd, decay_type="linear")),
        Row("get_wsd_schedule(100, 400, num_stable_steps=500, min_lr_ratio=0.1, "
            "decay_type='1-sqrt')", f"{stable}, shape='sqrt')",
            of("get_wsd_schedule", 100, 400, **wsd, decay_type="1-sqrt")),
    ]  # fmt: skip


def timm_rows() -> list[Row]:
    # Not by `import timm`, which needs torchvision for its models.
    package = types.ModuleType("timm")
    package.__path__ = list(find_spec("timm").submodule_search_locations or [])
    sys.modules.setdefault("timm", package)
    scheduler = importlib.import_module("timm.scheduler.cosine_lr").CosineLRScheduler

    def of(**keywords: Any) -> Rates:
        import torch

        def rates(count: int) -> Iterable[float]:
            optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
            made = scheduler(optimizer, **keywords)
            for step in range(count):
                made.step(step)
                yield optimizer.param_groups[0]["lr"]

        return rates

    warm = {"lr_min": 0.01, "warmup_t": 100, "warmup_lr_init": 0.001}
    return [
        Row("CosineLRScheduler(t_initial=900, lr_min=0.01, warmup_t=100, warmup_lr_init=0.001, "
            "warmup_prefix=True)",
            "recipes.cosine_with_warmup(0.1, 1000, 100, start=0.001, end=0.01)",
            of(t_initial=900, **warm, warmup_prefix=True)),
        Row("CosineLRScheduler(t_initial=1000, lr_min=0.01, warmup_t=100, warmup_lr_init=0.001)",
            "Join([PolynomialDecay(0.001, 100, end_learning_rate=0.1), "
            "CosineDecay(0.1, 1000, alpha=0.1).shifted(100)], [100])",
            of(t_initial=1000, **warm)),
        Row("CosineLRScheduler(t_initial=100, cycle_mul=2.0, cycle_decay=0.5, cycle_limit=3)",
            "Join([CosineDecayRestarts(0.1, 100, t_mul=2.0, m_mul=0.5), Constant(0.0)], [700])",
            of(t_initial=100, cycle_mul=2.0, cycle_decay=0.5, cycle_limit=3)),
    ]  # fmt: skip


# ---- Published formulas, in float64 -------------------------------------------------------------


def formula(rate: Callable[[int], float]) -> Rates:
    return lambda count: map(rate, range(count))


def half_cosine(step: float, steps: float) -> float:
    return 0.5 * (1 + math.cos(math.pi * min(step / steps, 1)))


def nanogpt_rows() -> list[Row]:
    def rate(step: int) -> float:
        if step < 100:
            return 0.1 * (step + 1) / 101
        return 0.01 + half_cosine(step - 100, 900) * 0.09

    return [
        Row("learning_rate=0.1, warmup_iters=100, lr_decay_iters=1000, min_lr=0.01",
            "recipes.cosine_with_warmup(0.1, 1000, 100, start=0.1 / 101, end=0.01)",
            formula(rate)),
    ]  # fmt: skip


def llmc_rows() -> list[Row]:
    def rate(step: int) -> float:
        if step < 100:
            return 0.1 * (step + 1) / 100
        return 0.01 + half_cosine(step - 100, 900) * 0.09

    return [
        Row("learning_rate=0.1, warmup_iterations=100, train_num_batches=1000, "
            "final_learning_rate_frac=0.1",
            "Join([PolynomialDecay(0.0, 100, end_learning_rate=0.1).shifted(1), "
            "CosineDecay(0.1, 900, alpha=0.1)], [100])", formula(rate), steps=1001),
    ]  # fmt: skip


def megatron_rows() -> list[Row]:
    def decay(factor: Callable[[int], float]) -> Rates:
        return formula(lambda step: 0.1 * step / 100 if step <= 100 else 0.01 + 0.09 * factor(step))

    def cooldown(curve: Callable[[float], float]) -> Rates:
        return decay(lambda step: curve(min(max(step - 600, 0) / 400, 1)))

    def inverse(step: int) -> float:
        if step <= 100:
            return 0.1 * step / 100
        return max(0.01, 0.1 * math.sqrt(100 / step)) if step <= 1000 else 0.01

    stable = "recipes.warmup_stable_decay(0.1, 100, 500, 400, end=0.01"
    return [
        Row("lr_decay_style='constant'", "Constant(0.1).with_warmup(100)",
            formula(lambda step: 0.1 * min(step / 100, 1))),
        Row("lr_decay_style='linear'", "recipes.linear_with_warmup(0.1, 1000, 100, end=0.01)",
            decay(lambda step: max(0, 1 - (step - 100) / 900))),
        Row("lr_decay_style='cosine'", "recipes.cosine_with_warmup(0.1, 1000, 100, end=0.01)",
            decay(lambda step: half_cosine(step - 100, 900))),
        Row("lr_decay_style='inverse-square-root'",
            "Join([InverseSquareRootDecay(0.1, 100).clipped(minimum=0.01), Constant(0.01)], [901])"
            ".with_warmup(100)", formula(inverse)),
        Row("lr_decay_style='WSD', lr_wsd_decay_style='linear'", f"{stable})",
            cooldown(lambda done: 1 - done)),
        Row("lr_decay_style='WSD', lr_wsd_decay_style='cosine'", f"{stable}, shape='cosine')",
            cooldown(lambda done: half_cosine(done, 1))),
        Row("lr_decay_style='WSD', lr_wsd_decay_style='minus_sqrt'", f"{stable}, shape='sqrt')",
            cooldown(lambda done: 1 - math.sqrt(done))),
        Row("lr_decay_style='WSD', lr_wsd_decay_style='exponential'",
            "Join([Constant(0.1), "
            "Table(np.float32(0.01 + 0.09 * (2 * 0.5 ** np.linspace(0, 1, 401) - 1)))], [500])"
            ".with_warmup(100)", cooldown(lambda done: 2 * 0.5**done - 1)),
    ]  # fmt: skip


def model_garden_rows() -> list[Row]:
    def cosine(step: int) -> float:
        return 0.1 * half_cosine(step, 1000)

    def step_cosine(step: int) -> float:
        if step < 400:
            return 0.05 + half_cosine(step, 400) * 0.05
        return half_cosine(step - 400, 600) * 0.05

    return [
        Row("LinearWarmup(CosineDecay(0.1, 1000), 100, 0.001)",
            "Join([PolynomialDecay(0.001, 100, end_learning_rate=CosineDecay(0.1, 1000)(100)), "
            "CosineDecay(0.1, 1000).shifted(100)], [100])",
            formula(lambda s: cosine(s) if s >= 100
                    else 0.001 + s / 100 * (cosine(100) - 0.001))),
        Row("PolynomialWarmUp(0.1, 100)",
            "Join([PolynomialDecay(0.0, 100, end_learning_rate=0.1).clipped(minimum=0.001), "
            "Constant(0.1)], [100])", formula(lambda s: 0.1 * min(max(s, 1) / 100, 1))),
        Row("ExponentialDecayWithOffset(50, initial_learning_rate=0.1, decay_steps=100, "
            "decay_rate=0.5)", "ExponentialDecay(0.1, 100, 0.5).shifted(-50)",
            formula(lambda s: 0.1 * 0.5 ** ((s - 50) / 100))),
        Row("DirectPowerDecay(0.1, power=-0.5)", "InverseSquareRootDecay(0.1, 1).shifted(-1)",
            formula(lambda s: 0.1 / math.sqrt(max(s, 1)))),
        Row("PowerAndLinearDecay(0.1, 1000, power=-0.5, linear_decay_fraction=0.1)",
            "Table(np.float32(0.1 * np.maximum(np.arange(1001), 1) ** -0.5 * "
            "np.minimum(1, (1000 - np.arange(1001)) / 100)))",
            formula(lambda s: 0.1 * max(s, 1) ** -0.5 * min(max((1000 - s) / 100, 0), 1))),
        Row("StepCosineDecayWithOffset([0, 400, 1000], [0.1, 0.05, 0.0])",
            "Join([CosineDecay(0.1, 400, alpha=0.5), CosineDecay(0.05, 600)], [400])",
            formula(step_cosine)),
    ]  # fmt: skip


#: The framework's rows by its name in the page, and the package they need.
FRAMEWORKS: dict[str, tuple[str | None, Callable[[], list[Row]]]] = {
    "optax": ("optax", optax_rows),
    "PyTorch": ("torch", torch_rows),
    "transformers": ("transformers", transformers_rows),
    "timm": ("timm", timm_rows),
    "nanoGPT": (None, nanogpt_rows),
    "llm.c": (None, llmc_rows),
    "Megatron-LM": (None, megatron_rows),
    "TF Model Garden": (None, model_garden_rows),
}


def installed(package: str | None) -> bool:
    return package is None or find_spec(package) is not None


def table(name: str) -> str:
    """A framework's table, as the page has it."""
    package, rows = FRAMEWORKS[name]
    against = f"{package} {version(package)}" if package else "the published formula in float64"
    lines = [
        f"Compared with {against}.",
        "",
        f"| {name} | fastlr | largest difference | of the largest rate |",
        "|---|---|---:|---:|",
    ]
    for row in rows():
        largest, part = row.difference()
        lines.append(
            f"| `{row.theirs}` | `{row.ours}` | {rounded_up(largest)} | {rounded_up(part)} |"
        )
    return "\n".join(lines)


def rounded_up(figure: float) -> str:
    """Two digits that are not below the figure."""
    if figure == 0:
        return "0"
    exponent = math.floor(math.log10(figure)) - 1
    return f"{math.ceil(figure / 10.0**exponent) * 10.0**exponent:.1e}"


def block(name: str) -> re.Pattern[str]:
    """The part of the page that holds a framework's table."""
    begin, end = (re.escape(f"<!-- {name}: {what} -->") for what in ("begin", "end"))
    return re.compile(f"(?<={begin}\n).*?(?=\n{end})", re.DOTALL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the tables into the page")
    write = parser.parse_args().write
    page = PAGE.read_text() if write else ""
    for name, (package, _) in FRAMEWORKS.items():
        if not installed(package):
            print(f"{name}: not installed\n")
            continue
        text = table(name)
        print(f"{text}\n")
        page = block(name).sub(lambda _, text=text: text, page)
    if write:
        PAGE.write_text(page)


if __name__ == "__main__":
    main()
