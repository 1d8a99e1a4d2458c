# shellcheck shell=bash
# What Debian's python has not: the reference writers of some formats, in a venv named by its requirements.
# Sets FORMATS_PYTHON.

formats_requirements=tests/reference/requirements.txt

setup_python() {
  local digest folder
  digest=$( (cat "$formats_requirements" && /usr/bin/python3 --version) | sha256sum | cut -c1-12)
  folder=$CACHE/formats-venv-$digest
  if [ ! -e "$folder/complete" ]; then # a venv cannot be moved
    say "pip install -r $formats_requirements"
    /usr/bin/python3 -m venv --clear "$folder"
    "$folder/bin/pip" install -q --disable-pip-version-check -r "$formats_requirements"
    touch "$folder/complete"
  fi
  FORMATS_PYTHON=$folder/bin/python
}

# python_of CHECK: who runs it.
python_of() { case $1 in */check_formats.py) echo "$FORMATS_PYTHON" ;; *) echo /usr/bin/python3 ;; esac }
