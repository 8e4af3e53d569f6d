#!/bin/sh
# wheel-use.sh: what the installed wheel can do without any other package than NumPy, in the current folder.
set -eu
python - <<'END'
import numpy as np
import momentumflow as mf

limit = mf.limit(mf.gaussian(20, 30, 3), lambda_=1)
assert limit.outcome == "reached" and limit.theta_inf.shape == (30,), limit
flow = mf.solve(mf.gaussian(20, 30, 3), lambda_=1, until=10)
assert flow.outcome == "reached", flow
np.savez_compressed("x.npz", X=mf.gaussian(20, 30, 3).X)
np.save("y.npy", mf.gaussian(20, 30, 3).y)
np.save("limit.npy", limit.theta_inf)
END
mgf solve --gaussian 20,30,3 --lambda 1 --until 10 --samples 11 --output x.nc --force --quiet > /dev/null
[ "$(head -c 4 x.nc | tail -c 3)" = HDF ] || { echo "x.nc is no NetCDF-4 file" >&2; exit 1; }
mgf limit --design x.npz --response y.npy --lambda 1 --json --quiet > limit.json
cat > study.yaml <<'END'
name: small
problem: {gaussian: {samples: 5, features: 10, nonzeros: 2}}
method: mgf
axes: {lambda: [0.1, 1.0], seed: [1, 2]}
stop: {delta_tolerance: 1e-6}
END
mgf sweep study.yaml --output small.sqlite --quiet > /dev/null
mgf sweep export small.sqlite small.nc --force > /dev/null
mgf sweep export small.sqlite small.csv --force > /dev/null
[ "$(wc -l < small.csv)" = 5 ] || { echo "the sweep has not four runs" >&2; exit 1; }
python - <<'END'
import json
import numpy as np
import momentumflow as mf

with open("limit.json") as file:
    found = np.array(json.load(file)["theta_inf"])
assert np.allclose(found, np.load("limit.npy"), rtol=0, atol=1e-9), "the tool and the library differ"
# The library opens libzip and NetCDF, too.
problem = {"design": "x.npz", "response": "y.npy"}
again = mf.run({"command": "limit", "problem": problem, "motion": {"lambda": 1}})
assert np.array_equal(again.theta_inf, found), "an experiment of the tool and the same of the library differ"
print("momentumflow", mf.__version__, "with NumPy", np.__version__)
END
