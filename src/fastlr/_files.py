"""Schedules in files: what ``save`` writes, and what Keras writes of optimizers and models."""

from __future__ import annotations

import errno
import io
import json
import os
from pathlib import Path
from typing import Any

from fastlr._config_limits import LARGEST_CONFIG, check_limits
from fastlr._errors import received, shown
from fastlr._table import check_length
from fastlr.schedules.base import LearningRateSchedule
from fastlr.schedules.join import held
from fastlr.serialization import deserialize, serialize

_ZIP = b"PK"
_HDF5 = b"\x89HDF"
#: What Keras calls functions in its dicts.
_FUNCTIONS = ("function", "__lambda__")


def load(path: str | os.PathLike[str]) -> LearningRateSchedule:
    """Read the schedule in a file, also in a model that Keras saved.

    Keras is not imported, and nothing in the file is executed. At most 16 MiB are read of a file
    of JSON, and of the ``config.json`` in an archive; weights are not read.

    Parameters
    ----------
    path : str or os.PathLike
        One of

        - the JSON of a schedule, as ``schedule.save`` and Keras write it;
        - the JSON of an optimizer (``optimizer.get_config()`` or ``keras.optimizers.serialize``),
          of what a model was compiled with (``model.get_compile_config()``), or of a model
          (``model.to_json()``);
        - a ``.keras`` archive.

        Files of Keras 3 and of tf_keras are read.

    Returns
    -------
    LearningRateSchedule
        The schedule of the optimizer; a `Constant` where its rate is a number. A
        ``fastlr.keras.TableSchedule`` gives its schedule, which holds the last rate of the table
        from there on (a `Join`), and one that was made from an array gives a `Table`. Float64
        schedules are not marked in files, so what is read computes in float32.

    Raises
    ------
    ValueError
        If the file holds something else, saying what: a model that was not compiled, one that
        trains with several optimizers, or a schedule of your own, which
        ``fastlr.deserialize(config, custom_objects)`` makes.
    OSError
        If the file cannot be read.

    Notes
    -----
    A constant rate is the one that was in force when the model was saved, after callbacks such as
    ``ReduceLROnPlateau``. A model with optimizers of its own saves none of them unless its
    ``get_compile_config`` does; what is in its file is the optimizer that ``compile`` was given, or
    Keras's default.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     fastlr.CosineDecay(0.1, 1000).save(Path(folder, "schedule.json"))
    ...     fastlr.load(Path(folder, "schedule.json"))
    CosineDecay(initial_learning_rate=0.1, decay_steps=1000)
    """
    file = checked_path(path)
    try:
        return deserialize(read(file))
    except (TypeError, ValueError) as error:
        raise ValueError(f"{file}: {error}") from error


def save(schedule: LearningRateSchedule, path: str | os.PathLike[str]) -> None:
    """Write the JSON of a schedule; see ``schedule.save``."""
    from fastlr._whole_file import can_replace, whole_file

    output = Path(checked_path(path))
    config = serialize(schedule)
    check_limits(config)
    text = json.dumps(config, allow_nan=False).encode() + b"\n"
    if len(text) > LARGEST_CONFIG:
        raise ValueError(
            f"The schedule must have at most {LARGEST_CONFIG:,} bytes of JSON, which is what "
            f"fastlr.load reads. Received: {len(text):,}. Save the table instead: "
            "numpy.save(file, schedule.table(stop))"
        )
    if not can_replace(output):
        raise ValueError(f"Argument `path` must name a plain file. Received: {output}")
    with whole_file(output) as file:
        file.write(text)


