# SPDX-License-Identifier: MIT
"""What the trace has is what the page draws, and what is chosen is told in full."""
from pages import PageTest, main

SPANS = [
    ("php [10]", "released", 0, 10, "/srv/one"),
    ("php [11]", "granted", 1, 10, "/srv/one"),
    ("redis [12] thread 12", "granted", 2, 19, "/srv/one"),
    ("php [11]", "released", 11, 9, "/srv/one"),
    ("redis [12] thread 12", "released", 21, 9, "/srv/one"),
    ("cron [13]", "error", 22, 0, "/srv/one"),
    ("redis [12] thread 99", "hazard", 23, 0, "/srv/two"),
    ("redis [12] thread 99", "died", 23, 17, "/srv/two"),
    ("cron [13]", "granted", 24, 7, "/srv/one"),
    ("lone [14]", "gone", 25, 15, "/srv/three"),
    ("redis [12] thread 99", "query", 26, 0, "/srv/two"),
    ("cron [13]", "released", 31, 9, "/srv/one"),
]
LANES = ["php [10]", "php [11]", "redis [12] thread 12", "redis [12] thread 99", "cron [13]", "lone [14]"]
EXCLUSIVE, SHARED, EXCLUSIVE_IN_DARK = [43, 98, 160], [35, 120, 106], [91, 155, 224]


class Shown(PageTest):
    TRACE = "handoffs.trace"

    def test_spans_are_those_of_the_trace(self):
        self.assertEqual(SPANS, self.spans())
        self.assertEqual(str(len(SPANS)), self.ask("page.drawing.canvas.dataset.drawn"))
        self.assertIn(f"{len(SPANS)} spans", self.text("#shown"))
        self.assertIn("5 processes, 3 files, 15 events", self.text("#summary"))

    def test_lanes_are_processes_and_threads(self):
        self.assertEqual(LANES, self.lanes())

    def test_colours_tell_the_mode(self):
        self.assertEqual(EXCLUSIVE, self.colour(*self.middle(self.find("php [11]", "released"))))
        self.assertEqual(SHARED, self.colour(*self.middle(self.find("redis [12] thread 12", "released"))))
        x, _ = self.middle(self.find("php [10]", "released"))
        _, y = self.middle(self.find("lone [14]", "gone"))
        self.assertNotIn(self.colour(x, y), [EXCLUSIVE, SHARED])

    def test_dark_scheme_is_drawn_anew(self):
        span = self.find("php [11]", "released")
        self.browser.resize(self.WIDTH, self.HEIGHT, "dark")
        self.browser.settle()
        self.assertEqual(EXCLUSIVE_IN_DARK, self.colour(*self.middle(span)))
        self.browser.resize(self.WIDTH, self.HEIGHT)

    def test_handoffs_are_drawn(self):
        self.assertEqual("3", self.ask("page.drawing.canvas.dataset.handoffs"))
        self.browser.press("#handoffs")
        self.assertEqual("0", self.ask("page.drawing.canvas.dataset.handoffs"))

    def test_click_on_a_wait_tells_waiter_and_holder(self):
        self.browser.click(*self.middle(self.find("redis [12] thread 12", "granted")))
        detail = self.text("#fields")
        for text in ("Waited 19 ms for a lock, shared: granted", "redis [12], thread 12", "/srv/one",
                     "Waited for", "php [11], exclusive, 9 ms", "php [10], exclusive, 10 ms", "Handed on by"):
            self.assertIn(text, detail)

    def test_click_on_a_hold_tells_every_field(self):
        self.browser.click(*self.middle(self.find("php [10]", "released")))
        detail = self.text("#fields")
        for text in ("Held exclusive for 10 ms", "Holder", "php [10], thread 10", "flock, exclusive, blocking",
                     "Asked as", "Became", "OFD", "Descriptor", "the whole file", "web", "php+0x12",
                     "1970-01-01 00:16:40.000000000 UTC", "Kept waiting", "php [11], exclusive, 10 ms", "Let go by"):
            self.assertIn(text, detail)

    def test_section_and_hazard_are_told(self):
        self.browser.run("page.choose(arguments[0])", self.find("redis [12] thread 99", "hazard"))
        self.assertIn("Hazard: close", self.text("#fields"))
        self.assertIn("20 bytes from 10", self.text("#fields"))

    def test_error_has_its_name(self):
        self.browser.click(*self.middle(self.find("cron [13]", "error")))
        self.assertIn("Refused: EAGAIN", self.text("#fields"))

    def test_untraced_holder_is_named(self):
        self.browser.click(*self.middle(self.find("lone [14]", "gone")))
        self.assertIn("process 77, not traced", self.text("#fields"))
        self.assertIn("pid 77, not traced", self.text("#waits"))

    def test_pending_wait_is_marked(self):
        self.assertIn("1 still waiting at the end", self.text("#summary"))
        self.assertIn("15 ms still", self.text("#waits tr:has(.bad)"))

    def test_link_leads_to_the_holder(self):
        self.browser.click(*self.middle(self.find("php [11]", "granted")))
        self.browser.press("#fields .link")
        self.assertIn("Held exclusive for 10 ms", self.text("#fields"))

    def test_tip_follows_the_pointer(self):
        self.browser.hover(*self.middle(self.find("php [11]", "released")))
        self.assertIn("Held exclusive for 9 ms\nphp [11]\n/srv/one", self.text("#tip"))


class Narrow(PageTest):
    TRACE = "handoffs.trace"
    WIDTH, HEIGHT = 390, 844

    def test_body_does_not_scroll_sideways(self):
        self.assertLessEqual(self.ask("document.documentElement.scrollWidth"), self.WIDTH)
        self.assertEqual(str(len(SPANS)), self.ask("page.drawing.canvas.dataset.drawn"))

    def test_two_fingers_zoom(self):
        before, (x, y) = self.interval(), self.middle(self.find("php [11]", "released"))
        self.browser.pinch(x, y, 20, 80)
        self.assertAlmostEqual(before[1] - before[0], 4 * (self.interval()[1] - self.interval()[0]), delta=4)


class NarrowWithLongNames(Narrow):
    TRACE = "hostile.trace"
    test_two_fingers_zoom = None

    def test_body_does_not_scroll_sideways(self):
        self.browser.run("page.choose(0, true)")
        self.browser.settle()
        self.assertLessEqual(self.ask("document.documentElement.scrollWidth"), self.WIDTH)


if __name__ == "__main__":
    main()
