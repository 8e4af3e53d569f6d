"""The package beside others with a BLAS or an HDF5 of their own: the same numbers wherever it stands among the imports."""

import hashlib
import subprocess
import sys

NEIGHBOURS = ["numpy", "scipy", "h5py", "netCDF4", "sklearn"]


def momentumflow():
    import momentumflow as mf

    problem = mf.gaussian(40, 60, 3)
    limit = mf.limit(problem, lambda_=1)
    # A file that HDF5 reads: with the library's own, whatever else is loaded.
    again = mf.limit(mf.Problem({"design": "neighbours.nc:X", "response": "neighbours.nc:y"}), lambda_=1)
    return limit.theta_inf, again.theta_inf


def numpy():
    import numpy as np

    a = np.random.default_rng(1).standard_normal((300, 200))
    return a.T @ a, np.linalg.svd(a, compute_uv=False)


def scipy():
    import numpy as np
    import scipy.linalg

    a = np.random.default_rng(2).standard_normal((200, 200))
    return scipy.linalg.solve(a, a[0]), scipy.linalg.blas.dgemm(1.0, a, a)


def h5py():
    import h5py
    import numpy as np

    with h5py.File("neighbours.h5", "w") as file:
        file.create_dataset("a", data=np.arange(10000.0), chunks=True, compression="gzip")
    with h5py.File("neighbours.h5") as file, h5py.File("neighbours.nc") as other:
        return file["a"][:], other["X"][:]


def netCDF4():  # noqa: N802: the package's name
    import netCDF4
    import numpy as np

    with netCDF4.Dataset("neighbours-4.nc", "w") as file:
        file.createDimension("sample", 1000)
        file.createVariable("a", "f8", ("sample",), zlib=True)[:] = np.arange(1000.0)
    with netCDF4.Dataset("neighbours-4.nc") as file, netCDF4.Dataset("neighbours.nc") as other:
        return file["a"][:].data, other["X"][:].data


def sklearn():
    import numpy as np
    from sklearn.linear_model import Lasso, Ridge

    a = np.random.default_rng(3).standard_normal((60, 100))
    return Lasso(alpha=0.1).fit(a, a[:, 0]).coef_, Ridge().fit(a, a[:, 0]).coef_


def digest(name):
    return hashlib.sha256(b"".join(part.tobytes() for part in globals()[name]())).hexdigest()[:12]


def in_order(order):
    """Each used once, as it is imported, and once more when all are there."""
    found = {name: digest(name) for name in order}
    for name in reversed(order):
        assert digest(name) == found[name], f"{name} gives other numbers when all are loaded: {order}"
    return " ".join(f"{name}={found[name]}" for name in sorted(found))


def main():
    import netCDF4 as files
    import numpy as np

    a = np.random.default_rng(4).standard_normal((20, 30))
    with files.Dataset("neighbours.nc", "w") as file:
        file.createDimension("sample", 20)
        file.createDimension("feature", 30)
        file.createVariable("X", "f8", ("sample", "feature"), zlib=True)[:] = a
        file.createVariable("y", "f8", ("sample",))[:] = a[:, 0] - a[:, 1]
    orders = [
        [*others[:place], "momentumflow", *others[place:]]
        for others in (NEIGHBOURS, NEIGHBOURS[::-1])
        for place in range(len(NEIGHBOURS) + 1)
    ]
    results = {
        subprocess.run([sys.executable, __file__, *order], check=True, capture_output=True, text=True).stdout
        for order in orders
    }
    assert len(results) == 1, "\n".join(sorted(results))
    print(f"the same numbers in {len(orders)} orders of imports: {results.pop().strip()}")


if __name__ == "__main__":
    if sys.argv[1:]:
        print(in_order(sys.argv[1:]))
    else:
        main()
