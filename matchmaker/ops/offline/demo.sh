#!/bin/sh
cd "$(dirname "$0")" || exit 1
exec program/bin/python -m matchmaker serve --demo "$@"
