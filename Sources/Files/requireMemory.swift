import Dynamics
import FoundationEssentials

/// Throws `InvalidInput` when `bytes` are more than this machine has: better than being killed half-way.
package func requireMemory(_ bytes: Double, for subject: Message, remedy: Message) throws(InvalidInput) {
  let memory = Double(ProcessInfo.processInfo.physicalMemory)
  guard bytes <= memory else {
    throw InvalidInput(
      subject,
      because: "it takes about \(short(bytes / 1e9, digits: 3)) GB where this machine has "
        + "\(short(memory / 1e9, digits: 3)) GB", remedy: remedy)
  }
}
