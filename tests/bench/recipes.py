"""Runs every line of docs/recipes.md with the libraries that it names."""

import argparse
import doctest
import os
import pathlib
import sys
import tempfile

import environment

OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=pathlib.Path, help="the wheel of prediction-depth; by default it is built from the sources")
    arguments = parser.parse_args()
    environment.enter(threads=2, requirements="requirements-recipes.txt")
    environment.install(arguments.wheel)
    path = environment.ROOT / "docs" / "recipes.md"
    test = doctest.DocTestParser().get_doctest(path.read_text(), {}, path.name, path.name, 0)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        result = doctest.DocTestRunner(optionflags=OPTIONS).run(test)
        os.chdir("/")
    print(f"{result.attempted - result.failed} of {result.attempted} lines do what docs/recipes.md says")
    sys.exit(result.failed > 0)


if __name__ == "__main__":
    main()
