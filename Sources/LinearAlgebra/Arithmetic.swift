import CKernels
import COpenBLAS

/// Process-wide settings of the linear algebra library.
public enum Arithmetic {
  /// One thread, so that results do not depend on the number of cores.
  public static func useOneThread() { openblas_set_num_threads(1) }

  /// The instruction set that the kernels of this package use: bits depend on it.
  public static var instructionSet: String { ["baseline", "avx2", "avx512"][Int(mgf_instruction_level())] }

  /// The version and configuration of OpenBLAS.
  public static var libraryVersion: String {
    openblas_get_config().map { String(cString: $0) } ?? "unknown"
  }
}
