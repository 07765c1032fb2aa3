"""fastlr.torch.ScheduleLR sets the rates of the schedule, in every way that PyTorch trains."""

from __future__ import annotations

import copy
import io
import pickle
import runpy
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import torch
from registry import ROWS
from torch.optim.lr_scheduler import (
    ChainedScheduler,
    ExponentialLR,
    LambdaLR,
    LRScheduler,
    SequentialLR,
)

import fastlr
import fastlr.keras
from fastlr.torch import ScheduleLR

COSINE = fastlr.CosineDecay(0.1, 1000)
WARM = fastlr.recipes.cosine_with_warmup(0.3, 50, 10)
EXAMPLE = Path(__file__).parents[3] / "examples/train_torch_resume.py"


class Halving(fastlr.LearningRateSchedule):
    """A user's own, which returns a NumPy number."""

    def __init__(self, counts=None):
        self.counts = [] if counts is None else counts

    def __call__(self, step):
        self.counts.append(step)
        return np.float32(0.5) ** np.float32(step)


class Returning(fastlr.LearningRateSchedule):
    def __init__(self, rate):
        self.rate = rate

    def __call__(self, step):
        return self.rate


def parameter():
    return torch.nn.Parameter(torch.ones(3))


def optimizer_of(groups=1, kind=torch.optim.SGD, **options):
    return kind([{"params": [parameter()]} for _ in range(groups)], **options)


def rates(optimizer):
    return [float(group["lr"]) for group in optimizer.param_groups]


def train(optimizer, scheduler, steps):
    """The rates that each of so many steps is taken with."""
    seen = []
    for _ in range(steps):
        for group in optimizer.param_groups:
            for weight in group["params"]:
                weight.grad = torch.ones_like(weight)
        seen.append(rates(optimizer))
        assert [float(rate) for rate in scheduler.get_last_lr()] == seen[-1]
        optimizer.step()
        scheduler.step()
    return seen


def of(schedule, steps):
    return [[schedule(step)] for step in steps]


def reloaded(state):
    """What a file gives back that nobody has to trust."""
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


# ---- Rates --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_rates_are_those_of_the_schedule(name):
    for config in ROWS[name].configs:
        schedule = getattr(fastlr, name).from_config(config)
        optimizer = optimizer_of()
        scheduler = ScheduleLR(optimizer, schedule)
        assert isinstance(scheduler, LRScheduler)
        np.testing.assert_array_equal(train(optimizer, scheduler, 12), of(schedule, range(12)))


@pytest.mark.parametrize("schedule", [WARM, 0.5 * WARM.shifted(3), WARM.clipped(minimum=0.01)])
def test_compositions(schedule):
    optimizer = optimizer_of(kind=torch.optim.AdamW)
    assert train(optimizer, ScheduleLR(optimizer, schedule), 60) == of(schedule, range(60))


def test_a_schedule_of_ones_own():
    optimizer = optimizer_of()
    scheduler = ScheduleLR(optimizer, Halving())
    assert train(optimizer, scheduler, 4) == [[1.0], [0.5], [0.25], [0.125]]
    assert reloaded(scheduler.state_dict()) == scheduler.state_dict()


@pytest.mark.parametrize("rate", [torch.tensor(0.25), np.array(0.25), np.float16(0.25), 0.25])
def test_whatever_number_it_returns(rate):
    optimizer = optimizer_of()
    scheduler = ScheduleLR(optimizer, Returning(rate))
    assert [type(rate) for rate in scheduler.get_last_lr()] == [float]
    assert train(optimizer, scheduler, 2) == [[0.25]] * 2


@pytest.mark.parametrize("rate", [None, "0.1", 0.1j, [0.1], torch.ones(1)])
def test_it_must_return_a_number(rate):
    with pytest.raises(TypeError, match=r"Returning\.__call__ must return a number"):
        ScheduleLR(optimizer_of(), Returning(rate))


def test_float64():
    schedule = fastlr.CosineDecay(np.float64(0.1), 1000)
    optimizer = optimizer_of()
    assert train(optimizer, ScheduleLR(optimizer, schedule), 5) == of(schedule, range(5))


def test_the_rate_of_the_optimizer_has_no_influence():
    optimizer = optimizer_of(lr=7.0)
    assert train(optimizer, ScheduleLR(optimizer, COSINE), 3) == of(COSINE, range(3))


