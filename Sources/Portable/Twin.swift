/// The arithmetic that the native library and the browser share, written a second time from exactly rounded operations only:
/// +, −, ×, ÷ and the square root, in a fixed order, without the mathematics library and without fused operations.
///
/// Its results have the same bits on every machine, WebAssembly included. It knows the two-layer diagonal network with the
/// square loss: gradient flow and momentum gradient flow by Taylor series, heavy ball and Nesterov, their limits by projection,
/// and the comparison of both. What follows from its numbers in words and tables is left to the caller.
public enum Twin {}
