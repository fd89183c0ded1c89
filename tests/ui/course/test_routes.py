"""The two routes of the course."""

from mbgd.ui.course.routes import BEFORE, ROUTES
from mbgd.ui.frame.menu import LESSONS, PAGES


def test_the_routes_take_45_and_15_minutes():
    assert [route.minutes for route in ROUTES] == [45, 15]
    assert all(stop.minutes > 0 and stop.do for route in ROUTES for stop in route.stops)


def test_the_routes_open_with_train_and_keep_the_order_of_the_lessons():
    order = [page.title for page in LESSONS]
    for route in ROUTES:
        first, *rest = [stop.page for stop in route.stops]
        assert first == "Train"
        assert rest == sorted(rest, key=order.index)


def test_the_short_route_is_part_of_the_long_one():
    long, short = ({stop.page for stop in route.stops} for route in ROUTES)
    assert short < long <= {page.title for page in PAGES}
    assert BEFORE
