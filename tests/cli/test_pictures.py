"""Pictures are looked at: the curve is where it should be."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import zlib
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib import image, pyplot
from matplotlib.figure import Figure
from program import COSINE, program
from registry import CONFIGS, config_id

import fastlr
from fastlr._plotting.curve import MOST_POINTS, curve, default_stop

matplotlib.use("Agg")

#: Colors of Matplotlib's first two curves.
COLORS = [(0x1F, 0x77, 0xB4), (0xFF, 0x7F, 0x0E)]
SVG = "{http://www.w3.org/2000/svg}"
MARGIN = 0.05 / 1.1  # of Matplotlib's axes, on each side of the data

WARM = ["cosine-decay", "--initial-learning-rate", 0, "--decay-steps", 900,
        "--warmup-target", 0.1, "--warmup-steps", 100]  # fmt: skip
WARM_SCHEDULE = fastlr.CosineDecay(0, 900, warmup_target=0.1, warmup_steps=100)


def draw(tmp_path, name, *arguments):
    done = program("plot", *arguments, "-o", name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == done.stdout == ""
    return tmp_path / name


def across(box, part):
    """Position of a part of the data's extent within the axes."""
    first, last = box
    return first + (last - first) * (MARGIN + part * (1 - 2 * MARGIN))


def vertices(path):
    return np.array(re.findall(r"([\d.]+) ([\d.]+)", path), float)


def assert_on_curve(points, axes, schedule, stop, scale=lambda rates: rates):
    """Vertices of a path that is the schedule from 0 to stop - 1, in the box of the axes."""
    heights = scale(schedule.table(stop).astype(float))
    low, high = heights[np.isfinite(heights)].min(), heights.max()
    (left, bottom), (right, top) = axes
    inner = 1 - 2 * MARGIN
    steps = ((points[:, 0] - left) / (right - left) - MARGIN) / inner * (stop - 1)
    drawn = low + ((points[:, 1] - bottom) / (top - bottom) - MARGIN) / inner * (high - low)
    assert len(points) > 30
    assert abs(steps[0]) < 1.01
    assert abs(steps[-1] - (stop - 1)) < 0.01
    assert (np.diff(steps) > -0.01).all()
    expected = np.interp(steps, np.arange(stop), heights)
    assert np.abs(drawn - expected).max() < 0.005 * (high - low)


def svg_parts(file):
    root = ElementTree.parse(file).getroot()
    groups = {}
    for group in root.iter(f"{SVG}g"):
        groups.setdefault(group.get("id"), []).append(group)
    box = vertices(groups["patch_2"][0].find(f"{SVG}path").get("d"))
    curves = [vertices(group.find(f"{SVG}path").get("d")) for group in groups["learning-rate"]]
    marks = [vertices(group.find(f"{SVG}path").get("d")) for group in groups.get("mark", [])]
    words = ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]
    return (box[0], box[2]), curves, marks, words


def test_svg(tmp_path):
    axes, curves, marks, words = svg_parts(draw(tmp_path, "lr.svg", *WARM, "--stop", 1200))
    assert len(curves) == 1
    assert_on_curve(curves[0], axes, WARM_SCHEDULE, 1200)
    left, right = axes[0][0], axes[1][0]
    for mark, step in zip(marks, (100, 1000), strict=True):
        assert mark[:, 0] == pytest.approx(across((left, right), step / 1199), abs=0.01)
    assert {"step", "learning rate", "warmup ends", "decay ends", repr(WARM_SCHEDULE)} <= {*words}


def test_svg_of_epochs_on_a_logarithmic_axis(tmp_path):
    file = draw(tmp_path, "lr.svg", *COSINE, "--alpha", 0.001, "--log-scale",
                "--steps-per-epoch", 100, "--stop", 1500)  # fmt: skip
    axes, curves, _, words = svg_parts(file)
    schedule = fastlr.CosineDecay(0.1, 1000, alpha=0.001)
    assert_on_curve(curves[0], axes, schedule, 1500, np.log10)
    assert {"epoch", "0", "2", "4", "14"} <= {*words}
    assert "100" not in words


def test_several_schedules_on_one_figure(tmp_path):
    config = fastlr.serialize(fastlr.CosineDecay(0.05, 500))
    (tmp_path / "a.json").write_text(json.dumps(config))
    file = draw(tmp_path, "lr.svg", "--config", "a.json", *WARM, "--stop", 700,
                "cosine-decay-restarts", "--initial-learning-rate", 0.1,
                "--first-decay-steps", 200)  # fmt: skip
    axes, curves, marks, words = svg_parts(file)
    assert len(curves) == 3
    (_, bottom), (_, top) = axes
    for points, schedule in zip(
        curves,
        [fastlr.CosineDecay(0.05, 500), WARM_SCHEDULE, fastlr.CosineDecayRestarts(0.1, 200)],
        strict=True,
    ):
        heights = schedule.table(700)
        highest = across((bottom, top), heights.max() / 0.1)
        assert points[:, 1].min() == pytest.approx(highest, abs=0.3)
        assert repr(schedule) in words
    # The first ends; the second warms up; the third restarts twice.
    assert len(marks) == 1 + 1 + 2
    assert words.count("restart") == 2


