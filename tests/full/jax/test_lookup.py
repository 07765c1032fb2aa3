"""fastlr.jax.lookup: the bits of `table` wherever JAX calls it, and no leaked tracers."""

from __future__ import annotations

import copy
import functools
import os
import pickle
import runpy
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import pytest
import tensorflow as tf
from registry import ROWS

import fastlr
from fastlr.jax import Lookup, lookup

ROOT = Path(__file__).parents[3]
SCHEDULE = fastlr.CosineDecay(0.0, 30, warmup_target=0.1, warmup_steps=7)
STEPS = 41
TABLE = SCHEDULE.table(STEPS)
AROUND = np.array([-(2**31), -1, 0, 1, 7, 39, 40, 41, 42, 2**31 - 1], np.int32)
FLOAT64 = fastlr.CosineDecay(np.float64(0.1), 30)


@pytest.fixture(autouse=True)
def no_leaks():
    """As JAX_CHECK_TRACER_LEAKS=1, for these tests only."""
    with jax.checking_leaks():
        yield


@pytest.fixture
def rate():
    return lookup(SCHEDULE, STEPS)


def clamped(steps, table=TABLE):
    """The contract in NumPy, for steps that are whole numbers or are cut to them."""
    last = len(table) - 1
    return np.array([table[int(min(max(step, 0), last))] for step in np.ravel(steps).tolist()],
                    table.dtype).reshape(np.shape(steps))  # fmt: skip


def same_bits(rates, expected):
    rates, expected = np.asarray(rates), np.asarray(expected)
    assert rates.dtype == expected.dtype
    assert rates.shape == expected.shape
    assert rates.tobytes() == expected.tobytes()
    return rates.size


# ---- Values -------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_every_schedule_has_the_bits_of_its_table(row, count_compared):
    compared = 0
    for config in row.configs[:3]:
        schedule = getattr(fastlr, row.class_name).from_config(config)
        modes = ("eager", "graph", "xla") if schedule._dtype == "float32" else ("eager",)
        for execution in modes:
            looked_up = jax.jit(lookup(schedule, 50, execution=execution))
            expected = schedule.table(50, execution=execution)
            compared += same_bits(looked_up(np.arange(50)), expected)
    count_compared("fastlr.jax.lookup, jitted", compared)


@pytest.mark.parametrize(
    "wrapped", [lambda f: f, jax.jit, jax.vmap, lambda f: jax.jit(jax.vmap(f))]
)
@pytest.mark.parametrize(
    "dtype",
    ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64",
     "float16", "bfloat16", "float32", "float64"],
)  # fmt: skip
def test_steps_of_every_dtype(dtype, wrapped, rate):
    steps = np.array([0, 1, 7, 39, 40, 41, 100], np.float64)
    steps = steps if dtype.startswith(("u", "b")) else np.append(steps, [-1, -100])
    steps = steps.astype(jnp.dtype(dtype))
    same_bits(wrapped(rate)(steps), clamped(steps.astype(np.float64)))


@pytest.mark.parametrize("wrapped", [lambda f: f, jax.jit, jax.vmap])
def test_steps_outside_of_the_table(wrapped, rate):
    same_bits(wrapped(rate)(AROUND), clamped(AROUND))
    same_bits(wrapped(rate)(AROUND.reshape(2, 5)), clamped(AROUND).reshape(2, 5))
    same_bits(rate(2**31 + AROUND.astype(np.int64)), clamped(2**31 + AROUND.astype(np.int64)))
    for step in (-(10**30), -(2**40), 2**32, 2**40, 10**30):
        same_bits(rate(step), clamped(step))
    same_bits(rate(np.array([2**63, 2**64 - 1], np.uint64)), TABLE[[-1, -1]])
    same_bits(rate(np.int64(2**32)), TABLE[-1])  # whose low 32 bits are 0


