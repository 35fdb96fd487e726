# The same commands by another name: everything is in run.py.
.PHONY: help demo test lint bot bench
.DEFAULT_GOAL := help

help demo test lint bot bench:
	@python3 run.py $@ $(ARGS)
