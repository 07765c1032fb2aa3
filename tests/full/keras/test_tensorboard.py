"""`LearningRateLogger` beside the callback TensorBoard, which needs a package of its own."""

from __future__ import annotations

import keras
import pytest
import tensorflow as tf
from models import dense_model, fit_dense

import fastlr.keras
from fastlr.keras import LearningRateLogger


def scalars(folder, tag):
    """Values of a tag in the event files of a folder."""
    values = []
    for file in sorted(folder.glob("events*")):
        for event in tf.compat.v1.train.summary_iterator(str(file)):
            values += [
                float(tf.make_ndarray(value.tensor))
                for value in event.summary.value
                if value.tag == tag
            ]
    return values


@pytest.mark.filterwarnings("ignore:.*tf_record_iterator.*:DeprecationWarning")
def test_tensorboard(tmp_path):
    schedule = fastlr.keras.CosineDecay(0.1, 20)
    board = keras.callbacks.TensorBoard(tmp_path, update_freq=1, write_graph=False)
    model = dense_model(keras.optimizers.SGD(schedule))
    fit_dense(model, epochs=2, callbacks=[LearningRateLogger(), board])
    expected = schedule.table(12, execution="graph").tolist()
    assert scalars(tmp_path / "train", "batch_lr") == expected
    assert scalars(tmp_path / "train", "epoch_lr") == [expected[5], expected[11]]
    # What Keras writes is the rate of the step after the epoch.
    following = [schedule(6).numpy(), schedule(12).numpy()]
    assert scalars(tmp_path / "train", "epoch_learning_rate") == following
