"""``show`` in a notebook, without a browser: what the notebook receives, and what it sends back."""

import base64
import gzip
import re
import tempfile
import unittest
from pathlib import Path

import numpy as np
import prediction_depth as pdepth
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from prediction_depth import _show

PAGE = '<!doctype html><html lang="en"><body><script type="text/plain" id="part-study">AAAA</script></body></html>'


class Show(unittest.TestCase):
    def setUp(self):
        y = np.arange(40) % 2
        held_out = {"test": pdepth.Split({"a": y[:10, None]}, y[:10], y[:10])}
        self.m = pdepth.measure({"a": y[:, None] + 0.1}, y, y, k=3, held_out=held_out)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.page = Path(self.folder.name) / "page.html"
        self.page.write_text(PAGE)
        InteractiveShell.instance()
        self.addCleanup(InteractiveShell.clear_instance)

    def show(self, **options):
        with capture_output() as captured:
            self.assertIsNone(self.m.show(page=self.page, **options))
        (output,) = captured.outputs
        return output

    def test_a_frame_holds_the_page_with_the_study(self):
        html = self.show(live=False, height=321).data["text/html"]
        with self.assertRaisesRegex(RuntimeError, "anywidget"):
            self.m.selection
        self.assertRegex(html, r'^<iframe [^>]*height="321"')
        self.assertNotIn("src=", html)
        self.assertIn("data-query=&quot;embed=1&quot;", html)
        study = gzip.decompress(base64.b64decode(re.search(r"part-study&quot;&gt;(.*?)&lt;", html)[1]))
        path = Path(self.folder.name) / "study.safetensors"
        path.write_bytes(study)
        np.testing.assert_array_equal(pdepth.load(path)["test"].depth, self.m["test"].depth)

    def test_a_widget_brings_the_selection_back(self):
        made = []
        create = _show.page_widget
        self.addCleanup(setattr, _show, "page_widget", create)
        _show.page_widget = lambda *given: made.append(create(*given)) or made[0]
        output = self.show()
        self.assertIn("application/vnd.jupyter.widget-view+json", output.data)
        self.assertIsNone(self.m.selection)
        # The examples of the study are those of both splits; rows are counted within one.
        made[0].selected = {"split": "test", "examples": [43, 41], "example": 43, "selection": "split=test"}
        self.assertEqual(self.m.selection.split, "test")
        np.testing.assert_array_equal(self.m.selection.rows, [1, 3])
        self.assertEqual(self.m.selection.example, 3)

    def test_what_is_missing_is_said(self):
        self.assertFalse(_show.PAGE.exists(), "the checks install no page")
        with self.assertRaisesRegex(FileNotFoundError, "--wheel"):
            self.m.show()
        self.page.write_text("<html>another page</html>")
        with self.assertRaisesRegex(ValueError, "pdepth export"):
            self.m.show(page=self.page)
        self.page.write_text(PAGE)
        InteractiveShell.clear_instance()
        with self.assertRaisesRegex(RuntimeError, "notebook"):
            self.m.show(page=self.page)


if __name__ == "__main__":
    unittest.main()
