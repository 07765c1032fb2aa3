"""Train with JAX and optax, with a warmup and a cosine, and continue from a checkpoint.

JAX traces the training step, so that `schedule(step)` has no number to work with there. The look-up
has the same rates, as a function that JAX can trace; optax takes it as a learning rate.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

import fastlr
from fastlr.jax import lookup

STEPS = 60

schedule = fastlr.recipes.cosine_with_warmup(0.1, STEPS, warmup_steps=10)
rate = lookup(schedule, STEPS + 1)
optimizer = optax.adamw(learning_rate=rate)


class TrainState(NamedTuple):
    """What a training step changes."""

    step: jax.Array
    weights: jax.Array
    optimizer: optax.OptState


def loss(weights, x, y):
    """Mean squared error of a linear model."""
    return jnp.mean((x @ weights - y) ** 2)


def train_step(state, x, y):
    """One step; also the rate and the loss that it had."""
    value, gradient = jax.value_and_grad(loss)(state.weights, x, y)
    updates, moments = optimizer.update(gradient, state.optimizer, state.weights)
    weights = optax.apply_updates(state.weights, updates)
    return TrainState(state.step + 1, weights, moments), (rate(state.step), value)


train_step = jax.jit(train_step, donate_argnums=0)  # its memory becomes that of the next state

x = np.random.default_rng(1).normal(size=(STEPS, 32, 4)).astype("float32")
y = x.sum(axis=2)


def new_state():
    """The state before the first step."""
    weights = jnp.zeros(4)
    return TrainState(jnp.int32(0), weights, optimizer.init(weights))


def train(state, last):
    """Train up to a step, and print every tenth."""
    for step in range(int(state.step), last):
        state, (used, value) = train_step(state, x[step], y[step])
        if step % 10 == 0:
            print(f"step {step:2}  rate {used:.6f}  loss {value:.6f}")
    return state


state = train(new_state(), 35)
np.savez("half.npz", *jax.tree.leaves(state))

with np.load("half.npz") as saved:
    state = jax.tree.unflatten(jax.tree.structure(new_state()), map(jnp.asarray, saved.values()))
print(f"resumed at step {state.step} of {STEPS}")
state = train(state, STEPS)
print(f"weights {np.round(np.asarray(state.weights), 3)}")
