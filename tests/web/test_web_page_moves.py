# SPDX-License-Identifier: MIT
"""Wheel, pointer, buttons and keys change the interval that is seen; tables are sorted."""
from pages import PageTest, main


class Moved(PageTest):
    TRACE = "handoffs.trace"

    def test_wheel_zooms_where_it_points(self):
        span = self.find("php [11]", "released")
        before, at = self.interval(), self.middle(span)
        self.browser.wheel(*at, -240)
        after = self.interval()
        self.assertLess(after[1] - after[0], 0.6 * (before[1] - before[0]))
        self.assertAlmostEqual(at[0], self.middle(span)[0], delta=2)
        self.browser.wheel(*at, 240)
        self.assertAlmostEqual(before[1] - before[0], self.interval()[1] - self.interval()[0], delta=0.5)

    def test_drag_pans(self):
        self.browser.press("#in")
        before = self.interval()
        self.browser.drag(700, 230, 500, 230)
        after = self.interval()
        self.assertAlmostEqual(before[1] - before[0], after[1] - after[0], places=3)
        self.assertGreater(after[0], before[0] + 1)

    def test_drag_along_the_axis_zooms(self):
        box = self.ask("page.drawing.canvas.getBoundingClientRect().toJSON()")
        left, right = [box["left"] + self.ask("page.drawing.x(arguments[0])", time * 1e6) for time in (10, 20)]
        self.browser.drag(left, box["top"] + 10, right, box["top"] + 10)
        self.assertAlmostEqual(10, self.interval()[0], delta=0.2)
        self.assertAlmostEqual(20, self.interval()[1], delta=0.2)

    def test_buttons_and_keys(self):
        whole = self.interval()
        self.browser.press("#in")
        self.assertLess(self.interval()[1] - self.interval()[0], whole[1] - whole[0])
        self.browser.press("#fit")
        self.assertEqual(whole, self.interval())
        self.browser.run("document.getElementById('timeline').focus()")
        self.browser.keys("+", "+")
        zoomed = self.interval()
        self.browser.keys("Right")
        self.assertGreater(self.interval()[0], zoomed[0])
        self.browser.keys("0")
        self.assertEqual(whole, self.interval())

    def test_waits_are_reached_by_keys_alone(self):
        for _ in range(20):
            self.browser.keys("Tab")
            if self.ask("document.activeElement.id") == "timeline":
                break
        self.browser.keys("n")
        self.assertIn("php [11], thread 11", self.text("#fields"))
        self.browser.keys("n", "Enter")
        self.assertIn("redis [12], thread 12", self.text("#fields"))
        self.assertAlmostEqual(19 * 1.8, self.interval()[1] - self.interval()[0], delta=0.5)
        self.browser.keys("p", "Escape")
        self.assertIn("Click a span", self.text("#fields"))

    def test_tables_are_sorted_by_a_click(self):
        first = "document.querySelector('#waits tbody td').innerText"
        self.assertEqual("redis [12] thread 12", self.ask(first))
        self.browser.press("#waits th:last-child button")
        self.assertEqual("ascending", self.ask("document.querySelector('#waits th:last-child').ariaSort"))
        self.assertEqual("cron [13]", self.ask(first))

if __name__ == "__main__":
    main()
