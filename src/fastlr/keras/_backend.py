"""What Keras's backend decides: when operations run at once, and whether with fastlr's bits."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras
import numpy as np

from fastlr.schedules.kernel_schedule import KernelSchedule


class Backend:
    """A backend of which nothing is known: Keras's own operations do everything."""

    #: Steps that are not tensors of the backend.
    numbers: Any = (int, float, np.generic, np.ndarray)

    def runs_at_once(self) -> bool:
        """Whether operations called here are executed, rather than recorded for later."""
        return False

    def has_bits_of(self, schedule: KernelSchedule) -> bool:
        """Whether Keras's operations, executed at once, give the bits of `schedule`."""
        return False

    def tensor(self, rate: Any, dtype: str) -> Any:
        """A rate, or an array of rates, as a tensor."""
        return keras.ops.convert_to_tensor(rate, dtype=dtype)

    def outside_graphs(self) -> AbstractContextManager[Any]:
        """Where a tensor can be made that functions compiled later may share."""
        return nullcontext()

    def compiled(self, schedule: Any, jit_compile: bool) -> Any:
        """A schedule as a training step that is not run eagerly executes it."""
        return schedule


class TensorFlow(Backend):
    """Eager operations on CPU are what ``execution="eager"`` means."""

    def __init__(self) -> None:
        import tensorflow

        self._tf = tensorflow

    def runs_at_once(self) -> bool:
        """Outside of ``tf.function``."""
        return bool(self._tf.executing_eagerly())

    def has_bits_of(self, schedule: KernelSchedule) -> bool:
        """On CPU; other devices have mathematical functions of their own."""
        return all(device.device_type == "CPU" for device in self._tf.config.list_logical_devices())

    def tensor(self, rate: Any, dtype: str) -> Any:
        """Faster than ``keras.ops.convert_to_tensor``."""
        return self._tf.constant(rate, dtype)

    def outside_graphs(self) -> AbstractContextManager[Any]:
        """Lifted out of whatever function is traced."""
        context: AbstractContextManager[Any] = self._tf.init_scope()
        return context

    def compiled(self, schedule: Any, jit_compile: bool) -> Any:
        """As a function of its own."""
        return self._tf.function(schedule.__call__, jit_compile=jit_compile)


class Jax(Backend):
    """Operations on CPU have TensorFlow's bits, one by one; XLA fuses those inside a condition."""

    def __init__(self) -> None:
        import jax

        self._jax = jax

    def runs_at_once(self) -> bool:
        """Outside of ``jax.jit`` and its kin, which make a tracer of whatever is computed."""
        # Computed anew each time: an array that is kept may come from a trace that has ended.
        return not isinstance(self._jax.lax.neg(0.0), self._jax.core.Tracer)

    def has_bits_of(self, schedule: KernelSchedule) -> bool:
        """On CPU, for schedules that Keras writes without a condition, in float32."""
        return self._jax.default_backend() == "cpu" and not schedule._has_condition()

    def tensor(self, rate: Any, dtype: str) -> Any:
        """Faster than ``keras.ops.convert_to_tensor``."""
        return self._jax.numpy.asarray(np.asarray(rate, dtype))

    def outside_graphs(self) -> AbstractContextManager[Any]:
        """Computed at once, whatever is traced."""
        context: AbstractContextManager[Any] = self._jax.ensure_compile_time_eval()
        return context

    def compiled(self, schedule: Any, jit_compile: bool) -> Any:
        """As a function of its own."""
        return self._jax.jit(schedule.__call__)


class Torch(Backend):
    """Eager, with mathematical functions of its own."""

    def __init__(self) -> None:
        import torch

        self._torch = torch

    def runs_at_once(self) -> bool:
        """Outside of ``torch.compile``."""
        return not self._torch.compiler.is_compiling()


class NumPy(Backend):
    """Eager, with mathematical functions of its own; NumPy's numbers are its tensors."""

    numbers = (int, float)

    def runs_at_once(self) -> bool:
        """NumPy knows nothing else."""
        return True

    def tensor(self, rate: Any, dtype: str) -> Any:
        """A NumPy number for a number, as Keras's operations return."""
        return np.asarray(rate, dtype)[()]


_BACKENDS = {"tensorflow": TensorFlow, "jax": Jax, "torch": Torch, "numpy": NumPy}

backend: Backend = _BACKENDS.get(keras.backend.backend(), Backend)()


def number(value: Any) -> Any:
    """What ``int`` and ``float`` take, from a number, a scalar tensor or a variable."""
    if isinstance(value, keras.Variable):
        value = value.value
    # Variables of TensorFlow, among which those of a distribution strategy are no numbers.
    return value.read_value() if hasattr(value, "read_value") else value


def whole_step(step: Any) -> int | None:
    """The number in a scalar tensor or variable of integers with a value, as optimizers count."""
    if isinstance(step, keras.Variable) or keras.ops.is_tensor(step):
        tensor = number(step)
        dtype = keras.backend.standardize_dtype(tensor.dtype)
        if dtype in ("int32", "int64") and len(tensor.shape) == 0:
            try:
                return int(tensor)
            except (RuntimeError, TypeError):  # it has none: vmap of JAX and torch
                return None
    return None


def several_steps(step: Any) -> Any:
    """The steps in a sequence, or in a tensor of several with values, as an array."""
    if isinstance(step, (list, tuple, range)):
        return np.asarray(step)
    if not keras.ops.is_tensor(step) or len(step.shape) == 0:
        return None
    try:
        return np.asarray(keras.ops.convert_to_numpy(step))
    except (RuntimeError, TypeError):  # it has none: vmap of JAX and torch
        return None
