import TestSupport
import Testing

/// NetCDF files of every type with every attribute, as netCDF4 writes them: entry by entry what xarray and netCDF4 read,
/// and refused where one of them sees no number.
@Suite struct NetCDFInputTests {
  @Test(.enabled(if: PythonCases.python != nil, "MGF_PYTHON names no Python with xarray; make test sets it"))
  func readsWhatOthersRead() throws {
    try InputCase.check(moreThan: 300, Self.script)
  }

  private static let script = """
    import netCDF4, xarray as xr

    def judge(file, name="X", exact=None, default_byte=False):
        # Every reader may see missing entries: what one of them masks is no number for us.
        with xr.open_dataset(file, decode_times=False) as ds: x = ds[name].values
        with netCDF4.Dataset(file) as ds: m = ds[name][...]
        x = np.asarray(x)
        # But all bytes are numbers unless _FillValue is one, as NUG and xarray say.
        missing = np.isnan(x) if x.dtype.kind == "f" else np.zeros(x.shape, bool)
        if not default_byte: missing = missing | np.ma.getmaskarray(m)
        if exact is None: exact = x
        if missing.any():
            place = ", ".join(str(k) for k in np.argwhere(missing)[0])
            cases.append({"file": os.path.abspath(file), "refused": f"entry [{place}] (counted from 0): it is missing"})
        else:
            assert np.allclose(np.asarray(exact, "f8"), np.asarray(x, "f8"), rtol=1e-6), (file, exact, x)
            cases.append({"file": os.path.abspath(file), "bits": bits(exact)})

    def write(file, kind, data, attributes, format="NETCDF4", fill=None, name="X"):
        with netCDF4.Dataset(file, "w", format=format) as ds:
            dims = []
            for k, extent in enumerate(data.shape):
                dims.append(f"d{k}"); ds.createDimension(f"d{k}", extent)
            v = ds.createVariable(name, kind, dims, fill_value=fill)
            v.set_auto_maskandscale(False)
            for a, value in attributes.items(): v.setncattr(a, value)
            v[...] = data

    def refused(file, *args, says, **kw):
        write(file, *args, **kw)
        cases.append({"file": os.path.abspath(file), "refused": says})

    kinds = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]
    classic = ["i1", "i2", "i4", "f4", "f8"]
    base = np.arange(1, 13).reshape(3, 4)
    for kind in kinds:
        t = np.dtype(kind).type
        data = base.astype(kind)
        other = data.copy(); other[1, 2] = 99; other[2, 0] = 98
        default = data.copy(); default[1, 2] = netCDF4.default_fillvals[kind]
        variants = {
            "plain": (data, {}, None), "special": (other, {}, None), "default": (default, {}, None),
            "fill": (other, {}, t(99)), "unused-fill": (data, {}, t(99)), "default-but-fill": (default, {}, t(99)),
            "missing": (other, {"missing_value": t(98)}, None), "unused-missing": (data, {"missing_value": t(98)}, None),
            "both": (other, {"missing_value": t(98)}, t(99)), "several": (other, {"missing_value": np.array([97, 98, 99], kind)}, None),
            "default-missing": (default, {"missing_value": t(98)}, None),
            "min": (data, {"valid_min": t(2)}, None), "max": (data, {"valid_max": t(11)}, None),
            "range": (data, {"valid_range": np.array([1, 9], kind)}, None),
            "wide": (data, {"valid_min": t(0), "valid_max": t(100)}, None),
            "range-fill": (other, {"valid_range": np.array([0, 120], kind)}, t(99)),
            "wrong-type": (other, {"missing_value": np.float64(99)}, None),
            "wrong-type-int": (other, {"missing_value": np.int32(98)}, None),
            "scalar-arrays": (data, {"scale_factor": np.array([0.5]), "add_offset": np.array([1.25])}, None),
        }
        for scale, offset in ((0.5, None), (None, -2.0), (0.001, 0.0), (-0.25, 7.0), (1e3, 1e-3)):
            a = {}
            if scale is not None: a["scale_factor"] = scale
            if offset is not None: a["add_offset"] = offset
            variants[f"packed{scale}{offset}"] = (data, a, None)
            variants[f"packed-fill{scale}{offset}"] = (other, a, t(99))
            variants[f"packed-range{scale}{offset}"] = (data, {**a, "valid_range": np.array([1, 7], kind)}, None)
        variants["packed-float"] = (data, {"scale_factor": np.float32(0.1), "add_offset": np.float32(3)}, None)
        for name, (x, a, fill) in variants.items():
            formats = ["NETCDF4", "NETCDF3_64BIT_DATA"] + (["NETCDF3_CLASSIC", "NETCDF3_64BIT_OFFSET"] if kind in classic else [])
            for format in formats if name in ("plain", "default", "fill", "missing") else formats[:1]:
                file = f"{kind}-{name}-{format}.nc"
                write(file, kind, x, a, format, fill)
                exact = x.astype("f8") * np.float64(np.ravel(a.get("scale_factor", 1))[0]) + np.float64(np.ravel(a.get("add_offset", 0))[0])
                if kind in ("i8", "u8") and name == "default-but-fill":
                    cases.append({"file": os.path.abspath(file), "refused": "no double equals"})
                else: judge(file, exact=exact, default_byte=kind[1] == "1" and name.startswith("default"))
        # Vectors, and shapes that are none.
        write(f"{kind}-vector.nc", kind, data[0], {}); judge(f"{kind}-vector.nc")
        write(f"{kind}-vector-column.nc", kind, data[:, :1], {}); judge(f"{kind}-vector-column.nc")
        refused(f"{kind}-vector-fill.nc", kind, data[0], {}, fill=t(3), says="entry [2] (counted from 0): it is missing")
        # Unpacking that says nothing.
        for value in (0.0, np.nan, np.inf):
            refused(f"{kind}-scale-{value}.nc", kind, data, {"scale_factor": value}, says="attribute scale_factor: it is")
        refused(f"{kind}-offset.nc", kind, data, {"add_offset": np.nan}, says="attribute add_offset: it is nan")
        for a in ("scale_factor", "add_offset", "missing_value", "valid_min", "valid_max", "valid_range"):
            refused(f"{kind}-text-{a}.nc", kind, data, {a: "99"}, says=f'attribute {a}: it is text ("99")')
        refused(f"{kind}-long-scale.nc", kind, data, {"scale_factor": [1.0, 2.0]}, says="attribute scale_factor: it has 2 values")
        refused(f"{kind}-short-range.nc", kind, data, {"valid_range": t(1)}, says="attribute valid_range: it has 1 values")

    # Whole numbers whose sign an attribute turns.
    for kind, low in (("i1", -128), ("i2", -32768), ("i4", -2**31)):
        data = np.array([[low, -1, 0], [1, -2, low + 1]], kind)
        unsigned = data.view("u" + kind[1])
        write(f"{kind}-unsigned.nc", kind, data, {"_Unsigned": "true"}, fill=False if kind != "i1" else None)
        judge(f"{kind}-unsigned.nc", exact=unsigned)
        write(f"{kind}-unsigned-fill.nc", kind, data, {"_Unsigned": "true"}, fill=np.dtype(kind).type(-2)); judge(f"{kind}-unsigned-fill.nc")
        write(f"{kind}-unsigned-packed.nc", kind, data[:, 2:], {"_Unsigned": "true", "scale_factor": 0.5}, fill=np.dtype(kind).type(-2))
        judge(f"{kind}-unsigned-packed.nc", exact=unsigned[:, 2:] * 0.5)
        refused(f"{kind}-unsigned-range.nc", kind, data, {"_Unsigned": "true", "valid_range": np.array([0, -2], kind)},
                says="entry [0, 1] (counted from 0): it is missing (" + str(int(unsigned[0, 1])) + " is outside valid_range")
        refused(f"{kind}-unsigned-odd.nc", kind, data, {"_Unsigned": "yes"}, says="attribute _Unsigned: it is neither")
    write("u1-signed.nc", "u1", np.array([[200, 3], [127, 128]], "u1"), {"_Unsigned": "false"})
    judge("u1-signed.nc", exact=np.array([[-56, 3], [127, -128]]))
    write("i8-unsigned.nc", "i8", np.array([[-2**63, 3], [1, 2]], "i8"), {"_Unsigned": "true"})
    cases.append({"file": os.path.abspath("i8-unsigned.nc"), "bits": bits(np.array([[2.0**63, 3], [1, 2]]))})

    # Whole numbers that no double equals, and some that one does.
    for kind, good, bad in (("i8", -2**63, 2**53 + 1), ("u8", 2**63, 2**64 - 1)):
        write(f"{kind}-large.nc", kind, np.array([[1, good]], kind), {}); judge(f"{kind}-large.nc")
        refused(f"{kind}-inexact.nc", kind, np.array([[1, bad]], kind), {}, says=f"entry [0, 1] (counted from 0): no double equals the whole number {bad}")
        refused(f"{kind}-inexact-fill.nc", kind, np.array([[1, bad]], kind), {}, fill=np.dtype(kind).type(bad), says=f"it is missing (it equals _FillValue, {bad})")
    # A float that only the variable's precision makes equal.
    refused("f4-rounded.nc", "f4", np.array([[1, 1e20]], "f4"), {"missing_value": np.float64(1e20)}, says="entry [0, 1] (counted from 0): it is missing")
    # NUG and CF differ on units of a range in the type of the unpacked numbers: neither is guessed.
    refused("range-units.nc", "i2", np.array([[1, 2000]], "i2"), {"scale_factor": 0.001, "valid_range": np.array([-5.0, 5.0])}, says="entry [0, 1] (counted from 0): it is missing (2000 is outside valid_range; valid_range is stated in another type")
    refused("nan-range.nc", "f8", np.array([[1, 2.0]]), {"valid_max": np.nan}, says="attribute valid_max: it is not a number")
    for name, value in (("nan", np.nan), ("inf", np.inf)):
        refused(f"{name}.nc", "f8", np.array([[1, value]]), {}, says=f"entry [0, 1] (counted from 0): {name} is not a finite number")
        refused(f"{name}-vector.nc", "f4", np.array([1, value]), {}, says=f"entry [1] (counted from 0): {name} is not a finite number")
    refused("nan-fill.nc", "f8", np.array([[1, np.nan]]), {}, fill=np.nan, says="entry [0, 1] (counted from 0): it is missing (it equals _FillValue, nan)")
    # Made without fills, the same number is one.
    with netCDF4.Dataset("nofill.nc", "w") as ds:
        ds.createDimension("a", 1); ds.createDimension("b", 2)
        v = ds.createVariable("X", "i4", ("a", "b"), fill_value=False); v.set_auto_maskandscale(False)
        v[:] = [[1, -2147483647]]
    cases.append({"file": os.path.abspath("nofill.nc"), "bits": bits([1, -2147483647])})
    # Records never written.
    for format in ("NETCDF4", "NETCDF3_CLASSIC"):
        for kind in ("i2", "i4", "f4", "f8"):
            file = f"records-{kind}-{format}.nc"
            with netCDF4.Dataset(file, "w", format=format) as ds:
                ds.createDimension("t", None); ds.createDimension("b", 3)
                ds.createVariable("X", kind, ("t", "b"))[0:2] = np.ones((2, 3))
                ds.createVariable("y", "f8", ("t",))[0:4] = np.arange(4.0)
            judge(file)
    # Other types, by their names; groups; coordinates; transposed as stored.
    with netCDF4.Dataset("types.nc", "w") as ds:
        ds.createDimension("a", 2); ds.createDimension("b", 2)
        ds.createVariable("chars", "S1", ("a", "b")); ds.createVariable("strings", str, ("a", "b"))
        ds.createVariable("records", ds.createCompoundType(np.dtype([("u", "f8"), ("v", "f8")]), "pair"), ("a", "b"))
        ds.createVariable("lists", ds.createVLType(np.int32, "ragged"), ("a", "b"))
        ds.createVariable("enum", ds.createEnumType(np.int8, "cloud", {"clear": 0, "rain": 1}), ("a", "b"), fill_value=0)
        ds.createVariable("cube", "f8", ("a", "b", "a")); ds.createVariable("point", "f8", ())
    types = os.path.abspath("types.nc")
    for name, says in (("chars", "characters"), ("strings", "strings"), ("records", "records of several fields (the compound type pair)"), ("lists", "lists of varying lengths (the type ragged)"), ("enum", "names of values (the enumeration cloud)"), ("cube", "its shape is (2, 2, 2)"), ("point", "its shape is ()"), ("nix", "the file has no variable of that name")):
        cases.append({"file": f"{types}:{name}", "refused": says})
    cases.append({"file": types, "refused": "it holds no numeric variable of two dimensions (the entries of chars are characters)"})
    with netCDF4.Dataset("groups.nc", "w") as ds:
        g = ds.createGroup("a").createGroup("b")
        g.createDimension("m", 2); g.createDimension("n", 3)
        g.createVariable("X", "f4", ("m", "n"))[:] = base[:2, :3]
    for name in ("", ":a/b/X", ":/a/b/X"):
        cases.append({"file": os.path.abspath("groups.nc") + name, "bits": bits(base[:2, :3])})
    ds = xr.Dataset({"y": ("s", [1.5, 2.5])}, {"s": [10, 20], "weight": ("s", [7.0, 8.0]), "j": ("k", [1, 2, 3])})
    ds.to_netcdf("coordinates-vector.nc")
    cases.append({"file": os.path.abspath("coordinates-vector.nc"), "bits": bits([1.5, 2.5])})
    cases.append({"file": os.path.abspath("coordinates-vector.nc") + ":weight", "bits": bits([7.0, 8.0])})
    ds = xr.Dataset({"X": (("s", "f"), base * 0.001)})
    for name, encoding in (("i2", {"dtype": "i2", "scale_factor": 0.001, "add_offset": 0.0, "_FillValue": -32768}), ("u1", {"dtype": "u1", "scale_factor": 0.0001, "_FillValue": 255}), ("old", {"dtype": "i1", "scale_factor": 0.0001, "_FillValue": -1, "_Unsigned": "true"}), ("f4", {"dtype": "f4"}), ("z", {"zlib": True, "chunksizes": (2, 3), "shuffle": True, "fletcher32": True})):
        file = f"xarray-{name}.nc"
        ds.to_netcdf(file, encoding={"X": encoding})
        with netCDF4.Dataset(file) as raw:
            raw.set_auto_maskandscale(False); v = raw["X"]; stored = v[...]
            if name == "old": stored = stored.view("u1")
        judge(file, exact=stored.astype("f8") * encoding.get("scale_factor", 1.0) + encoding.get("add_offset", 0.0))
    xr.Dataset({"X": (("s", "f"), np.array([[True, False], [False, True]]))}).to_netcdf("bool.nc")
    judge("bool.nc")
    """
}
