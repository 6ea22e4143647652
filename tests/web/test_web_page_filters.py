# SPDX-License-Identifier: MIT
"""The filter hides the others, on the timeline and in the tables."""
from pages import PageTest, main


class Filtered(PageTest):
    TRACE = "handoffs.trace"

    def filtered(self, text):
        self.browser.type("#filter", text)
        return self.lanes()

    def test_by_program(self):
        self.assertEqual(["php [10]", "php [11]"], self.filtered("php"))
        self.assertIn("3 of 12 spans", self.text("#shown"))
        self.assertEqual("3", self.ask("page.drawing.canvas.dataset.drawn"))
        self.assertIn("1 wait", self.text("#waits caption"))

    def test_by_path(self):
        self.assertEqual(["redis [12] thread 99"], self.filtered("/srv/two"))
        self.assertEqual(["lone [14]"], self.filtered("path:three"))

    def test_by_pid_is_no_part_of_a_number(self):
        self.assertEqual(["cron [13]"], self.filtered("13"))
        self.assertEqual([], self.filtered("pid:1"))

    def test_words_have_to_fit_all(self):
        self.assertEqual(["redis [12] thread 99"], self.filtered("redis two"))
        self.assertEqual([], self.filtered("php two"))

    def test_contended_only(self):
        self.browser.press("#contended")
        self.assertNotIn("redis [12] thread 99", self.lanes())
        self.assertTrue(self.shown(self.find("php [10]", "released")), "it was waited for")

    def test_file_in_the_table_filters(self):
        self.ask("[...document.querySelectorAll('#files .link')].find((a) => a.innerText === '/srv/two').click()")
        self.browser.settle()
        self.assertEqual(["redis [12] thread 99"], self.lanes())

class FilteredByCommand(PageTest):
    TRACE = "handoffs.trace"
    OPTIONS = ["--pid", "12"]

    def test_who_was_in_the_way_comes_along(self):
        self.assertEqual(["php [10]", "php [11]", "redis [12] thread 12", "redis [12] thread 99"],
                         sorted(self.lanes()))
        self.assertEqual(["granted", "released", "hazard", "died", "query"],
                         [span[1] for span in self.spans() if "[12]" in span[0]])


class ShortWaits(PageTest):
    TRACE = "handoffs.trace"
    OPTIONS = ["--min-wait", "15ms"]

    def test_long_waits_are_left(self):
        self.assertEqual(["redis [12]", "lone [14]"],
                         [span[0] for span in self.spans() if span[1] in ("granted", "gone")])


class NothingFits(PageTest):
    TRACE = "handoffs.trace"
    OPTIONS = ["--pid", "999"]

    def test_page_is_empty_and_says_so(self):
        self.assertEqual([], self.lanes())
        self.assertIn("0 spans", self.text("#shown"))
        self.assertIn("0 waits", self.text("#waits caption"))


if __name__ == "__main__":
    main()
