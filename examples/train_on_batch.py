"""Print the learning rate in a loop over batches.

The plain Keras program with one import changed: the schedule was imported from
keras.optimizers.schedules. docs/keras.md compares the times with those of Keras.
"""

import keras
import numpy as np

from fastlr.keras import CosineDecay

keras.utils.set_random_seed(1)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD(CosineDecay(0.0, decay_steps=6, warmup_target=0.1, warmup_steps=4))
model.compile(optimizer=optimizer, loss="mse")

batches = np.random.default_rng(1).normal(size=(10, 32, 4)).astype("float32")
for step, batch in enumerate(batches):
    rate = float(optimizer.learning_rate)
    loss = model.train_on_batch(batch, batch.sum(axis=1))
    print(f"step {step}  rate {rate:.6f}  loss {float(loss):.6f}")
