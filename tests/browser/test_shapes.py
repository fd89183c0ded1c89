"""The tiles in Chromium: they answer to pointer and keys, and nothing jumps from step to step."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from mbgd.ui.shapes.walk import FIRST_STEP
from tests.browser.app import DIABETES, open_page, settle

RESULT = ".st-key-shape_tiles .result [role=gridcell]"
SPELLED = ".st-key-shape_tiles .spelled"
LIT = ".st-key-shape_tiles .array >> nth={} >> .lit"
TITLE = ".mbgd-step"


def step(page: Page, name: str) -> None:
    page.locator(".st-key-shape_step").get_by_text(name, exact=True).click()
    settle(page)


def terms(text: str) -> list[float]:
    """The numbers of the second line of a spelled-out sum: each product, the middle in one, and the bias."""
    line = text.splitlines()[1].lstrip("= ").replace("−", "-")
    parts = [part.split(":")[-1].replace("⋯", "") for part in line.split(" + ")]
    return [eval(part.replace("·", "*")) for part in parts]


@pytest.fixture(scope="module")
def tiles(browser: Browser, address: str) -> Iterator[Page]:
    """A tab on the page Shapes that stays open from test to test."""
    page = open_page(browser, f"{address}/shapes?{DIABETES}")
    yield page
    page.close()


def test_the_drawing_is_on_the_first_screen_in_proportion_and_nothing_jumps_from_step_to_step(tiles: Page):
    page = tiles
    boxes = [cells.bounding_box() for cells in page.locator(".st-key-shape_tiles .cells").all()]
    X, W, b, Z = [(round(box["width"]), round(box["height"])) for box in boxes if box]
    unit = Z[0] / 16
    assert X == pytest.approx((10 * unit, 16 * unit), abs=2)
    assert W == pytest.approx((16 * unit, 10 * unit), abs=2)
    assert b == pytest.approx(Z, abs=2)
    spelled = page.locator(SPELLED).bounding_box()
    assert spelled
    assert spelled["y"] + spelled["height"] <= 900

    def height() -> float:
        box = page.locator(".st-key-shape_tiles").bounding_box()
        assert box
        return box["height"]

    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        step(page, FIRST_STEP)
        first = height()
        for name in ("X", "L", "dL/dŶ", "dW1", "db1", "→ b2"):
            step(page, name)
            assert abs(height() - first) <= 2, (name, width)
    page.set_viewport_size({"width": 1440, "height": 900})
    step(page, FIRST_STEP)


def test_the_letters_of_keys_are_shown_to_a_mouse_and_not_to_a_finger(browser: Browser, address: str, tiles: Page):
    shown = ".st-key-shape_next kbd"
    tiles.set_viewport_size({"width": 390, "height": 800})
    expect(tiles.locator(shown)).to_be_visible()
    context = browser.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/shapes?{DIABETES}")
    page.locator(shown).wait_for(state="attached")
    expect(page.locator(shown)).not_to_be_visible()
    context.close()


def test_the_keyboard_alone_walks_the_tiles_and_the_steps(tiles: Page):
    page = tiles
    page.set_viewport_size({"width": 1440, "height": 900})
    settle(page)
    spelled = page.locator(SPELLED)
    expect(spelled).to_contain_text("z1[2,1] =")
    page.locator(f"{RESULT}[tabindex='0']").focus()
    for key, name in (
        ("ArrowRight", "z1[2,2]"),
        ("ArrowDown", "z1[3,2]"),
        ("End", "z1[3,15]"),
        ("ArrowRight", "z1[3,15]"),
    ):
        page.keyboard.press(key)
        expect(spelled).to_contain_text(f"{name} =")
        expect(page.locator(".mbgd-voice")).to_contain_text(f"{name} =")  # the page's one voice
    page.keyboard.press("n")
    expect(page.locator(TITLE)).to_contain_text("4 of 20")
    expect(page.locator(".mbgd-voice")).to_contain_text("A1 = relu(Z1)")
    expect(spelled).to_contain_text("a1[2,1] = relu(z1[2,1])")
    settle(page)
    page.keyboard.press("ArrowLeft")  # the tiles still have the focus
    expect(spelled).to_contain_text("a1[2,0] =")
    page.keyboard.press("b")
    expect(page.locator(TITLE)).to_contain_text("3 of 20")
    field = page.locator(".st-key-choose_hidden input")
    field.fill("")
    field.press_sequentially("nonb")  # letters that are typed into a field move no step
    page.wait_for_timeout(400)
    expect(page.locator(TITLE)).to_contain_text("3 of 20")


@pytest.mark.parametrize("data", ["diabetes", "digits"])
def test_pointing_at_a_number_lights_its_row_and_column_and_spells_it_out(browser: Browser, address: str, data: str):
    page = open_page(browser, f"{address}/shapes?data={data}")
    page.context.set_offline(True)  # what follows needs no server
    cell = page.locator(RESULT).nth(5 * 16 + 3)
    cell.hover()
    expect(page.locator(SPELLED)).to_contain_text("z1[5,3] = x[5,0]·w1[3,0] + x[5,1]·w1[3,1] + ⋯")
    text = page.locator(SPELLED).inner_text()
    value = float(text.splitlines()[2].lstrip("= ").replace("−", "-"))
    assert sum(terms(text)) == pytest.approx(value, abs=2e-3)
    label = cell.get_attribute("aria-label") or ""
    assert float(label.split("= ")[1].replace("−", "-")) == pytest.approx(value, rel=1e-3)
    n = 10 if data == "diabetes" else 13  # of 64 inputs, 13 are drawn
    assert [page.locator(LIT.format(i)).count() for i in range(4)] == [n, n, 2, 1]
