import CMomentumFlow
import Dynamics
import Experiments
import FoundationEssentials

/// The JSON that a text of C holds. Throws `InvalidInput` for what is none.
func json(_ text: UnsafePointer<CChar>?, _ subject: String) throws(InvalidInput) -> JSONValue {
  guard let text else { throw InvalidInput(subject, because: "it is missing", remedy: "give it as JSON") }
  do {
    return try JSONDecoder().decode(JSONValue.self, from: Data(String(cString: text).utf8))
  } catch {
    throw InvalidInput(
      subject, because: "it is not JSON", remedy: "give an object, as the experiment files of mgf run are")
  }
}

private let version = Text(Provenance.version)
private let keys = Text(JSONValue.object(Experiment.keys).text())

@c @implementation public func mf_version() -> UnsafePointer<CChar>! { version.pointer }

@c @implementation public func mf_keys() -> UnsafePointer<CChar>! { keys.pointer }