# ---- Parameter groups ---------------------------------------------------------------------------


def test_one_schedule_for_all_groups():
    optimizer = optimizer_of(2)
    scheduler = ScheduleLR(optimizer, WARM)
    assert train(optimizer, scheduler, 15) == [[WARM(step)] * 2 for step in range(15)]


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_schedule_for_each_group(kind):
    optimizer = optimizer_of(2)
    scheduler = ScheduleLR(optimizer, kind([WARM, COSINE]))
    assert train(optimizer, scheduler, 15) == [[WARM(step), COSINE(step)] for step in range(15)]


def test_a_group_added_later_has_the_schedule():
    optimizer = optimizer_of()
    scheduler = ScheduleLR(optimizer, WARM)
    train(optimizer, scheduler, 5)
    optimizer.add_param_group({"params": [parameter()], "lr": 9.0})
    assert rates(optimizer) == [WARM(5), 9.0]
    optimizer.step()
    scheduler.step()
    assert train(optimizer, scheduler, 4) == [[WARM(step)] * 2 for step in range(6, 10)]


def test_a_group_added_later_needs_a_schedule_of_its_own():
    optimizer = optimizer_of(2)
    scheduler = ScheduleLR(optimizer, [WARM, COSINE])
    train(optimizer, scheduler, 5)
    optimizer.add_param_group({"params": [parameter()]})
    optimizer.step()
    with pytest.raises(ValueError, match=r"2 schedules for 3 parameter groups.*last_epoch - 1"):
        scheduler.step()
    schedules = [WARM, COSINE, fastlr.Constant(0.5)]
    scheduler = ScheduleLR(optimizer, schedules, last_epoch=scheduler.last_epoch - 1)
    assert train(optimizer, scheduler, 3) == [
        [schedule(step) for schedule in schedules] for step in (6, 7, 8)
    ]


# ---- Going on -----------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", [WARM, [WARM, COSINE]])
def test_resuming_gives_the_same_rates(schedule):
    def new_training():
        optimizer = optimizer_of(2, torch.optim.Adam)
        return optimizer, ScheduleLR(optimizer, schedule)

    expected = train(*new_training(), 40)
    first = new_training()
    assert train(*first, 25) == expected[:25]
    states = reloaded([part.state_dict() for part in first])

    for steps_before in (0, 3):  # loaded into what has been trained, too
        second = new_training()
        train(*second, steps_before)
        for part, state in zip(second, states, strict=True):
            part.load_state_dict(state)
        assert second[1].get_last_lr() == rates(second[0]) == expected[25]
        assert train(*second, 15) == expected[25:]


def test_going_back_to_an_earlier_state():
    optimizer = optimizer_of()
    scheduler = ScheduleLR(optimizer, WARM)
    train(optimizer, scheduler, 5)
    earlier = scheduler.state_dict()
    train(optimizer, scheduler, 10)
    scheduler.load_state_dict(earlier)
    assert scheduler.last_epoch == 5
    assert scheduler.get_last_lr() == [WARM(5)]
    optimizer.step()
    scheduler.step()
    assert rates(optimizer) == [WARM(6)]


def test_the_state_is_plain():
    optimizer = optimizer_of(2)
    scheduler = ScheduleLR(optimizer, [WARM, Halving()])
    train(optimizer, scheduler, 3)
    state = scheduler.state_dict()
    plain = LambdaLR(optimizer_of(), WARM).state_dict().keys() - {"lr_lambdas"}
    assert state.keys() == plain
    assert (state["last_epoch"], state["_last_lr"]) == (3, [WARM(3), 0.125])
    assert reloaded(state) == state


def test_last_epoch_of_a_new_optimizer():
    calls = []
    optimizer = optimizer_of()
    scheduler = ScheduleLR(optimizer, Halving(calls), last_epoch=999_999)
    assert (scheduler.last_epoch, calls) == (1_000_000, [1_000_000])
    optimizer = optimizer_of()
    scheduler = ScheduleLR(optimizer, WARM, last_epoch=19)
    assert train(optimizer, scheduler, 5) == of(WARM, range(20, 25))


