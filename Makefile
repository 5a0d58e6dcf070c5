# Every target sets up .venv first (nothing happens when it is there) and then calls one command of `python -m utils`.
PYTHON ?= $(firstword $(shell command -v python3) $(shell command -v python))
SETUP = $(or $(PYTHON),$(error The course needs Python 3.11 or newer and found none: install it from python.org)) utils/bootstrap.py
RUN = .venv/bin/python -m utils

.DEFAULT_GOAL := help
.PHONY: help setup torch lab course test notebooks verify prove grade report hostile e2e site doctor figures data experiments bench clean

help:        ## this list
	@sed -n 's/^\([a-z0-9]*\): *## /  make \1\t/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup:       ## make .venv and install everything but PyTorch
	@$(SETUP) lab,grade,dev

torch:       ## add PyTorch, for lesson 10
	@$(SETUP) lab,torch

lab:         ## open JupyterLab on your own copy of the lessons, in work/
	@$(SETUP) lab
	@$(RUN) lab

course:      ## build what changed, grade the sample class, show the table
	@$(SETUP) lab,grade,dev
	@$(RUN) course

test:        ## all tests, the notebooks included
	@$(SETUP) lab,grade,cluster,postgres,site,dev,torch
	@$(RUN) test

e2e:         ## a browser as a learner and as an instructor (needs Chromium: sudo apt install chromium)
	@$(SETUP) lab,grade,site,dev
	@$(RUN) test e2e

site:        ## the lessons as a site, in build/site/, and a look at each page in Chromium
	@$(SETUP) lab,grade,site,dev
	@$(RUN) site
	@$(RUN) test site

notebooks:   ## text → solutions → releases; NB=01 one lesson, ALL=1 everything, FORCE=1 over hand edits
	@$(SETUP) lab,grade,dev,torch
	@$(RUN) build $(if $(ALL),--all) $(if $(FORCE),--force) $(NB)

verify:      ## do texts, solutions and releases agree?
	@$(SETUP) lab,grade,dev
	@$(RUN) verify

prove:       ## plant every known mistake and see it rejected and named
	@$(SETUP) dev,torch
	@$(RUN) prove $(NB)

grade:       ## grade submitted/ in a sandbox (bubblewrap: sudo apt install bubblewrap); NB=01 one lesson
	@$(SETUP) lab,grade
	@$(RUN) grade $(if $(RESUME),--resume) $(NB)

report:      ## one page about the class that was graded last, in grading/report/; NB=01 one lesson
	@$(SETUP) lab,grade
	@$(RUN) report $(NB)

hostile:     ## grade a class of attackers and see that nobody earns an undeserved point
	@$(SETUP) lab,grade,dev
	@.venv/bin/python -m tests.hostile

doctor:      ## look at this installation and say what to mend
	@$(SETUP)
	@$(RUN) doctor

figures:     ## draw the pictures of the lessons again
	@$(SETUP) lab,grade,dev
	@$(RUN) figures

data:        ## make the files of data/ again and compare them with what is there
	@$(SETUP) lab,grade,dev
	@$(RUN) data

experiments: ## compute the stored runs of data/runs.npz again; NAME=adding one of them, CHECK=1 writes nothing
	@$(SETUP) lab,grade,dev
	@$(RUN) experiments $(if $(CHECK),--check) $(NAME)

bench:       ## the maths beside PyTorch, a GPU if any, grading beside stock nbgrader; writes benchmarks/RESULTS.md, about 40 minutes
	@$(SETUP) lab,grade,dev,torch
	@.venv/bin/python -m benchmarks

clean:       ## throw away build/ (your work/ and .venv stay)
	@rm -rf build
