"""Run in a process of its own, on four devices that XLA makes of a processor, looking for leaks."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as Split

import fastlr
import fastlr.jax

assert jax.device_count() == 4
assert jax.config.jax_check_tracer_leaks

STEPS = 40
schedule = fastlr.recipes.cosine_with_warmup(0.1, 32, 8)
table = schedule.table(STEPS)
rate = fastlr.jax.lookup(schedule, STEPS)
steps = np.arange(-4, 60, dtype=np.int32)
expected = table[np.clip(steps, 0, STEPS - 1)]
compared = 0


def compare(rates, wanted=expected):
    """Bit by bit."""
    global compared
    rates = np.asarray(rates)
    assert rates.dtype == wanted.dtype
    assert rates.tobytes() == wanted.tobytes()
    compared += rates.size


# Steps split over the devices, by the compiler and in the types of arrays.
for kind in (AxisType.Auto, AxisType.Explicit):
    mesh = jax.make_mesh((4,), ("x",), axis_types=(kind,))
    split = jax.device_put(steps, NamedSharding(mesh, Split("x")))
    for function in (rate, jax.jit(rate), jax.jit(jax.vmap(rate)), jax.vmap(rate)):
        rates = function(split)
        assert rates.sharding.is_equivalent_to(split.sharding, 1)
        compare(rates)
        with jax.set_mesh(mesh):
            compare(function(split))
    each = jax.jit(jax.shard_map(rate, mesh=mesh, in_specs=Split("x"), out_specs=Split("x")))
    compare(each(split))
compare(jax.pmap(rate)(steps.reshape(4, -1)), expected.reshape(4, -1))

# A step on another device than the table.
compare(rate(jax.device_put(steps, jax.devices()[3])))

# Training with a batch that is split, and a state that all devices have, which is donated.
optimizer = optax.sgd(rate)
mesh = jax.make_mesh((4,), ("x",), axis_types=(AxisType.Auto,))


@functools.partial(jax.jit, donate_argnums=0)
def train_step(state, batch):
    weight, moments = state
    gradient = jax.grad(lambda weight: jnp.mean(batch * weight))(weight)
    updates, moments = optimizer.update(gradient, moments, weight)
    return (optax.apply_updates(weight, updates), moments), -updates


weight = jnp.float32(0)
state = jax.device_put((weight, optimizer.init(weight)), NamedSharding(mesh, Split()))
batch = jax.device_put(jnp.ones(8), NamedSharding(mesh, Split("x")))
used = []
for _ in range(STEPS + 5):
    # Each step is awaited: four devices on two processors wait for each other forever otherwise.
    state, update = jax.block_until_ready(train_step(state, batch))
    used.append(update)
compare(np.array(used), table[np.minimum(np.arange(STEPS + 5), STEPS - 1)])

print(compared)
