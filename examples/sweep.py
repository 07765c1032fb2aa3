"""Which peak rate and warmup train best? 60 schedules at once, with NumPy alone.

`fastlr.tables` has a row of rates for each schedule, so that every run of the sweep takes its own
rate at each step.
"""

import itertools

import numpy as np

import fastlr

STEPS, FEATURES, BATCH = 500, 8, 16

peaks, warmups = np.geomspace(0.001, 0.1, 15).tolist(), (5, 20, 50, 100)
runs = list(itertools.product(peaks, warmups))
schedules = [
    fastlr.recipes.cosine_with_warmup(peak, STEPS, warmup_steps=warmup) for peak, warmup in runs
]
rates = fastlr.tables(schedules, STEPS)

rng = np.random.default_rng(1)
scale = np.geomspace(0.3, 2.0, FEATURES)  # features of unlike size make a rate hard to choose
weights = np.zeros((len(runs), FEATURES))
for step in range(STEPS):
    x = scale * rng.normal(size=(BATCH, FEATURES))
    errors = weights @ x.T - (x.sum(axis=1) + rng.normal(size=BATCH))
    weights -= rates[:, step, np.newaxis] * (errors @ x) / BATCH

losses = np.mean(scale**2 * (weights - 1) ** 2, axis=1)
for run in np.argsort(losses)[:3]:
    peak, warmup = runs[run]
    print(f"peak {peak:.4f}  warmup {warmup:3}  loss {losses[run]:.5f}")
