# shellcheck shell=bash
# The tools of teachers: mdBook on PATH, and a Jupyter that executes notebooks. Sets NOTEBOOK_PYTHON.

mdbook_version=0.5.4

setup_course() {
  cargo_tool mdbook "$mdbook_version" --locked
  rm -rf "$CACHE/tools/build"
  venv tests/examples/requirements.txt notebook
  NOTEBOOK_PYTHON=$VENV/bin/python
}
