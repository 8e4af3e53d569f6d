import CMomentumFlow
import Dynamics

/// Why something cannot be done: `mf_error`.
final class ErrorHandle: Handle, @unchecked Sendable {
  let code: mf_code
  let error: InvalidInput

  init(_ error: InvalidInput, _ code: mf_code = MF_INVALID_INPUT) { (self.error, self.code) = (error, code) }
}

extension Wording {
  /// As keywords of Python.
  static let keywords = Wording { field, value in
    let name = field.name == "lambda" ? "lambda_" : field.name
    return value.map { "\(name)=\($0)" } ?? name
  }

  init(_ wording: mf_wording) { self = wording == MF_KEYWORDS ? .keywords : .plain }
}

@c @implementation public func mf_error_code(_ error: OpaquePointer!) -> mf_code {
  ErrorHandle.of(error)?.code ?? MF_INVALID_INPUT
}

@c @implementation public func mf_error_field(_ error: OpaquePointer!) -> UnsafePointer<CChar>! {
  text(error, "field") { (handle: ErrorHandle) in handle.error.field?.rawValue }
}

@c @implementation public func mf_error_subject(_ error: OpaquePointer!, _ wording: mf_wording) -> UnsafePointer<CChar>!
{
  text(error, "subject \(wording.rawValue)") { (handle: ErrorHandle) in handle.error.subject.text(Wording(wording)) }
}

@c @implementation public func mf_error_reason(_ error: OpaquePointer!, _ wording: mf_wording) -> UnsafePointer<CChar>!
{
  text(error, "reason \(wording.rawValue)") { (handle: ErrorHandle) in handle.error.reason.text(Wording(wording)) }
}

@c @implementation public func mf_error_remedy(_ error: OpaquePointer!, _ wording: mf_wording) -> UnsafePointer<CChar>!
{
  text(error, "remedy \(wording.rawValue)") { (handle: ErrorHandle) in handle.error.remedy?.text(Wording(wording)) }
}

@c @implementation public func mf_error_free(_ error: OpaquePointer!) { ErrorHandle.release(error) }

/// What `body` makes; NULL and an error where it cannot.
func attempt(
  _ error: UnsafeMutablePointer<OpaquePointer?>?, _ body: () throws(InvalidInput) -> Handle
) -> OpaquePointer? {
  do throws(InvalidInput) {
    let made = try body()
    error?.pointee = nil
    return made.retained()
  } catch let fault {
    error?.pointee = ErrorHandle(fault).retained()
    return nil
  }
}
