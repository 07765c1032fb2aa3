"""Train with warmup, a constant rate and a cooldown (WSD), and continue from a saved model.

Keras has no such schedule. `TableSchedule` trains with any schedule of fastlr, and models save it.
The optimizer's step count is all that a schedule needs to continue at the right rate.
"""

import keras
import numpy as np

import fastlr
from fastlr.keras import LearningRateLogger, TableSchedule

EPOCHS, STEPS_PER_EPOCH = 6, 10

schedule = fastlr.recipes.warmup_stable_decay(0.1, warmup_steps=5, stable_steps=35, decay_steps=20)
total_steps = EPOCHS * STEPS_PER_EPOCH

keras.utils.set_random_seed(1)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD(TableSchedule(schedule, total_steps + 1))
model.compile(optimizer=optimizer, loss="mse")

x = np.random.default_rng(1).normal(size=(32 * STEPS_PER_EPOCH, 4)).astype("float32")
y = x.sum(axis=1)


def train(model, first, last):
    """Train, and print the rate of each epoch's last batch."""
    history = model.fit(
        x, y, epochs=last, initial_epoch=first, callbacks=[LearningRateLogger()], verbose=0
    ).history
    for epoch, rate in enumerate(history["lr"]):
        print(f"epoch {first + epoch + 1}  rate {rate:.6f}  loss {history['loss'][epoch]:.6f}")


train(model, 0, 3)
model.save("half.keras")

model = keras.models.load_model("half.keras")
print(f"resumed at step {int(model.optimizer.iterations)} of {total_steps}")
train(model, 3, EPOCHS)