@pytest.mark.parametrize("wrapped", [lambda f: f, jax.jit, jax.vmap])
def test_fractional_steps_are_cut_towards_zero(wrapped, rate):
    steps = np.array([-1e30, -np.inf, -1.5, -0.5, 0.5, 6.99, 7.0, 39.5, 40.5, 1e30, np.inf])
    steps = steps.astype(np.float32)
    with np.errstate(invalid="ignore"):
        expected = TABLE[np.clip(steps, 0, STEPS - 1).astype(int)]
    same_bits(wrapped(rate)(steps), expected)
    assert np.isnan(wrapped(rate)(np.array([np.nan, 3], np.float32))).tolist() == [True, False]
    same_bits(rate(2.7), TABLE[2])
    same_bits(rate(1e300), TABLE[-1])
    assert np.isnan(rate(float("nan")))


@pytest.mark.parametrize("wrapped", [lambda f: f, jax.jit])
def test_the_end_of_a_table_that_float32_does_not_hold(wrapped):
    length = 2**24 + 4  # the last entry is 2**24 + 3, between two float32 numbers
    rate = lookup(fastlr.PolynomialDecay(1.0, length, end_learning_rate=0.0), length)
    steps = np.array([2**24, 2**24 + 2, 2**24 + 4, 2**25], np.float32)
    table = rate.schedule.table(2**24, length)
    same_bits(wrapped(rate)(steps), table[[0, 2, 3, 3]])


def test_subnormal_and_nan_rates_are_moved_as_they_are():
    class Own(fastlr.LearningRateSchedule):
        def __call__(self, step):
            return [1e-45, float("nan"), -0.0, float("inf"), 1e-39][step]

    same_bits(jax.jit(lookup(Own(), 5))(np.arange(5)), Own().table(5))


def test_one_rate_only():
    rate = lookup(fastlr.Constant(0.5), 1)
    assert rate(AROUND).tolist() == [0.5] * len(AROUND)


# ---- Transformations ----------------------------------------------------------------------------


def test_scan(rate):
    def body(step, _):
        return step + 1, rate(step)

    last, rates = jax.jit(lambda: jax.lax.scan(body, jnp.int32(0), length=60))()
    assert last == 60
    same_bits(rates, clamped(np.arange(60)))


def test_while_loop_cond_and_remat(rate):
    def rates_until(stop):
        return jax.lax.fori_loop(
            0, stop, lambda i, rates: rates.at[i].set(rate(i)), jnp.zeros(60, jnp.float32)
        )

    same_bits(jax.jit(rates_until)(60), clamped(np.arange(60)))
    chosen = jax.jit(lambda on, step: jax.lax.cond(on, rate, lambda _: jnp.float32(0), step))
    same_bits(chosen(True, 9), TABLE[9])
    same_bits(jax.jit(jax.checkpoint(rate))(9), TABLE[9])


def test_gradients(rate):
    def loss(weight, step):
        return rate(step) * weight

    # Of other things; and of steps, on which a look-up does not depend smoothly.
    same_bits(jax.grad(loss)(2.0, 9), TABLE[9])
    same_bits(jax.jit(jax.grad(loss))(2.0, 9.5), TABLE[9])
    assert jax.grad(loss, argnums=1)(2.0, 9.5) == 0
    assert jax.jit(jax.vmap(jax.grad(rate)))(jnp.array([-1.0, 3.0, 99.0])).tolist() == [0, 0, 0]


def test_made_inside_of_a_function_that_is_traced():
    made = []

    @jax.jit
    def traced(step):
        made.append(lookup(SCHEDULE, STEPS))
        return made[-1](step)

    same_bits(traced(9), TABLE[9])
    same_bits(made[0](10), TABLE[10])
    same_bits(jax.jit(lambda step: made[0](step))(11), TABLE[11])


def test_the_table_is_a_constant_and_is_made_once(rate, monkeypatch):
    calls = []
    monkeypatch.setattr(fastlr.CosineDecay, "table", lambda *_, **__: calls.append(1))
    (constant,) = jax.make_jaxpr(rate)(3).consts
    same_bits(constant, TABLE)
    jax.jit(lambda step: 2 * rate(step))(3)
    assert calls == []


def test_tracing_happens_once_for_equal_static_arguments():
    traces = []

    @functools.partial(jax.jit, static_argnums=0)
    def at(rate, step):
        traces.append(rate)
        return rate(step)

    for _ in range(3):
        same_bits(at(lookup(SCHEDULE, STEPS), 9), TABLE[9])
    assert len(traces) == 1
    at(lookup(SCHEDULE, STEPS, execution="xla"), 9)
    assert len(traces) == 2


