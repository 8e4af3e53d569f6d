import LinearAlgebra

/// Settles what is process-wide before any work: linear algebra runs on one thread, so that its bits never depend on
/// the number of cores.
public func prepareLibraries() {
  Arithmetic.useOneThread()
}
