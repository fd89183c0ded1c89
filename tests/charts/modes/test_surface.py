"""The loss surface: contours of the true loss, and each path through its points."""

import numpy as np

from mbgd import load
from mbgd.charts.modes.surface import BEST, CONTOUR, END, NAME, PATH, START, surface_chart, surface_ends, surface_table
from mbgd.experiments.modes.surface import descent, one_input
from mbgd.experiments.step import finish
from tests.charts.encoded import assert_draws, column


def found(rate=0.05):
    return finish(descent(one_input(load("diabetes"), 2, 1.5), (1, 16, 353), rate, 50, 0))


def test_paths_go_through_their_points_up_to_the_update_shown():
    run = found()
    for shown in (0, 7, 50):
        table = surface_table(run, shown)
        for path in run.paths:
            of_path = {"series": PATH, "lane": f"B = {path.batch_size}"}
            seen = np.column_stack([column(table, "x", **of_path), column(table, "y", **of_path)])
            np.testing.assert_array_equal(seen, path.points[: shown + 1])
            np.testing.assert_allclose(column(table, "loss", **of_path), run.surface.loss(seen))
            assert column(table, "x", series=END, lane=of_path["lane"]).tolist() == [seen[-1, 0]]


def test_a_contour_has_one_loss_and_one_of_them_goes_through_the_start():
    run = found()
    table = surface_table(run, 50)
    losses = []
    for level in sorted(set(column(table, "lane", series=CONTOUR))):
        of_level = {"series": CONTOUR, "lane": level}
        ring = run.surface.loss(np.column_stack([column(table, "x", **of_level), column(table, "y", **of_level)]))
        np.testing.assert_allclose(ring, ring[0], rtol=1e-9)
        losses.append(ring[0])
    start = run.surface.loss(run.paths[0].points[:1])[0]
    assert min(abs(np.array(losses) - start)) < 1e-9
    assert losses == sorted(losses)


def test_start_and_minimum_are_in_the_picture_and_names_of_wild_paths_too():
    run = found(rate=0.3)
    assert max(np.abs(path.points).max() for path in run.paths) > 1e3
    table = surface_table(run, 50)
    for axis, (low, high) in zip("xy", surface_ends(run), strict=True):
        for series in (BEST, START, NAME):
            values = column(table, axis, series=series)
            assert ((values >= low) & (values <= high + 0.2 * (high - low))).all()


def test_if_all_paths_diverge_the_first_step_is_seen_and_all_numbers_can_be_drawn():
    run = found(rate=10.0)
    assert run.all_climb
    assert max(np.abs(path.points).max() for path in run.paths) > 1e50
    table = surface_table(run, 50)
    ends = np.array(surface_ends(run))  # (2, 2): W, b × low, high
    for path in run.paths:
        of_path = {"series": PATH, "lane": f"B = {path.batch_size}"}
        drawn = np.column_stack([column(table, "x", **of_path), column(table, "y", **of_path)])
        assert np.abs(drawn).max() < 20 * np.ptp(ends)
        assert 2 <= len(drawn) < 6  # the steps out of the frame, and no later step that crosses it
        np.testing.assert_array_equal(drawn[0], path.points[0])
        away, true = (points[len(drawn) - 1] - ends.mean(axis=1) for points in (drawn, path.points))
        np.testing.assert_allclose(away / np.linalg.norm(away), true / np.linalg.norm(true), atol=1e-9)
    firsts = np.array([path.points[1] for path in run.paths])
    names = np.column_stack([column(table, axis, series=NAME) for axis in "xy"])
    np.testing.assert_allclose(names[:, 0], firsts[:, 0].clip(*ends[0]))  # where each path leaves the picture
    first = firsts[-1]
    assert ((ends[:, 0] < first) & (first < ends[:, 1])).all()


def test_the_chart_draws_its_table():
    run = found()
    spec = surface_chart(("B = 1", "B = 16", "B = 353"), ("1", "16", "all"), *surface_ends(run)).to_dict()
    assert_draws(spec, surface_table(run, 50))
    encoding = spec["layer"][0]["encoding"]
    assert [tuple(encoding[axis]["scale"]["domain"]) for axis in "xy"] == list(surface_ends(run))