@pytest.mark.parametrize("platforms", [["cpu"], ["cpu", "cuda"]])
def test_exported_programs(platforms, rate):
    exported = jax.export.export(jax.jit(rate), platforms=platforms)(jnp.int32(0))
    again = jax.export.deserialize(exported.serialize())
    same_bits(again.call(jnp.int32(9)), TABLE[9])


def test_on_four_devices(count_compared):
    environment = {
        **os.environ,
        "JAX_CHECK_TRACER_LEAKS": "1",
        "XLA_FLAGS": "--xla_force_host_platform_device_count=4",
    }
    program = Path(__file__).with_name("sharded_program.py")
    done = subprocess.run(
        [sys.executable, "-W", "error", program],
        env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    compared = int(done.stdout)
    assert compared > 1000
    count_compared("fastlr.jax.lookup, sharded", compared)


# ---- optax --------------------------------------------------------------------------------------


def rates_used(optimizer, steps=50):
    """Updates of a gradient of -1."""
    update = jax.jit(optimizer.update)
    weight = jnp.float32(0)
    state = optimizer.init(weight)
    used = []
    for _ in range(steps):
        change, state = update(jnp.float32(-1), state, weight)
        used.append(change)
    return np.array(used), state


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda rate: optax.sgd(rate),
        lambda rate: optax.chain(optax.scale_by_schedule(rate), optax.scale(-1)),
        lambda rate: optax.inject_hyperparams(optax.sgd)(learning_rate=rate),
        lambda rate: optax.MultiSteps(optax.sgd(rate), 1),
        lambda rate: optax.partition({"all": optax.sgd(rate)}, "all"),
    ],
)
def test_optax_uses_the_rates_of_the_table(optimizer, rate):
    used, state = rates_used(optimizer(rate))
    same_bits(used, clamped(np.arange(50)))
    if isinstance(state, optax.InjectStatefulHyperparamsState):
        same_bits(state.hyperparams["learning_rate"], TABLE[-1])


def test_adamw_trains_as_with_a_rate_from_outside(rate):
    """The weights of `inject_hyperparams` with `schedule(step)`, set before each step."""
    inside = optax.inject_hyperparams(optax.adamw)(learning_rate=rate)
    outside = optax.inject_hyperparams(optax.adamw)(learning_rate=0.0)
    weights = [jnp.ones(3), jnp.ones(3)]
    states = [optimizer.init(jnp.ones(3)) for optimizer in (inside, outside)]
    updates = [jax.jit(optimizer.update) for optimizer in (inside, outside)]
    for step in range(50):
        states[1].hyperparams["learning_rate"] = jnp.float32(SCHEDULE(min(step, STEPS - 1)))
        for i in range(2):
            gradient = weights[i] * jnp.arange(3)
            change, states[i] = updates[i](gradient, states[i], weights[i])
            weights[i] = optax.apply_updates(weights[i], change)
    same_bits(weights[0], weights[1])
    # And the plain optimizer, in one program of all steps.
    optimizer = optax.adamw(learning_rate=rate)

    @jax.jit
    def train(weight):
        def body(carry, _):
            weight, state = carry
            change, state = optimizer.update(weight * jnp.arange(3), state, weight)
            return (optax.apply_updates(weight, change), state), None

        (weight, state), _ = jax.lax.scan(body, (weight, optimizer.init(weight)), length=50)
        return weight, optax.tree.get(state, "ScaleByScheduleState").count

    weight, count = train(jnp.ones(3))
    assert count == 50
    assert np.isfinite(weight).all()


def test_joined_and_scaled_by_optax(rate):
    joined = jax.jit(optax.join_schedules([rate, optax.constant_schedule(0.5)], [20]))
    same_bits(
        jnp.stack([joined(step) for step in (0, 19, 20)]), np.float32([TABLE[0], TABLE[19], 0.5])
    )


# ---- States of training -------------------------------------------------------------------------


class TrainState(NamedTuple):
    """As Flax's, with the schedule in it."""

    step: jax.Array
    weight: jax.Array
    optimizer: optax.OptState
    rate: Lookup


