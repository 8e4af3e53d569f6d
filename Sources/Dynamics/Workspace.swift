/// Zeroed memory for doubles on 64-byte boundaries, handed out piece by piece and freed together with its owner.
public final class Workspace {
  private var pieces: [UnsafeMutablePointer<Double>] = []

  /// Nothing yet.
  public init() {}

  deinit {
    for piece in pieces { piece.deallocate() }
  }

  /// `count` zeros.
  public func zeros(_ count: Int) -> UnsafeMutablePointer<Double> {
    let piece = UnsafeMutableRawPointer.allocate(byteCount: 8 * max(count, 1), alignment: 64)
      .initializeMemory(as: Double.self, repeating: 0, count: max(count, 1))
    pieces.append(piece)
    return piece
  }
}
