# shellcheck shell=bash
# Python packages that Debian does not have, in venvs: the reference writers of some formats, and what the Python package
# can be used with. Sets FORMATS_PYTHON and PACKAGE_PYTHON.

formats_requirements=tests/reference/requirements.txt
package_requirements=tests/python/requirements.txt

setup_python() {
  venv "$formats_requirements" formats
  FORMATS_PYTHON=$VENV/bin/python
  venv "$package_requirements" package
  PACKAGE_PYTHON=$VENV/bin/python
}

# venv REQUIREMENTS NAME: creates a venv with these requirements if it is missing. Sets VENV.
venv() {
  local digest
  digest=$( (cat "$1" && /usr/bin/python3 --version) | sha256sum | cut -c1-12)
  VENV=$CACHE/$2-venv-$digest
  if [ ! -e "$VENV/complete" ]; then # a venv cannot be moved
    say "pip install -r $1"
    /usr/bin/python3 -m venv --clear "$VENV"
    "$VENV/bin/pip" install -q --disable-pip-version-check -r "$1"
    touch "$VENV/complete"
  fi
}

# python_of CHECK: prints the interpreter of a check.
python_of() {
  case $1 in
    */check_formats.py | */check_onnx.py) echo "$FORMATS_PYTHON" ;;
    */test_show.py | */test_tables.py) echo "$PACKAGE_PYTHON" ;;
    *) echo /usr/bin/python3 ;;
  esac
}