def fresh_state():
    rate = lookup(SCHEDULE, STEPS)
    weight = jnp.float32(0)
    return TrainState(jnp.int32(0), weight, optax.sgd(rate).init(weight), rate)


@functools.partial(jax.jit, donate_argnums=0)
def train_step(state):
    change, moments = optax.sgd(state.rate).update(jnp.float32(-1), state.optimizer, state.weight)
    weight = optax.apply_updates(state.weight, change)
    return state._replace(step=state.step + 1, weight=weight, optimizer=moments), change


def test_donated_states_and_checkpoints(tmp_path):
    traces = train_step._cache_size()
    state, used = fresh_state(), []
    for _ in range(20):
        state, change = train_step(state)
        used.append(change)
    (tmp_path / "state").write_bytes(pickle.dumps(jax.device_get(state)))
    donated = state
    train_step(state)
    assert donated.weight.is_deleted()

    state = jax.device_put(pickle.loads((tmp_path / "state").read_bytes()))
    assert jax.tree.structure(state) == jax.tree.structure(fresh_state())
    for _ in range(30):
        state, change = train_step(state)
        used.append(change)
    same_bits(np.array(used), clamped(np.arange(50)))
    assert train_step._cache_size() - traces <= 2  # of new states and those put back


def test_no_leaves_in_a_pytree(rate):
    assert jax.tree.leaves({"rate": rate, "step": 1}) == [1]
    _, rates = jax.lax.scan(lambda state, _: ((state[0], state[1] + 1), state[0](state[1])),
                            (rate, 0), length=STEPS)  # fmt: skip
    same_bits(rates, TABLE)


def test_the_example_continues_at_the_right_rate(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(ROOT / "examples" / "train_optax.py"), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    schedule = fastlr.recipes.cosine_with_warmup(0.1, 60, warmup_steps=10)
    expected = [f"step {step:2}  rate {schedule(step):.6f}" for step in range(0, 60, 10)]
    expected.insert(4, "resumed at step 35 of 60")
    assert [line.split("  loss")[0] for line in lines[:-1]] == expected
    assert float(lines[-2].split()[-1]) < 0.1 < float(lines[0].split()[-1])


# ---- float64 ------------------------------------------------------------------------------------


def test_float64(rate):
    with pytest.raises(ValueError, match=r"`schedule` computes in float64.*jax_enable_x64"):
        lookup(FLOAT64, STEPS)
    with jax.enable_x64(True):
        wide = lookup(FLOAT64, STEPS)
        table = FLOAT64.table(STEPS)
        for function in (wide, jax.jit(wide), jax.vmap(wide)):
            same_bits(function(AROUND), clamped(AROUND, table))
            far = AROUND.astype(np.int64) * 2**31
            same_bits(function(far), clamped(far, table))
            same_bits(function(AROUND + 0.5), clamped(AROUND + 0.5, table))
            # And float32 stays float32.
            assert jax.jit(rate)(np.int64(2**40)).dtype == np.float32
            same_bits(jax.jit(rate)(np.float64(6.999999999)), TABLE[6])
        saved = pickle.dumps(wide)
        assert pickle.loads(saved) == wide
    for use in (lambda: wide(3), lambda: jax.jit(wide)(3), lambda: pickle.loads(saved)):
        with pytest.raises(ValueError, match="jax_enable_x64"):
            use()


# ---- Values in Python ---------------------------------------------------------------------------


def test_it_is_a_value(rate):
    for again in (pickle.loads(pickle.dumps(rate)), copy.copy(rate), copy.deepcopy(rate)):
        assert again == rate
        assert hash(again) == hash(rate)
        same_bits(again(9), TABLE[9])
    others = [lookup(SCHEDULE, STEPS + 1), lookup(SCHEDULE, STEPS, execution="graph"),
              lookup(0.5 * SCHEDULE, STEPS), SCHEDULE]  # fmt: skip
    assert all(rate != other for other in others)
    assert len(pickle.dumps(lookup(SCHEDULE, 10**6))) < 1000
    assert repr(rate) == f"lookup({SCHEDULE!r}, 41)"
    assert repr(others[1]) == f"lookup({SCHEDULE!r}, 41, execution='graph')"


def test_variables_count_as_their_values(rate):
    class Variable:
        def __jax_array__(self):
            return jnp.int32(9)

    same_bits(rate(Variable()), TABLE[9])
    same_bits(jax.jit(lambda: rate(Variable()))(), TABLE[9])


# ---- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        ((0.1, 5), TypeError, r"`schedule` must be a schedule of fastlr.*float.*fastlr\.Table"),
        ((TABLE, 5), TypeError, r"(?s)`schedule` .*ndarray.*fastlr\.Table"),
        ((optax.constant_schedule(0.1), 5), TypeError, "`schedule` .*function"),
        ((SCHEDULE, None), TypeError, "`steps` must be an integer.*None"),
        ((SCHEDULE, 2.5), TypeError, r"`steps` must be an integer.*2\.5"),
        ((SCHEDULE, 0), ValueError, "`steps` must be > 0.*steps=0"),
        ((SCHEDULE, 2**31), ValueError, r"`steps` must be .*2\*\*31.*steps=2147483648"),
        ((SCHEDULE, 5, "fast"), ValueError, "`execution` must be one of.*'fast'"),
    ],
)
def test_refused_arguments(arguments, kind, says):
    schedule, steps, *execution = arguments
    with pytest.raises(kind, match=says):
        lookup(schedule, steps, **({"execution": execution[0]} if execution else {}))


