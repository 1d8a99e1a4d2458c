"""Every line of code in the documentation runs, and prints what it says."""

import doctest
import os
import tempfile
import unittest
from pathlib import Path

import prediction_depth
from prediction_depth import _measure, _measurement, _neighbors, _settle

ROOT = Path(__file__).parents[2]
OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


class Documents(unittest.TestCase):
    def check(self, text, name):
        test = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
        self.assertGreater(len(test.examples), 0)
        report = []
        here = os.getcwd()
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            try:
                failed = doctest.DocTestRunner(optionflags=OPTIONS).run(test, out=report.append).failed
            finally:
                os.chdir(here)
        self.assertEqual(failed, 0, "".join(report))

    def test_docs_python(self):
        self.check((ROOT / "docs/python.md").read_text().replace("```", ""), "docs/python.md")

    def test_readme(self):
        text = (ROOT / "README.md").read_text()
        self.check(text[text.index("## Python") :].split("\n## ")[0].replace("```", ""), "README.md")

    def test_docstrings(self):
        for module in (prediction_depth, _measure, _measurement, _neighbors, _settle):
            self.assertEqual(doctest.testmod(module, optionflags=OPTIONS).failed, 0)


class Stubs(unittest.TestCase):
    def test_they_name_what_the_module_has(self):
        import ast

        from prediction_depth import _core

        tree = ast.parse((Path(prediction_depth.__file__).parent / "_core.pyi").read_text())
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                said = {one.name for one in node.body if isinstance(one, ast.FunctionDef)} - {"__new__"}
                has = {name for name in vars(getattr(_core, node.name)) if not name.startswith("__")}
                self.assertEqual(said, has, node.name)
        said = {one.name for one in tree.body if isinstance(one, (ast.ClassDef, ast.FunctionDef))}
        self.assertEqual(said, {name for name in vars(_core) if not name.startswith("_")})


if __name__ == "__main__":
    unittest.main()