def checked_path(path: Any) -> str:
    """The path of a file, whatever names it."""
    try:
        return os.fsdecode(path)
    except TypeError:
        raise TypeError(
            f"Argument `path` must be a str or an os.PathLike. {received('path', path)}"
        ) from None


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The dict of the schedule in a file, as `deserialize` takes it."""
    with _BoundedReader(io.FileIO(os.fspath(path))) as file:
        start = file.peek(len(_HDF5))
        if start.startswith(_HDF5):
            raise ValueError(
                "an HDF5 file (.h5), which holds weights or a model in Keras's older format. Save "
                "the model as .keras, or load it and call fastlr.keras.from_keras(model)"
            )
        text = _archived(file) if start.startswith(_ZIP) else file.read()
    return schedule_in(parsed(text))


class _BoundedReader(io.BufferedReader):
    """A file of which no more than a config may have is read at once, whatever a zip says."""

    def read(self, size: int | None = -1) -> bytes:
        """Read so many bytes; by default, to the end."""
        most = LARGEST_CONFIG + 1
        return super().read(size if size is not None and 0 <= size <= most else most)


def _archived(file: _BoundedReader) -> bytes:
    """The description of the model in a .keras archive."""
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(file) as archive:
            member = archive.getinfo("config.json")
            # Keras writes no other kinds, and zipfile unpacks those without a bound.
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError(f"its config.json is compressed by method {member.compress_type}")
            with archive.open(member) as opened:
                return opened.read(LARGEST_CONFIG + 1)
    except KeyError:
        raise ValueError("a zip archive without the config.json of a .keras archive") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        # A place before the start of the file is EINVAL; other numbers are of the disk.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise ValueError(f"a .keras archive that cannot be read: {error}") from error


def parsed(text: bytes) -> Any:
    """What JSON says; of a text that is too long, a byte more than a config may have is enough."""
    if len(text) > LARGEST_CONFIG:
        raise ValueError(f"a config is at most {LARGEST_CONFIG:,} bytes long")
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"not JSON: {error}") from None


def schedule_in(written: Any) -> dict[str, Any]:
    """The dict of the schedule in the dict of a schedule, an optimizer or a model."""
    if not isinstance(written, dict):
        raise ValueError(
            f"JSON that is no dict of a schedule, optimizer or model: {shown(written)}"
        )
    if any(key in written for key in ("compile_config", "build_config", "keras_version")):
        compiled = written.get("compile_config")
        if not isinstance(compiled, dict) or not compiled:
            raise ValueError(
                "a model that was not compiled, or whose JSON leaves out how, so that it tells no "
                "learning rate"
            )
        return _rate(_only_optimizer(compiled))
    if "optimizer" in written:
        return _rate(_only_optimizer(written))
    if _is_optimizer(written) or _is_optimizer({"config": written}):
        return _rate(written)
    return _schedule(written)


def _only_optimizer(compiled: dict[str, Any]) -> dict[str, Any]:
    """The optimizer among what a model was compiled with."""
    optimizers = [
        name
        for name, value in compiled.items()
        if _is_optimizer(value) or (name == "optimizer" and isinstance(value, dict))
    ]
    if len(optimizers) == 1:
        found: dict[str, Any] = compiled[optimizers[0]]
        return found
    if optimizers:
        raise ValueError(
            f"a model with several optimizers, {shown(optimizers)}. Write the JSON of one of them, "
            "as keras.optimizers.serialize makes it"
        )
    if isinstance(compiled.get("optimizer"), str):
        raise ValueError(
            f"a model compiled with the optimizer {shown(compiled['optimizer'])} by name alone; "
            "the file does not tell its learning rate"
        )
    raise ValueError("a model compiled without an optimizer")


def _is_optimizer(written: Any) -> bool:
    """Whether this is the dict of an optimizer: a schedule, too, may have a `learning_rate`."""
    config = written.get("config") if isinstance(written, dict) else None
    if not isinstance(config, dict):
        return False
    is_legacy = "decay" in config and written.get("registered_name") is None
    return "inner_optimizer" in config or (
        "learning_rate" in config and ("clipnorm" in config or is_legacy)
    )


def _rate(optimizer: dict[str, Any]) -> dict[str, Any]:
    """What an optimizer trains with, as the dict of a schedule."""
    config: Any = optimizer.get("config", optimizer)
    while isinstance(config, dict) and isinstance(config.get("inner_optimizer"), dict):
        optimizer = config["inner_optimizer"]  # of a LossScaleOptimizer
        config = optimizer.get("config")
    if not isinstance(config, dict) or "learning_rate" not in config:
        raise ValueError(
            "an optimizer without a learning rate of its own, which may combine several. Write the "
            "JSON of one of them, as keras.optimizers.serialize makes it. Received: "
            + shown(optimizer.get("class_name"))
        )
    rate, decay = config["learning_rate"], config.get("decay")
    if isinstance(rate, (int, float)) and decay:  # of tf_keras's legacy optimizers
        arguments = {"initial_learning_rate": rate, "decay_steps": 1, "decay_rate": decay}
        return {"class_name": "InverseTimeDecay", "config": arguments}
    if isinstance(rate, (int, float)):
        return {"class_name": "Constant", "config": {"learning_rate": rate}}
    if decay or not _is_object(rate) or rate["class_name"] in _FUNCTIONS:
        raise ValueError(
            "an optimizer whose learning rate is not a number or a schedule. Functions are not "
            f"executed. Received: {shown(rate)}" + (f", decay={shown(decay)}" if decay else "")
        )
    return _schedule(rate)


def _is_object(written: Any) -> bool:
    """Whether this is the dict of anything that Keras makes from a config."""
    return (
        isinstance(written, dict)
        and isinstance(written.get("config"), dict)
        and isinstance(written.get("class_name"), str)
    )


def _schedule(written: dict[str, Any]) -> dict[str, Any]:
    """The dict of a schedule of Keras, fastlr or fastlr.keras."""
    if "class_name" not in written:
        raise ValueError(
            f"a dict of no schedule, optimizer or model. Received: the keys {shown([*written])}"
        )
    registered = written.get("registered_name")
    if registered is not None and not str(registered).startswith("fastlr>"):
        raise ValueError(
            f"a schedule of the class {shown(registered)}, which is not Keras's or fastlr's. Make "
            "it in Python, with its class in fastlr.deserialize(config, custom_objects)"
        )
    return _held(written) if written["class_name"] == "TableSchedule" else written


def _held(written: dict[str, Any]) -> dict[str, Any]:
    """What a fastlr.keras.TableSchedule looks up."""
    config = written.get("config")
    if not isinstance(config, dict):
        raise ValueError(f"Invalid config of TableSchedule: {shown(config)}")
    steps = check_length(config.get("steps"))
    return serialize(held(deserialize(config.get("schedule")), steps))  # type: ignore[arg-type]