@pytest.mark.parametrize(
    ("step", "received"),
    [
        (None, "NoneType"), ("3", "str"), (3j, "complex"), ([1, 2], "list"), (object(), "object"),
        (np.array(["3"]), "ndarray, dtype <U1"), (np.array([None]), "ndarray, dtype object"),
        (np.array([3j]), "ndarray, dtype complex128"), (np.int32, "type"),
        (np.array([1], ">i4" if sys.byteorder == "little" else "<i4"), "ndarray, dtype"),
    ],
)  # fmt: skip
def test_refused_steps(step, received, rate):
    with pytest.raises(TypeError, match=f"Argument `step` must be a real number.*{received}"):
        rate(step)


def test_refused_arrays_of_jax(rate):
    for step in (jnp.array([1j]), jax.random.key(0)):
        with pytest.raises(TypeError, match=r"Argument `step` must be a real number.*dtype"):
            rate(step)
        with pytest.raises(TypeError, match=r"Argument `step` must be a real number.*dtype"):
            jax.jit(rate)(step)


@pytest.mark.parametrize("schedule", [SCHEDULE, fastlr.Constant(0.1), SCHEDULE.with_warmup(5)])
@pytest.mark.parametrize(
    "traced",
    [
        lambda schedule: jax.jit(schedule)(3),
        lambda schedule: jax.jit(schedule)(3.5),
        lambda schedule: jax.vmap(schedule)(jnp.arange(3)),
        lambda schedule: jax.grad(schedule)(3.5),
        lambda schedule: jax.jit(lambda step: schedule([step, 1]))(3),
        lambda schedule: jax.jit(lambda step: schedule(step, execution="xla"))(3),
        lambda schedule: rates_used(optax.sgd(schedule)),
    ],
)
def test_plain_schedules_name_the_lookup(schedule, traced):
    with pytest.raises(TypeError, match=r"Received: type \w+. Use fastlr\.jax\.lookup\(schedule"):
        traced(schedule)


def test_plain_schedules_name_fastlr_keras():
    says = r"Received: type \w+. Use a schedule of fastlr\.keras"
    with pytest.raises(TypeError, match=says):
        tf.function(lambda step: SCHEDULE(step))(tf.constant(3))
    with pytest.raises(TypeError, match=says):
        SCHEDULE(keras.Input(()))


# ---- Importing ----------------------------------------------------------------------------------


def python(program):
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )


def test_jax_is_imported_on_request():
    done = python(
        "import sys, fastlr; assert 'jax' not in sys.modules; "
        "fastlr.jax.lookup; assert 'jax' in sys.modules and 'keras' not in sys.modules"
    )
    assert done.returncode == 0, done.stderr


def test_without_jax():
    done = python("import sys; sys.modules['jax'] = None; import fastlr; fastlr.jax")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ImportError: fastlr.jax needs JAX")
    assert done.stderr.endswith("Install it: pip install 'jax>=0.6'\n")