def test_png(tmp_path):
    pixels = (image.imread(draw(tmp_path, "lr.png", *WARM, "--stop", 1200)) * 255).round()[..., :3]
    height, width, _ = pixels.shape
    assert (height, width) == (675, 1200)
    dark = (pixels < 60).all(axis=2)
    columns = np.flatnonzero(dark.sum(axis=0) > height / 2)  # the frame of the axes
    rows = np.flatnonzero(dark.sum(axis=1) > width / 2)
    box, upright = (columns.min(), columns.max()), (rows.max(), rows.min())
    blue = np.abs(pixels - COLORS[0]).max(axis=2) < 40
    table = WARM_SCHEDULE.table(1200)
    for step in range(5, 1200, 7):
        column = round(across(box, step / 1199))
        row = across(upright, table[step] / 0.1)
        drawn = np.flatnonzero(blue[:, column])
        # Dotted marks have gaps and cross the whole picture; the line is a few pixels wide.
        assert np.abs(drawn - row).min() <= 4, step
        if not any(abs(step - mark) < 20 for mark in (100, 1000)):
            steep = 1 + abs(table[step] - table[step - 1]) * 1e4
            assert np.abs(drawn - row).max() <= 4 * steep, step
    for mark in (100, 1000):
        column = round(across(box, mark / 1199))
        assert blue[upright[1] : upright[0], column - 2 : column + 3].any(axis=1).mean() > 0.15


def test_pdf(tmp_path):
    data = draw(tmp_path, "lr.pdf", *WARM, "--stop", 1200).read_bytes()
    assert data.startswith(b"%PDF")
    page = next(
        text
        for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL)
        if b" re W n" in (text := zlib.decompressobj().decompress(packed))
    ).decode()
    x, y, width, height = map(
        float, re.search(r"([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re W n", page).groups()
    )
    paths = re.findall(r"[\d.]+ [\d.]+ m\n(?:[\d.]+ [\d.]+ l\n)+", page)
    longest = vertices(max(paths, key=len))
    assert_on_curve(longest, ((x, y), (x + width, y + height)), WARM_SCHEDULE, 1200)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_picture_is_the_same_file(ending, tmp_path):
    first, second = (
        draw(tmp_path, f"{name}.{ending}", *COSINE, "--execution", "xla").read_bytes()
        for name in "ab"
    )
    assert first == second


# ---- schedule.plot ------------------------------------------------------------------------------


def test_plot_draws_the_table():
    schedule = fastlr.CosineDecayRestarts(0.1, 100)
    ax = Figure().subplots()
    assert schedule.plot(ax, start=50, stop=800, execution="xla", label="mine") is ax
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["mine"]
    curve, *marks = ax.get_lines()
    assert curve.get_xdata().tolist() == list(range(50, 800))
    assert curve.get_ydata().tolist() == schedule.table(50, 800, execution="xla").tolist()
    assert curve.get_label() == "mine"
    assert [mark.get_xdata()[0] for mark in marks] == [100, 300, 700]