def test_a_jump_costs_one_call():
    calls = []
    optimizer = optimizer_of(2)
    scheduler = ScheduleLR(optimizer, Halving(calls))
    optimizer.step()
    calls.clear()
    with pytest.warns(UserWarning, match="epoch parameter"):
        scheduler.step(1_000_000)
    assert calls == [1_000_000]
    optimizer.step()
    scheduler.step()
    assert calls == [1_000_000, 1_000_001]


@pytest.mark.parametrize("step", [0, 7, 49, 10**6, 2**40])
def test_jumps(step):
    optimizer = optimizer_of()
    scheduler = ScheduleLR(optimizer, WARM)
    optimizer.step()
    with pytest.warns(UserWarning, match="epoch parameter"):
        scheduler.step(step)
    assert scheduler.last_epoch == step
    assert rates(optimizer) == scheduler.get_last_lr() == scheduler.get_lr() == [WARM(step)]
    assert train(optimizer, scheduler, 2) == of(WARM, (step, step + 1))


@pytest.mark.parametrize(
    "copied",
    [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))],
    ids=["copy", "pickle"],
)
@pytest.mark.parametrize("schedule", [WARM, [WARM, COSINE]])
def test_copies_go_on_by_themselves(copied, schedule):
    optimizer = optimizer_of(2)
    scheduler = ScheduleLR(optimizer, schedule)
    train(optimizer, scheduler, 5)
    other = copied(scheduler)
    assert other.optimizer is not optimizer
    ahead = train(other.optimizer, other, 10)
    assert scheduler.last_epoch == 5
    assert train(optimizer, scheduler, 10) == ahead
    assert [pair[0] for pair in ahead] == [WARM(step) for step in range(5, 15)]


# ---- With other schedulers ----------------------------------------------------------------------


def test_in_sequence():
    def new_training():
        optimizer = optimizer_of()
        parts = [ScheduleLR(optimizer, schedule) for schedule in (WARM, COSINE)]
        return optimizer, SequentialLR(optimizer, [*parts, ExponentialLR(optimizer, 0.5)], [8, 12])

    expected = of(WARM, range(8)) + of(COSINE, range(4))
    training = new_training()
    seen = train(*training, 15)
    assert seen[:12] == expected
    for stop in (3, 8, 10):
        first, second = new_training(), new_training()
        assert train(*first, stop) == seen[:stop]
        states = reloaded([part.state_dict() for part in first])
        for part, state in zip(second, states, strict=True):
            part.load_state_dict(state)
        assert train(*second, 15 - stop) == seen[stop:]


def test_in_a_chain():
    optimizer = optimizer_of()
    chain = ChainedScheduler([ScheduleLR(optimizer, WARM), ExponentialLR(optimizer, 0.5)])
    expected = [[WARM(0)], *([WARM(step) * 0.5] for step in range(1, 10))]
    assert train(optimizer, chain, 10) == expected
    other = optimizer_of()
    again = ChainedScheduler([ScheduleLR(other, WARM), ExponentialLR(other, 0.5)])
    again.load_state_dict(reloaded(chain.state_dict()))
    other.load_state_dict(reloaded(optimizer.state_dict()))
    assert train(other, again, 3) == [[WARM(step) * 0.5] for step in (10, 11, 12)]


def test_lambda_lr():
    def new_training():
        optimizer = optimizer_of(lr=1.0)
        return optimizer, LambdaLR(optimizer, WARM)

    first, second = new_training(), new_training()
    assert train(*first, 7) == of(WARM, range(7))
    for part, state in zip(second, reloaded([part.state_dict() for part in first]), strict=True):
        part.load_state_dict(state)
    assert train(*second, 7) == of(WARM, range(7, 14))


# ---- Tensors ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,)])
def test_a_tensor_is_filled(shape):
    rate = torch.full(shape, 0.5)
    optimizer = optimizer_of(kind=torch.optim.Adam, lr=rate, foreach=False)
    address = optimizer.param_groups[0]["lr"].data_ptr()
    scheduler = ScheduleLR(optimizer, WARM)
    assert train(optimizer, scheduler, 20) == of(WARM, range(20))
    (group,) = optimizer.param_groups
    assert group["lr"].data_ptr() == address
    assert scheduler.get_last_lr()[0].data_ptr() != address
    state = reloaded(scheduler.state_dict())
    other = optimizer_of(kind=torch.optim.Adam, lr=torch.zeros(shape), foreach=False)
    again = ScheduleLR(other, WARM)
    again.load_state_dict(state)
    other.load_state_dict(reloaded(optimizer.state_dict()))
    assert train(other, again, 5) == of(WARM, range(20, 25))


