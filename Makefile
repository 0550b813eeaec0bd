# Short names for what start.py and the matchmaker command do.
.PHONY: help demo own test fast format doctor

help:        ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

demo:        ## start the sample campaign
	python3 start.py

own:         ## start with the bureau's own data
	python3 start.py --own

test:        ## every check, as CI runs them
	python3 start.py test

fast:        ## every check but the slow tests
	python3 start.py test --fast

format:      ## format and mend what can be mended by machine
	.venv/bin/ruff format . && .venv/bin/ruff check --fix .

doctor:      ## what is wrong with the own installation
	.venv/bin/python -m matchmaker doctor --own
