"""Ask an optimizer for its rate at step 500, and after apply_gradients.

The plain Keras program with one import changed: the schedule was imported from
keras.optimizers.schedules. Without the schedule at hand,
fastlr.keras.learning_rate(optimizer, 500) answers for any optimizer. docs/keras.md compares the
times with those of Keras.
"""

import keras
import numpy as np

from fastlr.keras import ExponentialDecay

schedule = ExponentialDecay(0.1, decay_steps=1000, decay_rate=0.5)
optimizer = keras.optimizers.Adam(schedule)
weight = keras.Variable(np.zeros(3, "float32"))

print("rate at step 500:", float(schedule(500)))
print("rate now:", float(optimizer.learning_rate))
for _ in range(3):
    optimizer.apply_gradients([(keras.ops.ones(3), weight)])
print("rate after three steps:", float(optimizer.learning_rate))
