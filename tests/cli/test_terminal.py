"""What the program draws in a terminal: plots and progress bars."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest
from program import COSINE, assert_one_line, in_terminal, program

import fastlr
from fastlr._plotting.ticks import power_ticks, round_ticks

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
#: Bits of a Braille character by the row and column of its dot.
DOTS = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1)]


def dots(printed: str) -> np.ndarray:
    """The canvas of a plot as an array of dots, its lowest row first."""
    rows = re.findall(r"\| ([\u2800-\u28ff]+)", printed)
    picture = np.zeros((4 * len(rows), 2 * len(rows[0])), bool)
    for i, row in enumerate(rows):
        for j, character in enumerate(row):
            for bit, (down, right) in enumerate(DOTS):
                picture[4 * i + down, 2 * j + right] = (ord(character) - 0x2800) >> bit & 1
    return picture[::-1]


def assert_drawn(picture, heights):
    """The highest dot of every column that is not part of a mark follows the curve."""
    rows, columns = picture.shape
    full = picture.mean(axis=0) > 0.9
    assert full.sum() <= 4
    steps = (np.arange(columns) + 0.5) / columns * len(heights)
    expected = np.interp(steps, np.arange(len(heights)), heights)
    low, high = np.min(heights), np.max(heights)
    for column in np.flatnonzero(~full):
        drawn = np.flatnonzero(picture[:, column])
        row = (expected[column] - low) / (high - low) * (rows - 1)
        assert np.abs(drawn - row).min() <= 3, column


def test_plot(tmp_path):
    printed = in_terminal("plot", *COSINE, cwd=tmp_path)
    assert "\x1b[" in printed  # colors
    plain = ESCAPES.sub("", printed)
    assert "CosineDecay(initial_learning_rate=0.1, decay_steps=1000)" in plain
    assert "Label" not in plain
    assert max(map(len, plain.splitlines())) <= 100
    assert_drawn(dots(plain), fastlr.CosineDecay(0.1, 1000).table(1100))


def test_plot_fits_a_small_terminal(tmp_path):
    plain = ESCAPES.sub("", in_terminal("plot", *COSINE, cwd=tmp_path, columns=50, lines=24))
    assert max(len(line) for line in plain.splitlines() if "Cosine" not in line) <= 50
    assert len(plain.splitlines()) <= 24


def test_marks(tmp_path):
    plain = ESCAPES.sub("", in_terminal("plot", "cosine-decay-restarts", "--first-decay-steps", 100,
                                        "--initial-learning-rate", 1, "--t-mul", 1,
                                        "--stop", 401, cwd=tmp_path))  # fmt: skip
    full = np.flatnonzero(dots(plain).mean(axis=0) > 0.9)
    columns = dots(plain).shape[1]
    for step in (100, 200, 300):
        assert np.abs(full - step / 401 * columns).min() <= 2


def test_many_marks_would_hide_the_curve(tmp_path):
    plain = ESCAPES.sub("", in_terminal("plot", "cosine-decay-restarts", "--first-decay-steps", 100,
                                        "--initial-learning-rate", 1, "--t-mul", 1,
                                        "--stop", 4001, cwd=tmp_path))  # fmt: skip
    assert dots(plain).mean() < 0.6


def test_ticks_are_round_and_the_legend_fits():
    done = program("plot", *COSINE, "cosine-decay-restarts", "--initial-learning-rate", 0.08,
                   "--first-decay-steps", 123, "--stop", 1000,
                   COLUMNS="60", LINES="24")  # fmt: skip
    *rows, below, labels, empty, first, second = done.stdout.splitlines()
    assert max(map(len, [*rows, below, labels, first, second])) <= 60
    assert len(rows) + 5 <= 24
    upwards = [row.split("|")[0].strip() for row in rows[1:]]
    assert [label for label in upwards if label] == ["0.1", "0.08", "0.06", "0.04", "0.02", "0"]
    assert labels.replace("|", "").split() == ["0", "200", "400", "600", "800"]
    # Each label begins below its tick.
    for label in ("200", "800"):
        assert below[labels.index(label)] == "|"
    assert not empty
    assert first.startswith("⠤⠤⠤⠤ CosineDecay(")
    assert second.startswith("⠤⠤⠀⠤ CosineDecayRestarts(")


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [
        (0, 1000, ["0", "200", "400", "600", "800"]),
        (0, Fraction(1, 3), ["0", "0.1", "0.2", "0.3"]),
        (-7, 8, ["-5", "0", "5"]),
        (10**15 + 1, 10**15 + 9, [f"10000000000000{n:02}" for n in (2, 4, 6, 8)]),
        (0, 4 * 10**9, ["0", "1e+09", "2e+09", "3e+09"]),
        (0, Fraction(1, 10**300), ["0", "2e-301", "4e-301", "6e-301", "8e-301"]),
    ],
)
def test_round_ticks(low, high, labels):
    ticks = round_ticks(Fraction(low), Fraction(high), 5)
    assert [label for _, label in ticks] == labels
    for part, label in ticks:
        assert abs(low + part * (high - low) - Fraction(label)) <= abs(Fraction(label)) / 10**6


def test_ticks_of_logarithms():
    assert [label for _, label in power_ticks(Fraction(-2), Fraction(1, 10), 9)] == [
        "0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1",
    ]  # fmt: skip
    assert power_ticks(Fraction(-5), Fraction(0), 3) == [
        (0, "1e-05"), (Fraction(2, 5), "0.001"), (Fraction(4, 5), "0.1"),
    ]  # fmt: skip


def test_plot_into_a_pipe_has_no_colors():
    done = program("plot", *COSINE, "--log-scale", "--steps-per-epoch", 100, "--stop", 900,
                   COLUMNS="80", LINES="30")  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert "(epoch)" in done.stdout
    assert_drawn(dots(done.stdout), np.log10(fastlr.CosineDecay(0.1, 1000).table(900)))


def test_a_terminal_without_braille():
    done = program("plot", *COSINE, PYTHONIOENCODING="latin-1")
    assert "no Braille in iso8859-1" in assert_one_line(done, 1)


def test_no_color(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in in_terminal("plot", *COSINE, cwd=tmp_path)


def test_table_shows_its_progress(tmp_path):
    printed = ESCAPES.sub("", in_terminal("table", *COSINE, "--stop", 3_000_000, "-o", "lr.csv",
                                          cwd=tmp_path))  # fmt: skip
    parts = [int(part) for part in re.findall(r"(\d+)%", printed)]
    assert parts == sorted(parts)
    assert len(parts) > 3
    assert re.search(r"[\d.]+ [kMG] steps/s", printed)
    assert re.search(r"0:00:\d\d", printed)
    assert "lr.csv: shape (3000000,), float32" in printed
    assert (tmp_path / "lr.csv").read_text().count("\n") == 3_000_001


@pytest.mark.parametrize("bounds", [(0, 1100, 1), (1099, -1, -1), (0, 1100, 7)])
def test_table_is_drawn(bounds, tmp_path):
    options = zip(("--start", "--stop", "--step"), bounds, strict=True)
    printed = in_terminal("table", *COSINE, *(word for option in options for word in option),
                          "-o", "lr.npy", cwd=tmp_path)  # fmt: skip
    plain = ESCAPES.sub("", printed)
    assert "from 0.1 at step 0 to " in plain or "to 0.1 at step 0" in plain
    assert plain.count("\n") <= 17
    assert_drawn(dots(plain), fastlr.CosineDecay(0.1, 1000).table(1100))


@pytest.mark.parametrize("options", [["--stop", 1], ["--stop", 9]])
def test_what_cannot_be_drawn_is_not(options, tmp_path):
    """One rate, and rates beyond what a picture can hold."""
    printed = in_terminal("table", "cosine-decay", "--initial-learning-rate", "1e302",
                          "--decay-steps", 9, "--dtype", "float64", *options, "-o", "lr.npy",
                          cwd=tmp_path)  # fmt: skip
    assert not re.search("[\u2800-\u28ff]", printed)
    assert (tmp_path / "lr.npy").exists()
