"""Run in a process of its own with KERAS_BACKEND set: training as the first thing that happens.

Nothing here calls a schedule eagerly before a training step is compiled, which could leave behind
what a trace needs. Each case trains with Keras's class and with ours, and compares the weights.
"""

from __future__ import annotations

import sys

import keras
import numpy as np
from models import WeightedSum, dense_model, fit_dense, minus, weights

import fastlr.keras

BACKEND = keras.backend.backend()
CONFIGS = {
    "CosineDecay": {"initial_learning_rate": 0.01, "decay_steps": 9, "alpha": 0.1},
    "PolynomialDecay": {"initial_learning_rate": 0.1, "decay_steps": 7, "power": 0.9},
    "CosineDecayRestarts": {"initial_learning_rate": 0.1, "first_decay_steps": 3, "m_mul": 0.7},
}


def batch(rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The same rows each time."""
    rng = np.random.default_rng(rows)
    return rng.normal(size=(rows, 4)).astype("float32"), rng.normal(size=(rows, 1)).astype(
        "float32"
    )


def fit_twice(schedule):
    """Two calls of fit."""
    model = dense_model(keras.optimizers.Adam(schedule))
    fit_dense(model)
    fit_dense(model, epochs=1)
    return [model]


def short_last_batch(schedule):
    """24 rows in batches of 7: the last one has another shape."""
    model = dense_model(keras.optimizers.Adam(schedule))
    fit_dense(model, batch_size=7)
    return [model]


def two_shapes(schedule):
    """Batches of two sizes by hand."""
    model = dense_model(keras.optimizers.SGD(schedule, momentum=0.9))
    for rows in (8, 5, 8, 3):
        model.train_on_batch(*batch(rows))
    return [model]


def two_models(schedule):
    """One schedule in two optimizers."""
    models = [dense_model(keras.optimizers.SGD(schedule)) for _ in range(2)]
    for model in (*models, *models):
        fit_dense(model, epochs=1)
    return models


def logged(schedule):
    """With the logger, in two calls of fit."""
    model = dense_model(keras.optimizers.SGD(schedule))
    for _ in range(2):
        history = fit_dense(model, callbacks=[fastlr.keras.LearningRateLogger()])
        assert len(history.history["lr"]) == 2
    return [model]


def distributed(schedule):
    """Batches split over two devices."""
    devices = keras.distribution.list_devices("cpu")
    assert len(devices) >= 2, devices
    keras.distribution.set_distribution(keras.distribution.DataParallel(devices=devices[:2]))
    models = fit_twice(schedule)
    keras.distribution.set_distribution(None)
    return models


CASES = [fit_twice, short_last_batch, two_shapes, two_models, logged]


def check_tables() -> int:
    """A table trains with its own entries, in two models, with two shapes."""
    steps = 12
    table = fastlr.CosineDecay(0.1, 10).table(steps)
    for _ in range(2):
        model = keras.Sequential([keras.Input((steps,)), WeightedSum(steps)])
        schedule = fastlr.keras.TableSchedule(fastlr.CosineDecay(0.1, 10), steps)
        model.compile(keras.optimizers.SGD(schedule), minus)
        for step in range(steps):
            rows = np.eye(steps, dtype=np.float32)[[step] * (1 + step % 2)]
            model.train_on_batch(rows, np.zeros(len(rows), np.float32))
        used = keras.ops.convert_to_numpy(model.layers[-1].rates.value)
        assert used.tobytes() == table.tobytes(), (used, table)
    return 2 * steps


def check_traces() -> int:
    """Functions of JAX's own: several traces of one schedule, and of a table made in a trace."""
    import jax

    jax.config.update("jax_check_tracer_leaks", True)
    compared = 0
    for name, config in CONFIGS.items():
        ours, theirs = (
            getattr(library, name)(**config)
            for library in (fastlr.keras, keras.optimizers.schedules)
        )
        for factor in (1, 2, 3):
            pair = [jax.jit(lambda s, f=f, k=factor: k * f(s)) for f in (ours, theirs)]
            for step in (3, 4, np.float32(2.5), np.arange(3)):
                mine, keras_own = (np.asarray(function(step)) for function in pair)
                assert mine.tobytes() == keras_own.tobytes(), (name, factor, step)
                compared += mine.size
    cosine = fastlr.CosineDecay(0.1, 10)
    made = []

    def makes_a_table(step):
        made.append(fastlr.keras.TableSchedule(cosine, 20))
        return made[-1](step)

    for function in (makes_a_table, lambda step: 2 * made[0](step)):
        assert jax.jit(function)(3) in (cosine(3), 2 * cosine(3))
    return compared + 2


def main(case: str) -> None:
    compared = 0
    if case == "traces":
        compared += check_traces()
    elif case == "tables":
        compared += check_tables()
    else:
        run = globals()[case]
        for name, config in CONFIGS.items():
            # Ours first: nothing of Keras's own has been traced.
            ours, theirs = (
                [weights(model) for model in run(getattr(library, name)(**config))]
                for library in (fastlr.keras, keras.optimizers.schedules)
            )
            assert ours == theirs, (case, name)
            compared += sum(len(w) // 4 for w in ours)
    print(f"{case}: {compared} values compared")


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        main(wanted)
