import TestSupport
import Testing

/// NumPy files and archives, gzipped or not, as NumPy writes them: bit by bit what it turns into float64.
@Suite struct NumPyInputTests {
  @Test(.enabled(if: PythonCases.python != nil, "MGF_PYTHON names no Python with NumPy; make test sets it"))
  func readsWhatNumPyReads() throws {
    try InputCase.check(moreThan: 150, Self.script)
  }

  private static let script = #"""
    import gzip, io, pickle, struct, zipfile

    def good(file, x): cases.append({"file": os.path.abspath(file), "bits": bits(x)})
    def bad(file, says): cases.append({"file": os.path.abspath(file), "refused": says})
    def raw(file, data):
        with open(file, "wb") as f: f.write(data)
    def npy(x, version=None):
        f = io.BytesIO(); np.lib.format.write_array(f, x, version, allow_pickle=True); return f.getvalue()

    rng = np.random.default_rng(5)
    kinds = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "g"]
    for kind in kinds:
        for order in "<>":
            dtype = np.dtype(kind).newbyteorder(order)
            x = (rng.standard_normal((5, 7)) * 50)
            x = (abs(x) if dtype.kind in "u?" else x).astype(kind)
            if dtype.kind == "b": x[1, 2] = False
            if dtype.kind == "f": x[1, 3] = 0; x[2, 2] = -np.finfo(kind).tiny if kind != "g" else np.longdouble(2) ** -1070; x[4, 4] = 1
            x = x.astype(dtype)
            for version in ((1, 0), (2, 0), (3, 0)):
                file = f"{dtype.kind}{dtype.itemsize}{'l' if order == '<' else 'b'}{version[0]}"
                raw(file, npy(x, version)); good(file, x)
                raw(file + "F.npy", npy(np.asfortranarray(x), version)); good(file + "F.npy", x)
            raw(file + ".vector", npy(x[1])); good(file + ".vector", x[1])
            raw(file + ".gz", gzip.compress(npy(x))); good(file + ".gz", x)
    # Long doubles to the last bit, through the numbers below the normal doubles, whatever stands behind them.
    x = np.array([np.longdouble(1) + np.longdouble(2) ** -53, np.longdouble(1) + np.longdouble(2) ** -53 + np.longdouble(2) ** -63, np.longdouble(1) / 3, 0,
                  -np.longdouble(2) ** -1074, np.longdouble(2) ** -1075, np.longdouble(3) * np.longdouble(2) ** -1076, np.longdouble(5) * np.longdouble(2) ** -1075, np.longdouble(2) ** -1080,
                  np.longdouble(1) / 3 * np.longdouble(2) ** -1030, np.longdouble(2) ** -1022 - np.longdouble(2) ** -1080, np.finfo("f8").max])
    for k in range(2):
        raw(f"long{k}.vector", npy(x)); good(f"long{k}.vector", x.astype("f8"))
        x.view("u1").reshape(-1, 16)[:, 10:] = 0x3F
    raw("longhuge.vector", npy(np.array([1, np.longdouble(10) ** 400]))); bad("longhuge.vector", "entry [1] (counted from 0): inf is not a finite number")
    # Floats of 128 bits under the same name: 1, 2, 3; and one half of 1/3.
    quad = b"".join(bytes(14) + struct.pack("<H", e) if m == 0 else bytes(12) + struct.pack("<HH", m, e) for e, m in ((0x3FFF, 0), (0x4000, 0), (0x4000, 0x8000)))
    header = npy(np.zeros(3, "g"))[:-48]
    raw("quad.vector", header + quad); bad("quad.vector", "long doubles of another kind of processor")
    raw("quad2.vector", header + quad[:32] + bytes.fromhex("55" * 14 + "fd3f")); bad("quad2.vector", "long doubles of another kind of processor")

    x = np.arange(6.0).reshape(2, 3)
    for name, dtype, says in (("complex", "c16", "complex numbers, of type <c16"), ("complex8", "c8", "complex numbers"), ("str", "U3", "text, of type <U3"), ("bytes", "S3", "text, of type |S3"), ("object", object, "Python objects"), ("date", "M8[s]", "dates, of type <M8[s]"), ("span", "m8[s]", "spans of time"), ("void", "V8", "raw bytes"), ("record", [("shape", "f8"), ("b", "i4")], "records of several fields")):
        a = np.zeros((2, 3), dtype) if name in ("void", "record") else x.astype("i8").astype(dtype)
        raw(name, npy(a)); bad(name, says)
        raw(name + ".gz", gzip.compress(npy(a))); bad(name + ".gz", says)
    for name, shape in (("point", ()), ("line", (6,)), ("cube", (1, 2, 3))):
        raw(name, npy(x.reshape(shape) if name != "point" else np.float64(1))); bad(name, "its shape is (" )
    for shape in ((0, 3), (3, 0), (0,), (0, 2**62)):
        raw(f"empty{shape}", npy(np.zeros(shape, "?") if shape[-1] < 9 else np.zeros((0, 3), "?")).replace(b"(0, 3), }" + b" " * 20, b"(0, 4611686018427387904), }    ") if shape[-1] > 9 else npy(np.zeros(shape))); bad(f"empty{shape}", "it is empty: its shape is (")

    def header(text, data=x.tobytes(), version=1, pad=64):
        size = (10 if version == 1 else 12) + len(text) + 1
        text = text + " " * (-size % pad) + "\n"
        return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text.encode() + data

    for k, text in enumerate((
        "{'descr': '<f8', 'fortran_order': False, 'shape': (np.int64(2), np.int64(3)), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (np.int64(2), 3)}",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (numpy.int32(2), np.uint8(3),), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 3L), }",
        "{\"shape\": (2, 3), \"descr\": \"<f8\", \"fortran_order\": False}",
        "{'shape':(2,3),'fortran_order':False,'descr':'<f8'}",
        "  { 'descr' : '<f8' , 'fortran_order' : False , 'shape' : ( 2 , 3 ) , }  ",
    )):
        for pad in (1, 16, 64, 4096):
            raw(f"header{k}-{pad}", header(text, pad=pad)); good(f"header{k}-{pad}", x)
    for k, (text, says) in enumerate((
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (-2, 3), }", "no type, order and shape"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2.0, 3), }", "no type, order and shape"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': 6, }", "no type, order and shape"),
        ("{'descr': '<f8', 'fortran_order': 0, 'shape': (2, 3), }", "no type, order and shape"),
        ("{'descr': '<f8', 'shape': (2, 3), }", "no type, order and shape"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), 'more': 1}", "no type, order and shape"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)", "no type, order and shape"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 99999999999999999999), }", "no type, order and shape"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "it is cut short"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 4), }", "it is cut short"),
        ("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }", "16 bytes follow its array"),
        ("{'descr': '<f3', 'fortran_order': False, 'shape': (2, 3), }", "of type <f3"),
        ("{'descr': '<i16', 'fortran_order': False, 'shape': (2, 3), }", "of type <i16"),
    )):
        raw(f"wrong{k}", header(text)); bad(f"wrong{k}", says)
    # The same in a stream, which has no size.
    for k, (shape, says) in enumerate((((2, 4), "it is cut short"), ((2, 2), "more bytes follow"), ((2**31, 2**31), "cut short"), ((2**40, 3), "which this machine has no memory for"))):
        raw(f"stream{k}.gz", gzip.compress(header("{'descr': '<f8', 'fortran_order': False, 'shape': %s, }" % (shape,)))); bad(f"stream{k}.gz", says)
    for name, kind, value in (("i8", "i8", 2**53 + 1), ("u8", "u8", 2**64 - 1)):
        a = np.array([[1, value]], kind); raw(name, npy(a)); bad(name, "entry [0, 1] (counted from 0): no double equals")
    for value in (np.nan, np.inf, -np.inf):
        for kind in ("f2", "f4", "f8", "g"):
            raw(f"{kind}{value}", npy(np.array([[1, 2], [3, value]], kind))); bad(f"{kind}{value}", f"entry [1, 1] (counted from 0): {value} is not")

    # Archives: by the name, the only one that fits, packed or not.
    y, z = np.array([1.5, -2.5]), np.arange(6, dtype="f4").reshape(3, 2)
    np.savez("both.data", X=x, y=y); np.savez_compressed("packed", X=x, y=y); np.savez("one", x); np.savez("two", X=x, Z=z, y=y)
    os.rename("both.data.npz", "both.data")
    big = rng.standard_normal((300, 400)); np.savez_compressed("big", X=big, y=y); good("big.npz", big)
    for file in ("both.data", "packed.npz"):
        good(file, x); good(file + ":X", x); good(file + ":X.npy", x)
        os.link(file, "vector-" + file); good("vector-" + file, y); good("vector-" + file + ":y", y)
        bad(file + ":y", "its shape is (2,); two dimensions"); bad(file + ":w", "no array of that name; it has X, y")
        bad("vector-" + file + ":X", "its shape is (2, 3); one dimension")
    good("one.npz", x); good("one.npz:arr_0", x); good("two.npz:Z", z)
    bad("two.npz", "it holds several arrays of two dimensions: X, Z")
    np.savez("lines", y=y, w=y); bad("lines.npz", "it holds no array of two dimensions")
    np.savez("vector-column", a=x, b=y[:, None]); good("vector-column.npz", y)
    np.savez("objects", X=x.astype(object), y=y); bad("objects.npz", "it holds no array of two dimensions"); bad("objects.npz:X", "Python objects")
    whole = open("packed.npz", "rb").read()
    raw("cut.npz", whole[:-30]); bad("cut.npz", "a zip archive that cannot be opened")
    place = whole.index(b"X.npy") + 40
    raw("flip.npz", whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1:]); bad("flip.npz:X", "flip.npz:X: it is damaged")
    stored = open("both.data", "rb").read(); place = stored.index(x.tobytes()) + 9
    raw("crc.npz", stored[:place] + bytes([stored[place] ^ 1]) + stored[place + 1:]); bad("crc.npz:X", "it is damaged (CRC error)")
    with zipfile.ZipFile("bomb.npz", "w", zipfile.ZIP_DEFLATED) as f:
        f.writestr("X.npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", bytes(200 << 20)))
        f.writestr("Y.npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (%d, 3), }" % 2**40, bytes(20 << 20)))
    bad("bomb.npz:X", "more bytes follow its array"); bad("bomb.npz:Y", "which this machine has no memory for")
    with zipfile.ZipFile("other.npz", "w") as f: f.writestr("readme.txt", "none")
    bad("other.npz", "it is a zip archive; unpack it")
    with zipfile.ZipFile("book.csv", "w") as f: f.writestr("[Content_Types].xml", "<x/>"); f.writestr("xl/workbook.xml", "<x/>")
    bad("book.csv", "it is an Excel workbook (zip); save the sheet as CSV")
    raw("pickle.npy", pickle.dumps(x)); bad("pickle.npy", "it is a Python pickle")
    raw("name.npy", b"0,1,2\n3,4,5\n"); good("name.npy", x)
    raw("name.nc", b"0,1,2\n3,4,5\n"); good("name.nc", x)
    raw("a:b.csv", b"0,1,2\n3,4,5\n"); good("a:b.csv", x)
    raw("gone", npy(x)); bad("gone:X", "arrays have no names in a NumPy file")
    raw("gone.gz", gzip.compress(npy(x))[:-4]); bad("gone.gz", "cut short")
    raw("tail.gz", gzip.compress(npy(x)) + b"x"); bad("tail.gz", "something else follows")
    """#
}
