"""The two routes of the course."""

from mbgd.ui.frame.menu import LESSONS, PAGES
from mbgd.ui.frame.routes import BEFORE, ROUTES


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


def test_each_stop_leads_to_the_next_and_the_last_to_none():
    for route in ROUTES:
        titles = [stop.page for stop in route.stops]
        assert [(stop := route.after(title)) and stop.page for title in titles] == [*titles[1:], None]
        assert route.stop("Engine") is route.after("Engine") is None