def test_tensors_in_sequence():
    optimizer = optimizer_of(kind=torch.optim.Adam, lr=torch.tensor(0.5), foreach=False)
    (group,) = optimizer.param_groups
    address = group["lr"].data_ptr()
    parts = [ScheduleLR(optimizer, schedule) for schedule in (WARM, COSINE)]
    expected = of(WARM, range(8)) + of(COSINE, range(7))
    assert train(optimizer, SequentialLR(optimizer, parts, [8]), 15) == expected
    assert group["lr"].data_ptr() == address


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")  # PyTorch of its own
@pytest.mark.parametrize("schedule", [WARM, Halving()], ids=["composition", "ones own"])
def test_a_compiled_step(schedule):
    """As PyTorch's tutorial compiles an optimizer with its scheduler: the rate is a tensor."""
    optimizer = optimizer_of(kind=torch.optim.SGD, lr=torch.tensor(0.5), foreach=False)
    (group,) = optimizer.param_groups
    (weight,) = group["params"]
    scheduler = ScheduleLR(optimizer, schedule)
    compilations = []

    def backend(graph, inputs):
        compilations.append(graph)
        return graph.forward

    @torch.compile(backend=backend)
    def step():
        optimizer.step()
        scheduler.step()

    weight.grad = torch.ones_like(weight)
    expected = torch.ones(3)
    for number in range(30):
        step()
        expected -= torch.tensor(schedule(number))
        assert rates(optimizer) == [schedule(number + 1)]
        assert torch.equal(weight.detach(), expected)
        if number == 4:
            early = len(compilations)
    assert 0 < len(compilations) == early  # a rate that is a tensor compiles nothing again


# ---- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (0.1, r"Argument `schedule` must be .* type float.*fastlr\.Constant"),
        (None, "Argument `schedule` must be .* type NoneType"),
        (lambda step: 0.1, "Argument `schedule` must be .* type function"),
        (keras.optimizers.schedules.CosineDecay(0.1, 9), r"`schedule`.*fastlr\.keras\.from_keras"),
        (fastlr.keras.CosineDecay(0.1, 9), r"`schedule`.*fastlr\.keras\.from_keras"),
        ([COSINE, 0.1], r"Argument `schedule\[1\]` must be .* type float"),
    ],
)
def test_what_is_no_schedule(schedule, words):
    optimizer = optimizer_of(2)
    with pytest.raises(TypeError, match=words):
        ScheduleLR(optimizer, schedule)
    assert "initial_lr" not in optimizer.param_groups[0]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_wrong_number_of_schedules(count):
    with pytest.raises(ValueError, match=f"`schedule`.*{count} schedules for 2 parameter groups"):
        ScheduleLR(optimizer_of(2), [COSINE] * count)


def test_what_is_no_optimizer():
    with pytest.raises(TypeError, match="Argument `optimizer` must be a torch"):
        ScheduleLR([parameter()], COSINE)


# ---- Imports ------------------------------------------------------------------------------------


def python(program):
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )


def test_import_on_request():
    program = (
        "import sys, fastlr; assert 'torch' not in sys.modules; fastlr.torch.ScheduleLR;"
        "assert 'torch' in sys.modules"
    )
    result = python(program)
    assert result.returncode == 0, result.stderr


def test_without_torch():
    result = python("import sys; sys.modules['torch'] = None; import fastlr; import fastlr.torch")
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: fastlr.torch needs PyTorch 2.4 or later")
    assert last.endswith("Install it: pip install 'torch>=2.4'")


# ---- The example --------------------------------------------------------------------------------


def test_example(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("loss")[0].strip() for line in lines] == [
        "without a stop", "step 60  last rate 0.001098",
        "with a stop", "step 30  last rate 0.068722",
        "resumed at step 30 of 60", "step 60  last rate 0.001098",
        "same rates: True", "same weights: True",
    ]  # fmt: skip