@pytest.mark.parametrize(
    ("schedule", "names"),
    [
        # The curve is high before a warmup ends, and low before a decay ends.
        (WARM_SCHEDULE, [("warmup ends", 100, "bottom"), ("decay ends", 1000, "top")]),
        (fastlr.CosineDecayRestarts(0.1, 100), [("restart", n, "top") for n in (100, 300, 700)]),
        # Boundaries that are close share a name.
        (fastlr.PiecewiseConstantDecay([300, 310, 700], [4.0, 3.0, 2.0, 1.0]),
         [("boundary", 300, "bottom"), ("boundary", 700, "top")]),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
@pytest.mark.parametrize("log_scale", [False, True])
def test_names_of_marks_lie_beside_the_curve(schedule, names, log_scale):
    ax = schedule.plot(Figure().subplots(), stop=1100, log_scale=log_scale)
    drawn = [(text.get_text().strip(), text.get_position()[0], text.get_va()) for text in ax.texts]
    assert drawn == names


def test_many_restarts_stay_readable():
    ax = fastlr.CosineDecayRestarts(0.1, 10, t_mul=1.0).plot(Figure().subplots(), stop=1000)
    assert [line.get_gid() for line in ax.get_lines()] == ["learning-rate"]
    assert not ax.texts


def test_plot_without_axes_draws_on_the_current_ones():
    try:
        ax = fastlr.CosineDecay(0.1, 100).plot()
        assert fastlr.ExponentialDecay(0.1, 100, 0.5).plot(log_scale=True) is ax is pyplot.gca()
        assert ax.get_yscale() == "log"
        labels = [line.get_label() for line in ax.get_lines() if line.get_gid() != "mark"]
        assert labels == ["CosineDecay(initial_learning_rate=0.1, decay_steps=100)",
                          "ExponentialDecay(initial_learning_rate=0.1, decay_steps=100, "
                          "decay_rate=0.5)"]  # fmt: skip
    finally:
        pyplot.close("all")


def test_plot_refuses():
    schedule, ax = fastlr.CosineDecay(0.1, 100), Figure().subplots()
    with pytest.raises(ValueError, match=r"`stop` must be above `start`.*start=5, stop=5"):
        schedule.plot(ax, start=5, stop=5)
    with pytest.raises(ValueError, match=r"`steps_per_epoch` must be > 0.*=0"):
        schedule.plot(ax, steps_per_epoch=0)
    with pytest.raises(ValueError, match="execution"):
        schedule.plot(ax, execution="jit")


def test_plot_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"pip install '\.\[plot\]' in a checkout"):
        fastlr.CosineDecay(0.1, 100).plot()


@pytest.mark.parametrize(
    ("schedule", "stop", "jumps"),
    [
        (fastlr.CosineDecayRestarts(0.1, 10**6, t_mul=1.5), 10**7, True),
        (fastlr.PolynomialDecay(0.1, 10**6, cycle=True), 4 * 10**6, True),
        (fastlr.PiecewiseConstantDecay([10**6, 3 * 10**6], [1.0, 0.5, 0.1]), 4 * 10**6, True),
        (WARM_SCHEDULE, 10**6, False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_marks_are_where_a_schedule_changes(schedule, stop, jumps):
    """Long tables are sampled, but both sides of every jump are drawn."""
    drawn = curve(schedule, 0, stop)
    assert MOST_POINTS // 2 < len(drawn.steps) < 2 * MOST_POINTS
    assert (np.diff(drawn.steps) > 0).all()
    assert drawn.rates.tolist() == schedule(drawn.steps).tolist()
    assert len(drawn.marks) >= 2
    for mark in drawn.marks:
        assert (np.abs(drawn.steps - mark.step) <= 2).sum() >= 4
        if jumps:
            # Keras's logarithm moves a late restart by more than a step.
            near = np.abs(drawn.steps - mark.step) <= stop / MOST_POINTS
            assert np.abs(np.diff(drawn.rates[near])).max() > 0.02


# ---- Notebooks ----------------------------------------------------------------------------------


def test_notebook_curve():
    tree = ElementTree.fromstring(WARM_SCHEDULE._repr_html_().replace("<br>", "<br/>"))
    assert tree.find("code").text == repr(WARM_SCHEDULE)
    svg = tree.find(f"{SVG}svg")
    points = np.array(re.findall(r"([\d.]+),([\d.]+)", svg.find(f"{SVG}path").get("d")), float)
    stop = default_stop(WARM_SCHEDULE)
    steps = (points[:, 0] - 4) / 312 * (stop - 1)
    rates = (76 - points[:, 1]) / 72 * 0.1
    expected = np.interp(steps, np.arange(stop), WARM_SCHEDULE.table(stop))
    assert np.abs(rates - expected).max() < 0.002
    said = "steps 0 to 1099 · peak 0.1 at step 100 · end 0"
    assert svg.find(f"{SVG}title").text == tree.find("small").text == said


@pytest.mark.parametrize(("class_name", "config"), CONFIGS, ids=config_id)
def test_every_schedule_shows_itself(class_name, config):
    schedule = getattr(fastlr, class_name).from_config(config)
    began = time.perf_counter()
    shown = schedule._repr_html_()
    assert time.perf_counter() - began < 0.5  # a few ms; more only where the machine is busy
    assert shown is None or (shown.startswith("<div><code>") and "nan" not in shown)
    assert len(shown or "") < 20_000


def test_a_name_in_a_notebook_is_no_markup():
    assert "<b>" not in fastlr.CosineDecay(0.1, 10, name="<b>")._repr_html_()


def test_a_schedule_that_is_not_set_up_shows_nothing():
    class Unfinished(fastlr.CosineDecay):
        def __init__(self):
            pass

    assert Unfinished()._repr_html_() is None


def test_notebooks_need_no_matplotlib():
    subprocess.run(
        [sys.executable, "-c",
         "import sys, fastlr; assert fastlr.CosineDecay(0.1, 9)._repr_html_();"
         "assert not {'matplotlib', 'plotille'} & {*sys.modules}"],
        check=True,
    )  # fmt: skip


def test_a_long_name_is_cut():
    schedule = fastlr.PiecewiseConstantDecay(range(1, 1000), [0.1] * 1000)
    label = schedule.plot(Figure().subplots()).get_lines()[0].get_label()
    assert label.startswith("PiecewiseConstantDecay(boundaries=[1, 2, 3,")
    assert label.endswith("...")
    assert len(label) == 110
